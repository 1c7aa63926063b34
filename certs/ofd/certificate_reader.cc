// SPDX-License-Identifier: Apache-2.0
// Reads our own document back and compares the four places where each value stands.
#include <optional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "certs/errors.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/structure.h"
#include "certs/ofd/xml.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

absl::Status Mismatch(absl::string_view key) {
  return Error(absl::StatusCode::kDataLoss, "DATA_MISMATCH", absl::StrCat("DATA_MISMATCH: ", key),
               key);
}

std::optional<uint64_t> Number(const pugi::xml_node& root, absl::string_view name) {
  const std::vector<pugi::xml_node> found = Children(root, name);
  uint64_t value = 0;
  if (found.size() != 1 || !absl::SimpleAtoi(TextOf(found[0]), &value)) return std::nullopt;
  return value;
}

std::string Text(const pugi::xml_node& root, absl::string_view name) {
  const std::vector<pugi::xml_node> found = Children(root, name);
  return found.size() == 1 ? RawTextOf(found[0]) : "";
}

// The record, from which all other places are made again.
absl::StatusOr<DocumentInput> ReadRecord(const std::string& xml) {
  XmlReading reading;
  const absl::StatusOr<XmlDocument> document = ParseXml(xml, false, &reading);
  if (!document.ok()) return Mismatch("record");
  const pugi::xml_node root = (*document)->document_element();
  DocumentInput input;
  std::string canonical, problem;
  if (!absl::Base64Unescape(Text(root, "Face"), &canonical)) return Mismatch("Face");
  absl::StatusOr<Face> face = ParseFace(canonical);
  if (!face.ok()) return Mismatch("Face");
  input.face = *std::move(face);
  input.licence_id = Text(root, "LicenceId");
  input.licence_type_code = Text(root, "LicenceTypeCode");
  input.document_id = Text(root, "DocumentId");
  input.supersedes = Text(root, "Supersedes");
  if (!absl::ParseTime(absl::RFC3339_sec, Text(root, "SigningTime"), &input.signing_time,
                       &problem)) {
    return Mismatch("SigningTime");
  }
  const std::optional<uint64_t> status_index = Number(root, "StatusIndex");
  const std::optional<uint64_t> log_epoch = Number(root, "LogEpoch");
  const std::optional<uint64_t> intent_index = Number(root, "IntentIndex");
  if (!status_index) return Mismatch("StatusIndex");
  if (!log_epoch) return Mismatch("LogEpoch");
  if (!intent_index) return Mismatch("IntentIndex");
  input.status_index = *status_index;
  input.log_epoch = *log_epoch;
  input.intent_index = *intent_index;
  return input;
}

// Readable elements of the record against its canonical bytes: writing it again must give the
// very same file.
absl::Status CheckRecord(const std::string& xml, const DocumentInput& input,
                         const std::vector<FaceLine>& lines) {
  if (xml == RecordXml(input, lines)) return absl::OkStatus();
  for (const FaceLine& line : lines) {
    std::string element = absl::StrCat("<Field Key=\"", line.key, "\" Label=\"", line.label, "\">");
    AppendEscaped(line.text, &element);
    if (xml.find(element + "</Field>") == std::string::npos) return Mismatch(line.key);
  }
  return Mismatch("record");
}

absl::Status CheckCustomDatas(const std::map<std::string, std::string>& found,
                              const CustomDatas& expected) {
  for (const auto& [name, value] : expected) {
    if (found.count(name) == 0 || found.at(name) != value) return Mismatch(name);
  }
  return found.size() == expected.size() ? absl::OkStatus() : Mismatch("CustomDatas");
}

// Tags name every text of the page once, and their texts are those of the face: nothing else is
// written on it.
absl::Status CheckVisible(const Structure& structure, const std::vector<FaceLine>& lines) {
  size_t tagged = 0;
  std::set<std::string> ids;
  for (const FaceLine& line : lines) {
    const std::string key(line.key);
    if (structure.tags.count(key) == 0 || structure.tags.at(key) != line.text) return Mismatch(key);
    for (const std::string& id : structure.tag_objects.at(key)) {
      ids.insert(id);
      ++tagged;
    }
  }
  if (structure.tags.size() != lines.size()) return Mismatch("tags");
  if (ids.size() != tagged || ids.size() != structure.texts.size()) return Mismatch("page");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReadBack> ReadCertificate(const OpenPackage& package) {
  ASSIGN_OR_RETURN(const Structure structure, ReadStructure(package));
  return ReadCertificate(package, structure);
}

bool CarriesOurMark(const Structure& structure) {
  return structure.attachments.count(kRecordName) > 0 ||
         structure.attachments.count(kReceiptName) > 0;
}

absl::StatusOr<ReadBack> ReadCertificate(const OpenPackage& package, const Structure& structure) {
  const std::map<std::string, std::string>& named = structure.attachments;
  if (named.count(kRecordName) == 0 || package.files.count(named.at(kRecordName)) == 0) {
    return Error(absl::StatusCode::kNotFound, "NOT_OUR_DOCUMENT",
                 "the document holds no record of a birth certificate");
  }
  // A certificate whose receipt was left out is still ours to judge: the receipt reads as empty.
  const bool has_receipt =
      named.count(kReceiptName) > 0 && package.files.count(named.at(kReceiptName)) > 0;
  const std::string& xml = package.files.at(named.at(kRecordName));
  ASSIGN_OR_RETURN(DocumentInput input, ReadRecord(xml));
  const std::vector<FaceLine> lines = FaceLines(input.face);
  RETURN_IF_ERROR(CheckRecord(xml, input, lines));
  RETURN_IF_ERROR(CheckCustomDatas(structure.custom_datas, CustomDatasOf(input, lines)));
  RETURN_IF_ERROR(CheckVisible(structure, lines));
  if (structure.document_id != input.document_id) return Mismatch("DocID");
  if (structure.pages.size() != 1) return Mismatch("pages");
  // A doubled name or identifier, a missing file: ours have none.
  for (const std::string& warning : structure.warnings) {
    if (has_receipt || warning != "STRUCTURE_MISSING_FILE") return Mismatch(warning);
  }
  ReadBack back;
  back.face = std::move(input.face);
  back.licence_id = std::move(input.licence_id);
  back.document_id = std::move(input.document_id);
  if (has_receipt) back.receipt = package.files.at(named.at(kReceiptName));
  back.supersedes = std::move(input.supersedes);
  back.status_index = input.status_index;
  back.log_epoch = input.log_epoch;
  back.intent_index = input.intent_index;
  return back;
}

}  // namespace birthseal::certs::ofd
