// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/signature_list.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr size_t kMaxSignatures = 100;
// Of one signature: a package has no more files, and a document no more pages.
constexpr size_t kMaxReferences = 2000, kMaxStamps = 1000;
constexpr size_t kMaxPathBytes = 512;  // as of an entry; paths stand in reports
constexpr size_t kDigestBytes = 32;
constexpr double kBoundaryTolerance = 0.5;  // mm: products round

// Reads one Signature.xml into its entry; every doubt is a reason code.
class SignatureFile {
 public:
  SignatureFile(const OpenPackage& package, const std::vector<PageInfo>& pages,
                SignatureEntry* entry)
      : package_(package), pages_(pages), entry_(*entry) {}

  void Read(XmlReading* reading);

 private:
  void Problem(absl::string_view code) {
    const std::string text(code);
    if (std::find(entry_.problems.begin(), entry_.problems.end(), text) == entry_.problems.end()) {
      entry_.problems.push_back(text);
    }
  }
  // The one child, or a null node and a problem when there is none or more than one.
  pugi::xml_node One(const pugi::xml_node& node, absl::string_view name, absl::string_view code) {
    absl::StatusOr<pugi::xml_node> child = RequiredChild(node, name);
    if (child.ok()) return *child;
    Problem(code);
    return {};
  }
  void ReadReferences(const pugi::xml_node& references);
  void ReadStamp(const pugi::xml_node& stamp);
  void ReadSeal(const pugi::xml_node& info);
  // Path of an existing file, or empty and a problem.
  std::string FileAt(absl::string_view reference, absl::string_view code);

  const OpenPackage& package_;
  const std::vector<PageInfo>& pages_;
  SignatureEntry& entry_;
};

std::string SignatureFile::FileAt(absl::string_view reference, absl::string_view code) {
  absl::StatusOr<std::string> path = ResolvePath(entry_.signature_path, reference);
  if (path.ok() && package_.files.count(*path) > 0) return *path;
  Problem(code);
  return "";
}

void SignatureFile::ReadReferences(const pugi::xml_node& references) {
  entry_.check_method = Attribute(references, "CheckMethod");
  const std::string method = absl::AsciiStrToUpper(entry_.check_method);
  if (method != "SM3" && method != "1.2.156.10197.1.401" && method != "1.2.156.10197.1.401.1") {
    Problem("SIGNATURE_CHECK_METHOD");
  }
  const std::vector<pugi::xml_node> all = Children(references, "Reference");
  if (all.size() > kMaxReferences) return Problem("REFERENCES_TOO_MANY");
  std::set<std::string> seen;
  for (const pugi::xml_node& reference : all) {
    const absl::StatusOr<std::string> path =
        ResolvePath(entry_.signature_path, Attribute(reference, "FileRef"));
    if (!path.ok() || path->size() > kMaxPathBytes) {
      Problem("REFERENCE_PATH");
      continue;
    }
    if (!seen.insert(*path).second) Problem("REFERENCE_DUPLICATE");
    std::string digest;
    const pugi::xml_node value = One(reference, "CheckValue", "REFERENCE_VALUE");
    if (!absl::Base64Unescape(TextOf(value), &digest) || digest.size() != kDigestBytes) {
      Problem("REFERENCE_VALUE");
    }
    entry_.references.emplace_back(*path, digest);
  }
  if (entry_.references.empty()) Problem("REFERENCES_EMPTY");
}

