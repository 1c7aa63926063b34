// SPDX-License-Identifier: Apache-2.0
// XML as OFD uses it, read strictly: no DTD, no entities, no second encoding, bounded depth.
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

// Errors: kInvalidArgument XML_DTD, XML_ENCODING, XML_MALFORMED, XML_DEPTH, XML_NAMESPACE (a root
// outside the OFD namespaces, only when `ofd_namespace`). An older namespace or a byte order mark
// adds XML_OLD_NAMESPACE or XML_BOM to `warnings`.
absl::StatusOr<XmlDocument> ParseXml(absl::string_view bytes, bool ofd_namespace,
                                     std::set<std::string>* warnings);

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
