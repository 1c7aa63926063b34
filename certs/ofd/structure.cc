// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/structure.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/ofd/signature_list.h"
#include "certs/ofd/xml.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr size_t kMaxPages = 1000;
constexpr size_t kMaxTexts = 200'000;
constexpr size_t kMaxTagBytes = 32u << 20;  // all of a package's XML once

// Width and height of a "x y w h" box; zeros when malformed.
void ReadBox(absl::string_view text, double* width, double* height) {
  const std::vector<absl::string_view> box =
      absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  if (box.size() != 4 || !absl::SimpleAtod(box[2], width) || !absl::SimpleAtod(box[3], height)) {
    *width = *height = 0;
  }
}

class StructureReader {
 public:
  explicit StructureReader(const OpenPackage& package) : package_(package) {}
  absl::StatusOr<Structure> Read();

 private:
  absl::Status ReadInfo(const pugi::xml_node& body);
  absl::Status ReadVersions(const std::string& path, std::vector<std::string>* roots);
  absl::Status ReadDocument(const std::string& path);
  absl::Status ReadCommonData(const std::string& path, const pugi::xml_node& common);
  absl::Status ReadPage(const std::string& document, const pugi::xml_node& page);
  // `info` is null for a template page, whose texts are not collected.
  absl::Status ReadPageFile(const std::string& path, PageInfo* info);
  absl::Status ReadResource(const std::string& path);
  absl::Status ReadAnnotations(const std::string& path);
  absl::Status ReadTags(const std::string& path);
  absl::Status ReadTagFile(const std::string& path);
  absl::Status ReadAttachments(const std::string& path);
  absl::Status ReadExtensions(const std::string& path);
  void CollectTexts(const pugi::xml_node& node);
  void CollectTags(const pugi::xml_node& node);
  absl::Status JoinTags();

  // Marks the file that `base` refers to as reached and gives its path; empty when it is not in
  // the package, which is a warning.
  absl::StatusOr<std::string> Reach(const std::string& base, absl::string_view reference);
  // As Reach, for an optional child element that holds a path.
  absl::StatusOr<std::string> ReachChild(const std::string& base, const pugi::xml_node& node,
                                         absl::string_view name);
  // Parses a reached file; null when it has been read before.
  absl::StatusOr<XmlDocument> Open(const std::string& path, absl::string_view root);

  const OpenPackage& package_;
  Structure out_;
  std::set<std::string> opened_, skipped_;  // files read; templates that need not be
  XmlReading reading_;
};

absl::StatusOr<std::string> StructureReader::Reach(const std::string& base,
                                                   absl::string_view reference) {
  ASSIGN_OR_RETURN(std::string path, ResolvePath(base, reference));
  if (package_.files.count(path) == 0) {
    reading_.warnings.insert("STRUCTURE_MISSING_FILE");
    return std::string();
  }
  out_.reachable.insert(path);
  return path;
}

absl::StatusOr<std::string> StructureReader::ReachChild(const std::string& base,
                                                        const pugi::xml_node& node,
                                                        absl::string_view name) {
  ASSIGN_OR_RETURN(const pugi::xml_node child, OnlyChild(node, name));
  if (!child || TextOf(child).empty()) return std::string();
  return Reach(base, TextOf(child));
}

absl::StatusOr<XmlDocument> StructureReader::Open(const std::string& path, absl::string_view root) {
  if (path.empty() || !opened_.insert(path).second) return XmlDocument();
  ASSIGN_OR_RETURN(XmlDocument xml, ParseXml(package_.files.at(path), true, &reading_));
  if (!root.empty() && LocalName(xml->document_element()) != root) {
    return XmlError("STRUCTURE_ROOT", absl::StrCat("expected ", root));
  }
  return xml;
}

