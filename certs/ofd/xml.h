// SPDX-License-Identifier: Apache-2.0
// XML as OFD uses it, read strictly: no DTD, no entities, no second encoding, bounded in every way.
// Rule F2.
//
// A parser keeps some 100 bytes for a node that is written in 4, so what a file would cost is
// counted before anything is parsed. The limits are far above real documents: a certificate's
// largest file has 700 nodes, a page of text about 1,000.
//
// Elements are found by local name whatever their prefix, so that a second element under another
// prefix counts as a duplicate. Thread-safe: pure. Internal to certs/ofd.
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs::ofd {

using XmlDocument = std::unique_ptr<pugi::xml_document>;

// What one file may hold.
inline constexpr size_t kMaxXmlBytes = 8u << 20;
inline constexpr size_t kMaxXmlNodes = 500'000;  // tags, comments and attributes
inline constexpr size_t kMaxXmlAttributes = 64;  // of one element
inline constexpr size_t kMaxXmlDepth = 64;

struct XmlSize {
  size_t nodes = 0;
  size_t attributes = 0;  // of the element that has most
  size_t depth = 0;
};
// One pass without memory; never less than a parser would find.
XmlSize MeasureXml(absl::string_view bytes);

// The reading of one package: what was odd, and how much may still come.
struct XmlReading {
  std::set<std::string> warnings;
  size_t bytes_left = 32u << 20;
  size_t nodes_left = 2'000'000;
};

// Errors: kInvalidArgument XML_DTD, XML_ENCODING, XML_MALFORMED, XML_NAMESPACE (a root outside the
// OFD namespaces, only when `ofd_namespace`); XML_SIZE, XML_NODES (of the file or of the package),
// XML_ATTRIBUTES, XML_DEPTH. An older namespace or a byte order mark adds XML_OLD_NAMESPACE or
// XML_BOM to the warnings.
absl::StatusOr<XmlDocument> ParseXml(absl::string_view bytes, bool ofd_namespace,
                                     XmlReading* reading);

absl::string_view LocalName(const pugi::xml_node& node);
// All character data directly below `node`, trimmed. Comments do not cut it short.
std::string TextOf(const pugi::xml_node& node);
std::string RawTextOf(const pugi::xml_node& node);
std::string Attribute(const pugi::xml_node& node, absl::string_view name);

std::vector<pugi::xml_node> Children(const pugi::xml_node& node, absl::string_view name);
// The only child of that name, or a null node. Errors: kInvalidArgument XML_DUPLICATE.
absl::StatusOr<pugi::xml_node> OnlyChild(const pugi::xml_node& node, absl::string_view name);
// As above; a missing child is kInvalidArgument XML_MISSING.
absl::StatusOr<pugi::xml_node> RequiredChild(const pugi::xml_node& node, absl::string_view name);

absl::Status XmlError(absl::string_view reason, absl::string_view message);

}  // namespace birthseal::certs::ofd
