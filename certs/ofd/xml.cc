// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/xml.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr absl::string_view kNamespace = "http://www.ofdspec.org/2016";
constexpr absl::string_view kOldNamespace = "http://www.ofdspec.org";

// Looks for what pugixml lets pass: doubled attributes.
class DoubledAttributes : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    names_.clear();
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      names_.emplace_back(attribute.name());
    }
    std::sort(names_.begin(), names_.end());
    found_ = std::adjacent_find(names_.begin(), names_.end()) != names_.end();
    return !found_;
  }
  bool found() const { return found_; }

 private:
  std::vector<absl::string_view> names_;
  bool found_ = false;
};

// Where the tag that begins at `at` ends: at the next '>' outside quotes. Its attributes are as
// many as its equals signs outside quotes.
size_t EndOfTag(absl::string_view bytes, size_t at, size_t* attributes) {
  for (; at < bytes.size() && bytes[at] != '>'; ++at) {
    if (bytes[at] == '=') ++*attributes;
    if (bytes[at] != '"' && bytes[at] != '\'') continue;
    at = bytes.find(bytes[at], at + 1);
    if (at == absl::string_view::npos) return at;
  }
  return at < bytes.size() ? at : absl::string_view::npos;
}

// Where the markup that begins with '<' at `at` ends: the last of its characters.
size_t EndOfMarkup(absl::string_view bytes, size_t at, size_t* attributes) {
  const absl::string_view rest = bytes.substr(at);
  const auto behind = [&](absl::string_view end, size_t from) {
    const size_t found = bytes.find(end, at + from);
    return found == absl::string_view::npos ? found : found + end.size() - 1;
  };
  if (absl::StartsWith(rest, "<!--")) return behind("-->", 4);
  if (absl::StartsWith(rest, "<![CDATA[")) return behind("]]>", 9);
  if (absl::StartsWith(rest, "<?")) return behind("?>", 2);
  if (absl::StartsWith(rest, "</")) return behind(">", 2);
  return EndOfTag(bytes, at, attributes);
}

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

// Takes what the file needs from what the package has left.
absl::Status TakeRoom(absl::string_view bytes, XmlReading* reading) {
  if (bytes.size() > std::min(kMaxXmlBytes, reading->bytes_left)) {
    return XmlError("XML_SIZE", "more XML than a document needs");
  }
  reading->bytes_left -= bytes.size();
  const XmlSize size = MeasureXml(bytes);
  if (size.attributes > kMaxXmlAttributes) {
    return XmlError("XML_ATTRIBUTES", "an element with too many attributes");
  }
  if (size.depth > kMaxXmlDepth) return XmlError("XML_DEPTH", "elements nested too deep");
  if (size.nodes > std::min(kMaxXmlNodes, reading->nodes_left)) {
    return XmlError("XML_NODES", "more elements and attributes than a document needs");
  }
  reading->nodes_left -= size.nodes;
  return absl::OkStatus();
}

}  // namespace

XmlSize MeasureXml(absl::string_view bytes) {
  XmlSize size;
  size_t open = 0;
  for (size_t at = bytes.find('<'); at != absl::string_view::npos; at = bytes.find('<', at)) {
    size_t attributes = 0;
    const size_t end = EndOfMarkup(bytes, at, &attributes);
    size.nodes += 1 + attributes;
    size.attributes = std::max(size.attributes, attributes);
    if (end == absl::string_view::npos) break;  // unfinished: the parser stops there as well
    const char kind = at + 1 < bytes.size() ? bytes[at + 1] : ' ';
    if (kind == '/') {
      if (open > 0) --open;
    } else if (kind != '!' && kind != '?') {
      size.depth = std::max(size.depth, open + 1);
      if (bytes[end - 1] != '/') ++open;
    }
    at = end + 1;
  }
  return size;
}

absl::Status XmlError(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(reason, ": ", message));
}

absl::StatusOr<XmlDocument> ParseXml(absl::string_view bytes, bool ofd_namespace,
                                     XmlReading* reading) {
  if (absl::StartsWith(bytes, "\xef\xbb\xbf")) {
    bytes.remove_prefix(3);
    reading->warnings.insert("XML_BOM");
  }
  RETURN_IF_ERROR(CheckText(bytes));
  RETURN_IF_ERROR(TakeRoom(bytes, reading));
  auto document = std::make_unique<pugi::xml_document>();
  if (!document->load_buffer(bytes.data(), bytes.size(), pugi::parse_default,
                             pugi::encoding_utf8)) {
    return XmlError("XML_MALFORMED", "not well-formed");
  }
  DoubledAttributes doubled;
  document->traverse(doubled);
  if (doubled.found()) return XmlError("XML_MALFORMED", "an attribute stands twice");
  const auto roots = document->children();
  const auto elements = std::count_if(roots.begin(), roots.end(), [](const pugi::xml_node& node) {
    return node.type() == pugi::node_element;
  });
  if (elements != 1) return XmlError("XML_MALFORMED", "not exactly one root element");
  if (ofd_namespace) {
    const std::string space = NamespaceOf(document->document_element());
    if (space == kOldNamespace) {
      reading->warnings.insert("XML_OLD_NAMESPACE");
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