absl::Status StructureReader::ReadInfo(const pugi::xml_node& body) {
  ASSIGN_OR_RETURN(const pugi::xml_node info, RequiredChild(body, "DocInfo"));
  ASSIGN_OR_RETURN(const pugi::xml_node id, OnlyChild(info, "DocID"));
  out_.document_id = TextOf(id);
  RETURN_IF_ERROR(ReachChild("OFD.xml", info, "Cover").status());
  ASSIGN_OR_RETURN(const pugi::xml_node datas, OnlyChild(info, "CustomDatas"));
  for (const pugi::xml_node& data : Children(datas, "CustomData")) {
    if (!out_.custom_datas.emplace(Attribute(data, "Name"), RawTextOf(data)).second) {
      reading_.warnings.insert("CUSTOM_DATA_DUPLICATE");
    }
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadVersions(const std::string& path,
                                           std::vector<std::string>* roots) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "DocVersion"));
  if (xml == nullptr) return absl::OkStatus();
  const pugi::xml_node root = xml->document_element();
  ASSIGN_OR_RETURN(const pugi::xml_node list, OnlyChild(root, "FileList"));
  for (const pugi::xml_node& file : Children(list, "File")) {
    RETURN_IF_ERROR(Reach(path, TextOf(file)).status());
  }
  ASSIGN_OR_RETURN(const std::string document, ReachChild(path, root, "DocRoot"));
  if (!document.empty()) roots->push_back(document);
  return absl::OkStatus();
}

absl::Status StructureReader::ReadResource(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Res"));
  if (xml == nullptr) return absl::OkStatus();
  const pugi::xml_node root = xml->document_element();
  // Files stand relative to BaseLoc, which is relative to the resource file.
  std::string base = path;
  if (const std::string folder = Attribute(root, "BaseLoc"); !folder.empty() && folder != "/") {
    ASSIGN_OR_RETURN(base, ResolvePath(path, absl::StrCat(folder, "/-")));
  }
  for (const pugi::xml_node& fonts : Children(root, "Fonts")) {
    for (const pugi::xml_node& font : Children(fonts, "Font")) {
      RETURN_IF_ERROR(ReachChild(base, font, "FontFile").status());
    }
  }
  for (const pugi::xml_node& medias : Children(root, "MultiMedias")) {
    for (const pugi::xml_node& media : Children(medias, "MultiMedia")) {
      RETURN_IF_ERROR(ReachChild(base, media, "MediaFile").status());
    }
  }
  for (const pugi::xml_node& spaces : Children(root, "ColorSpaces")) {
    for (const pugi::xml_node& space : Children(spaces, "ColorSpace")) {
      const std::string profile = Attribute(space, "Profile");
      if (!profile.empty()) RETURN_IF_ERROR(Reach(base, profile).status());
    }
  }
  return absl::OkStatus();
}

void StructureReader::CollectTexts(const pugi::xml_node& node) {
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element || out_.texts.size() > kMaxTexts) continue;
    if (LocalName(child) != "TextObject") {
      CollectTexts(child);
      continue;
    }
    std::string text;
    for (const pugi::xml_node& code : Children(child, "TextCode")) text += RawTextOf(code);
    if (!out_.texts.emplace(Attribute(child, "ID"), std::move(text)).second) {
      reading_.warnings.insert("STRUCTURE_DUPLICATE_ID");
    }
  }
}

