// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/xml.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::certs::ofd {
namespace {

constexpr absl::string_view kNamespace = "http://www.ofdspec.org/2016";
constexpr absl::string_view kOldNamespace = "http://www.ofdspec.org";
constexpr int kMaxDepth = 64;

// Looks at what pugixml lets pass: depth, doubled attributes.
class WellFormed : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (depth() > kMaxDepth) reason_ = "XML_DEPTH";
    for (auto a = node.first_attribute(); a; a = a.next_attribute()) {
      for (auto b = a.next_attribute(); b; b = b.next_attribute()) {
        if (std::strcmp(a.name(), b.name()) == 0) reason_ = "XML_MALFORMED";
      }
    }
    return reason_.empty();
  }
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

// Namespace of the root's own prefix.
std::string NamespaceOf(const pugi::xml_node& root) {
  const absl::string_view name = root.name();
  const size_t colon = name.find(':');
  if (colon == absl::string_view::npos) return root.attribute("xmlns").value();
  return root.attribute(absl::StrCat("xmlns:", name.substr(0, colon)).c_str()).value();
}

absl::Status CheckText(absl::string_view bytes) {
  if (absl::StrContains(bytes, absl::string_view("\0", 1)) || absl::StartsWith(bytes, "\xff\xfe") ||
      absl::StartsWith(bytes, "\xfe\xff")) {
    return XmlError("XML_ENCODING", "not UTF-8");
  }
  // Refused before parsing, wherever it stands: the only "<!" of ours are comments and CDATA.
  // Sought by its second character, which is rare.
  for (size_t at = bytes.find('!'); at != absl::string_view::npos; at = bytes.find('!', at + 1)) {
    if (at == 0 || bytes[at - 1] != '<') continue;
    const absl::string_view rest = bytes.substr(at + 1);
    if (!absl::StartsWith(rest, "--") && !absl::StartsWith(rest, "[CDATA[")) {
      return XmlError("XML_DTD", "a document type or entity declaration");
    }
  }
  if (absl::StartsWith(bytes, "<?xml")) {
    const std::string head = absl::AsciiStrToLower(bytes.substr(0, bytes.find("?>")));
    if (absl::StrContains(head, "encoding") && !absl::StrContains(head, "\"utf-8\"") &&
        !absl::StrContains(head, "'utf-8'")) {
      return XmlError("XML_ENCODING", "not UTF-8");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status XmlError(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(reason, ": ", message));
}

absl::StatusOr<XmlDocument> ParseXml(absl::string_view bytes, bool ofd_namespace,
                                     std::set<std::string>* warnings) {
  if (absl::StartsWith(bytes, "\xef\xbb\xbf")) {
    bytes.remove_prefix(3);
    warnings->insert("XML_BOM");
  }
  if (absl::Status status = CheckText(bytes); !status.ok()) return status;
  auto document = std::make_unique<pugi::xml_document>();
  if (!document->load_buffer(bytes.data(), bytes.size(), pugi::parse_default,
                             pugi::encoding_utf8)) {
    return XmlError("XML_MALFORMED", "not well-formed");
  }
  WellFormed walker;
  document->traverse(walker);
  if (!walker.reason().empty()) return XmlError(walker.reason(), "not well-formed or too deep");
  const auto roots = document->children();
  const auto elements = std::count_if(roots.begin(), roots.end(), [](const pugi::xml_node& node) {
    return node.type() == pugi::node_element;
  });
  if (elements != 1) return XmlError("XML_MALFORMED", "not exactly one root element");
  if (ofd_namespace) {
    const std::string space = NamespaceOf(document->document_element());
    if (space == kOldNamespace) {
      warnings->insert("XML_OLD_NAMESPACE");
    } else if (space != kNamespace) {
      return XmlError("XML_NAMESPACE", "not in the OFD namespace");
    }
  }
  return document;
}

absl::string_view LocalName(const pugi::xml_node& node) {
  const char* const name = node.name();
  const char* const colon = std::strrchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

std::string RawTextOf(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      text += child.value();
    }
  }
  return text;
}

std::string TextOf(const pugi::xml_node& node) {
  return std::string(absl::StripAsciiWhitespace(RawTextOf(node)));
}

std::string Attribute(const pugi::xml_node& node, absl::string_view name) {
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (attribute.name() == name) return attribute.value();
  }
  return "";
}

std::vector<pugi::xml_node> Children(const pugi::xml_node& node, absl::string_view name) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_element && LocalName(child) == name) found.push_back(child);
  }
  return found;
}

absl::StatusOr<pugi::xml_node> OnlyChild(const pugi::xml_node& node, absl::string_view name) {
  const std::vector<pugi::xml_node> found = Children(node, name);
  if (found.size() > 1) return XmlError("XML_DUPLICATE", name);
  return found.empty() ? pugi::xml_node() : found[0];
}

absl::StatusOr<pugi::xml_node> RequiredChild(const pugi::xml_node& node, absl::string_view name) {
  const std::vector<pugi::xml_node> found = Children(node, name);
  if (found.size() > 1) return XmlError("XML_DUPLICATE", name);
  if (found.empty()) return XmlError("XML_MISSING", name);
  return found[0];
}

}  // namespace birthseal::certs::ofd
