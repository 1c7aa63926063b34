// SPDX-License-Identifier: Apache-2.0
// What an OFD package refers to: reachable files, signatures, metadata, text. Rule F6.
//
// Follows DocRoot, pages, templates, resources, fonts, media, annotations, tags, attachments,
// extensions and versions from OFD.xml. XML is read without DTD or entities. Thread-safe: pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/ofd/reader.h"

namespace birthseal::certs::ofd {

struct PageInfo {
  std::string id;
  double width_mm = 0, height_mm = 0;
};

struct StampAnnot {
  std::string page_ref;
  double x = 0, y = 0, w = 0, h = 0;
};

// One entry of Signatures.xml with its Signature.xml read.
struct SignatureEntry {
  std::string id;
  std::string type = "Seal";   // Seal or Sign
  std::string signature_path;  // of Signature.xml
  std::string signed_value_path;
  std::string seal_path;  // empty: none named
  std::string signature_method, check_method, signature_date_time;
  std::vector<std::pair<std::string, std::string>> references;  // FileRef as resolved, raw digest
  std::vector<StampAnnot> stamps;
  std::vector<std::string> problems;  // reason codes found while reading it
};

struct Structure {
  std::string document_id;                          // DocID
  std::map<std::string, std::string> custom_datas;  // DocInfo/CustomDatas
  // Files reached from OFD.xml, itself included; those of the signatures are named below.
  std::set<std::string> reachable;
  std::vector<PageInfo> pages;
  std::string signatures_path;  // empty: none
  std::vector<SignatureEntry> signatures;
  std::map<std::string, std::string> attachments;  // Attachment@Name -> path
  std::map<std::string, std::string> texts;        // TextObject ID -> text, all pages
  std::map<std::string, std::string> tags;         // tag element name -> joined text referenced
  std::map<std::string, std::vector<std::string>> tag_objects;  // tag element name -> object IDs
  bool has_annotations = false;
  bool has_versions = false;
  std::vector<std::string> warnings;
};

// Errors: kInvalidArgument with a reason code first ("XML_DTD: ...", "STRUCTURE_DOC_BODY: ...").
absl::StatusOr<Structure> ReadStructure(const OpenPackage& package);

}  // namespace birthseal::certs::ofd