// A template says nothing but which resources it uses; most of its size is drawing. One that
// names none need not be parsed: neither a declaration nor a PageRes can hide in plain UTF-8.
bool NamesNothing(absl::string_view template_page) {
  return absl::StartsWith(template_page, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>") &&
         !absl::StrContains(template_page, "PageRes") && !absl::StrContains(template_page, '!');
}

absl::Status StructureReader::ReadPageFile(const std::string& path, PageInfo* info) {
  if (info == nullptr && !path.empty()) {
    if (skipped_.count(path) > 0) return absl::OkStatus();
    if (NamesNothing(package_.files.at(path))) {
      skipped_.insert(path);
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Page"));
  if (xml == nullptr) return absl::OkStatus();
  const pugi::xml_node root = xml->document_element();
  for (const pugi::xml_node& resource : Children(root, "PageRes")) {
    ASSIGN_OR_RETURN(const std::string file, Reach(path, TextOf(resource)));
    RETURN_IF_ERROR(ReadResource(file));
  }
  ASSIGN_OR_RETURN(const pugi::xml_node content, OnlyChild(root, "Content"));
  if (info != nullptr) CollectTexts(content);
  ASSIGN_OR_RETURN(const pugi::xml_node area, OnlyChild(root, "Area"));
  ASSIGN_OR_RETURN(const pugi::xml_node box, OnlyChild(area, "PhysicalBox"));
  if (info != nullptr && box) ReadBox(TextOf(box), &info->width_mm, &info->height_mm);
  return absl::OkStatus();
}

absl::Status StructureReader::ReadPage(const std::string& document, const pugi::xml_node& page) {
  ASSIGN_OR_RETURN(const std::string path, Reach(document, Attribute(page, "BaseLoc")));
  if (path.empty()) return XmlError("STRUCTURE_PAGE", "a page file is missing");
  return ReadPageFile(path, &out_.pages.back());
}

absl::Status StructureReader::ReadCommonData(const std::string& path,
                                             const pugi::xml_node& common) {
  for (const char* name : {"PublicRes", "DocumentRes"}) {
    for (const pugi::xml_node& resource : Children(common, name)) {
      ASSIGN_OR_RETURN(const std::string file, Reach(path, TextOf(resource)));
      RETURN_IF_ERROR(ReadResource(file));
    }
  }
  for (const pugi::xml_node& node : Children(common, "TemplatePage")) {
    ASSIGN_OR_RETURN(const std::string file, Reach(path, Attribute(node, "BaseLoc")));
    RETURN_IF_ERROR(ReadPageFile(file, nullptr));
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadAnnotations(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Annotations"));
  if (xml == nullptr) return absl::OkStatus();
  for (const pugi::xml_node& page : Children(xml->document_element(), "Page")) {
    out_.has_annotations = true;
    RETURN_IF_ERROR(ReachChild(path, page, "FileLoc").status());
  }
  return absl::OkStatus();
}

void StructureReader::CollectTags(const pugi::xml_node& node) {
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::vector<pugi::xml_node> references = Children(child, "ObjectRef");
    if (references.empty()) {
      CollectTags(child);
      continue;
    }
    std::vector<std::string> ids;
    ids.reserve(references.size());
    for (const pugi::xml_node& reference : references) ids.push_back(TextOf(reference));
    const std::string name(LocalName(child));
    if (!out_.tag_objects.emplace(name, std::move(ids)).second) {
      reading_.warnings.insert("TAG_DUPLICATE");
    }
  }
}

// What many tags point at is written out as often: a small file could ask for very much text.
absl::Status StructureReader::JoinTags() {
  size_t bytes = 0;
  for (const auto& [name, ids] : out_.tag_objects) {
    std::string& joined = out_.tags[name];
    for (const std::string& id : ids) {
      const auto text = out_.texts.find(id);
      if (text == out_.texts.end()) continue;
      bytes += text->second.size();
      if (bytes > kMaxTagBytes) return XmlError("STRUCTURE_TAGS", "tags repeat too much text");
      joined += text->second;
    }
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadTagFile(const std::string& path) {
  if (path.empty() || !opened_.insert(path).second) return absl::OkStatus();
  // Tag files have a namespace of their own, and some products write them badly: what cannot be
  // read is a warning, and no tag.
  const absl::StatusOr<XmlDocument> xml = ParseXml(package_.files.at(path), false, &reading_);
  if (!xml.ok()) {
    const std::string reason = ReasonOf(xml.status());
    if (reason != "XML_MALFORMED" && reason != "XML_ENCODING") return xml.status();
    reading_.warnings.insert("TAG_FILE");
    return absl::OkStatus();
  }
  CollectTags((*xml)->document_element());
  return absl::OkStatus();
}

absl::Status StructureReader::ReadTags(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "CustomTags"));
  if (xml == nullptr) return absl::OkStatus();
  for (const pugi::xml_node& tag : Children(xml->document_element(), "CustomTag")) {
    RETURN_IF_ERROR(ReachChild(path, tag, "SchemaLoc").status());
    ASSIGN_OR_RETURN(const std::string file, ReachChild(path, tag, "FileLoc"));
    RETURN_IF_ERROR(ReadTagFile(file));
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadAttachments(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Attachments"));
  if (xml == nullptr) return absl::OkStatus();
  for (const pugi::xml_node& node : Children(xml->document_element(), "Attachment")) {
    ASSIGN_OR_RETURN(std::string file, ReachChild(path, node, "FileLoc"));
    if (!out_.attachments.emplace(Attribute(node, "Name"), std::move(file)).second) {
      reading_.warnings.insert("ATTACHMENT_DUPLICATE");
    }
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadExtensions(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Extensions"));
  if (xml == nullptr) return absl::OkStatus();
  for (const pugi::xml_node& extension : Children(xml->document_element(), "Extension")) {
    for (const pugi::xml_node& data : Children(extension, "ExtendData")) {
      RETURN_IF_ERROR(Reach(path, TextOf(data)).status());
    }
  }
  return absl::OkStatus();
}

absl::Status StructureReader::ReadDocument(const std::string& path) {
  ASSIGN_OR_RETURN(const XmlDocument xml, Open(path, "Document"));
  if (xml == nullptr) return absl::OkStatus();
  const pugi::xml_node root = xml->document_element();
  ASSIGN_OR_RETURN(const pugi::xml_node common, RequiredChild(root, "CommonData"));
  RETURN_IF_ERROR(ReadCommonData(path, common));
  ASSIGN_OR_RETURN(const pugi::xml_node area, OnlyChild(common, "PageArea"));
  ASSIGN_OR_RETURN(const pugi::xml_node box, OnlyChild(area, "PhysicalBox"));
  ASSIGN_OR_RETURN(const pugi::xml_node pages, RequiredChild(root, "Pages"));
  for (const pugi::xml_node& page : Children(pages, "Page")) {
    if (out_.pages.size() == kMaxPages) return XmlError("STRUCTURE_PAGE", "too many pages");
    out_.pages.push_back({Attribute(page, "ID")});
    if (box) ReadBox(TextOf(box), &out_.pages.back().width_mm, &out_.pages.back().height_mm);
    RETURN_IF_ERROR(ReadPage(path, page));
  }
  ASSIGN_OR_RETURN(const std::string annotations, ReachChild(path, root, "Annotations"));
  RETURN_IF_ERROR(ReadAnnotations(annotations));
  ASSIGN_OR_RETURN(const std::string tags, ReachChild(path, root, "CustomTags"));
  RETURN_IF_ERROR(ReadTags(tags));
  ASSIGN_OR_RETURN(const std::string attachments, ReachChild(path, root, "Attachments"));
  RETURN_IF_ERROR(ReadAttachments(attachments));
  ASSIGN_OR_RETURN(const std::string extensions, ReachChild(path, root, "Extensions"));
  return ReadExtensions(extensions);
}

absl::StatusOr<Structure> StructureReader::Read() {
  if (package_.files.count("OFD.xml") == 0) return XmlError("STRUCTURE_ENTRY", "no OFD.xml");
  out_.reachable.insert("OFD.xml");
  ASSIGN_OR_RETURN(const XmlDocument xml, Open("OFD.xml", "OFD"));
  // Rule F3: a second DocBody would be a second document under the same seal.
  const std::vector<pugi::xml_node> bodies = Children(xml->document_element(), "DocBody");
  if (bodies.size() != 1) return XmlError("STRUCTURE_DOC_BODY", "not exactly one DocBody");
  const pugi::xml_node body = bodies[0];
  RETURN_IF_ERROR(ReadInfo(body));
  ASSIGN_OR_RETURN(const pugi::xml_node doc_root, RequiredChild(body, "DocRoot"));
  ASSIGN_OR_RETURN(const std::string main, Reach("OFD.xml", TextOf(doc_root)));
  if (main.empty()) return XmlError("STRUCTURE_DOC_ROOT", "DocRoot names no file");
  std::vector<std::string> roots = {main};
  ASSIGN_OR_RETURN(const pugi::xml_node versions, OnlyChild(body, "Versions"));
  for (const pugi::xml_node& version : Children(versions, "Version")) {
    out_.has_versions = true;
    ASSIGN_OR_RETURN(const std::string file, Reach("OFD.xml", Attribute(version, "BaseLoc")));
    RETURN_IF_ERROR(ReadVersions(file, &roots));
  }
  for (const std::string& root : roots) RETURN_IF_ERROR(ReadDocument(root));
  RETURN_IF_ERROR(JoinTags());
  ASSIGN_OR_RETURN(const pugi::xml_node signatures, OnlyChild(body, "Signatures"));
  if (signatures) {
    ASSIGN_OR_RETURN(out_.signatures_path, ResolvePath("OFD.xml", TextOf(signatures)));
    if (package_.files.count(out_.signatures_path) == 0) {
      return XmlError("STRUCTURE_SIGNATURES", "the list of signatures is missing");
    }
    ASSIGN_OR_RETURN(out_.signatures,
                     ReadSignatureList(package_, out_.signatures_path, out_.pages, &reading_));
  }
  out_.warnings.assign(reading_.warnings.begin(), reading_.warnings.end());
  return std::move(out_);
}

}  // namespace

absl::StatusOr<Structure> ReadStructure(const OpenPackage& package) {
  return StructureReader(package).Read();
}

}  // namespace birthseal::certs::ofd