// Rule F9.
void SignatureFile::ReadStamp(const pugi::xml_node& stamp) {
  StampAnnot annot;
  annot.page_ref = Attribute(stamp, "PageRef");
  const std::string boundary = Attribute(stamp, "Boundary");
  const std::vector<absl::string_view> box =
      absl::StrSplit(boundary, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  if (box.size() != 4 || !absl::SimpleAtod(box[0], &annot.x) ||
      !absl::SimpleAtod(box[1], &annot.y) || !absl::SimpleAtod(box[2], &annot.w) ||
      !absl::SimpleAtod(box[3], &annot.h)) {
    Problem("STAMP_BOUNDARY");
  }
  const auto page = std::find_if(pages_.begin(), pages_.end(),
                                 [&](const PageInfo& info) { return info.id == annot.page_ref; });
  if (page == pages_.end()) {
    Problem("STAMP_PAGE");
  } else if (!(annot.x > -kBoundaryTolerance && annot.y > -kBoundaryTolerance && annot.w > 0 &&
               annot.h > 0 && annot.x + annot.w < page->width_mm + kBoundaryTolerance &&
               annot.y + annot.h < page->height_mm + kBoundaryTolerance)) {
    // A 骑缝章 (Clip) may reach over the edge by design: only its clip shows.
    if (Attribute(stamp, "Clip").empty()) Problem("STAMP_BOUNDARY");
  }
  entry_.stamps.push_back(std::move(annot));
}

void SignatureFile::ReadSeal(const pugi::xml_node& info) {
  const absl::StatusOr<pugi::xml_node> seal = OnlyChild(info, "Seal");
  if (!seal.ok()) return Problem("SIGNATURE_SEAL");
  if (!*seal) return;
  const pugi::xml_node base = One(*seal, "BaseLoc", "SIGNATURE_SEAL");
  if (base) entry_.seal_path = FileAt(TextOf(base), "SIGNATURE_SEAL");
}

void SignatureFile::Read(XmlReading* reading) {
  const auto file = package_.files.find(entry_.signature_path);
  if (file == package_.files.end()) return Problem("SIGNATURE_MISSING");
  const absl::StatusOr<XmlDocument> xml = ParseXml(file->second, true, reading);
  if (!xml.ok()) {
    Problem(ReasonOf(xml.status()));
    return Problem("SIGNATURE_XML");
  }
  const pugi::xml_node root = (*xml)->document_element();
  if (LocalName(root) != "Signature") Problem("SIGNATURE_XML");
  if (const auto value = One(root, "SignedValue", "SIGNATURE_VALUE")) {
    entry_.signed_value_path = FileAt(TextOf(value), "SIGNATURE_VALUE");
  }
  const pugi::xml_node info = One(root, "SignedInfo", "SIGNATURE_INFO");
  if (!info) return;
  if (const absl::StatusOr<pugi::xml_node> method = OnlyChild(info, "SignatureMethod");
      method.ok()) {
    entry_.signature_method = TextOf(*method);
  } else {
    Problem("SIGNATURE_METHOD");
  }
  if (const absl::StatusOr<pugi::xml_node> time = OnlyChild(info, "SignatureDateTime"); time.ok()) {
    entry_.signature_date_time = TextOf(*time);
  }
  if (const auto references = One(info, "References", "REFERENCES")) ReadReferences(references);
  const std::vector<pugi::xml_node> stamps = Children(info, "StampAnnot");
  if (stamps.size() > kMaxStamps) return Problem("STAMPS_TOO_MANY");
  for (const pugi::xml_node& stamp : stamps) ReadStamp(stamp);
  ReadSeal(info);
}

}  // namespace

absl::StatusOr<std::vector<SignatureEntry>> ReadSignatureList(const OpenPackage& package,
                                                              const std::string& path,
                                                              const std::vector<PageInfo>& pages,
                                                              XmlReading* reading) {
  ASSIGN_OR_RETURN(const XmlDocument xml, ParseXml(package.files.at(path), true, reading));
  const pugi::xml_node root = xml->document_element();
  if (LocalName(root) != "Signatures") {
    return XmlError("STRUCTURE_SIGNATURES", "no list of signatures");
  }
  if (Children(root, "MaxSignId").size() > 1) reading->warnings.insert("SIGNATURES_MAX_ID_TWICE");
  std::vector<SignatureEntry> entries;
  std::set<std::string> ids, paths, values;
  for (const pugi::xml_node& node : Children(root, "Signature")) {
    if (entries.size() == kMaxSignatures) {
      return XmlError("STRUCTURE_SIGNATURES", "too many signatures");
    }
    SignatureEntry entry;
    entry.id = Attribute(node, "ID");
    if (node.attribute("Type")) entry.type = Attribute(node, "Type");
    if (entry.type != "Seal" && entry.type != "Sign") entry.problems.push_back("SIGNATURE_TYPE");
    if (entry.id.empty() || !ids.insert(entry.id).second) entry.problems.push_back("SIGNATURE_ID");
    absl::StatusOr<std::string> base = ResolvePath(path, Attribute(node, "BaseLoc"));
    if (base.ok() && paths.insert(*base).second) {
      entry.signature_path = *std::move(base);
      SignatureFile(package, pages, &entry).Read(reading);
    } else {
      entry.problems.push_back("SIGNATURE_PATH");
    }
    // Each signature has its own value: one large value is not parsed and hashed again and again.
    if (!entry.signed_value_path.empty() && !values.insert(entry.signed_value_path).second) {
      entry.problems.push_back("SIGNATURE_VALUE_SHARED");
      entry.signed_value_path.clear();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace birthseal::certs::ofd
