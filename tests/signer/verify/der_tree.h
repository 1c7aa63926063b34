// SPDX-License-Identifier: Apache-2.0
// DER as a tree, so that a test can do one wrong thing at each place of a good structure.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "signer/der/der.h"

namespace birthseal::tests {

struct DerNode {
  uint8_t tag = 0;
  bool closed = false;  // `content` is all of it; else the children are
  bool padded = false;  // written with more octets of length than it takes
  std::string content;
  std::vector<DerNode> children;
};

// Every constructed element is taken apart, but for those whose bytes are in `closed`.
inline DerNode TreeOf(const std::string& bytes, const std::set<std::string>& closed = {}) {
  absl::string_view whole = bytes;
  const signer::der::Element element = *signer::der::Read(&whole);
  DerNode node;
  node.tag = element.tag;
  node.content = std::string(element.content);
  node.closed = (element.tag & 0x20) == 0 || closed.count(bytes) > 0;
  absl::string_view rest = element.content;
  while (!node.closed && !rest.empty()) {
    node.children.push_back(TreeOf(std::string(signer::der::Read(&rest)->whole), closed));
  }
  return node;
}

inline std::string BytesOf(const DerNode& node) {
  std::string content = node.closed ? node.content : "";
  for (const DerNode& child : node.children) content += BytesOf(child);
  if (!node.padded) return signer::der::Tlv(node.tag, content);
  const size_t size = content.size();
  return absl::StrCat(std::string(1, static_cast<char>(node.tag)), "\x83",
                      std::string(1, static_cast<char>(size >> 16)),
                      std::string(1, static_cast<char>(size >> 8)),
                      std::string(1, static_cast<char>(size)), content);
}

// Where an element stands: the number of each element on the way to it.
using DerPath = std::vector<size_t>;

inline DerNode* At(const DerPath& path, DerNode* root) {
  for (const size_t i : path) root = &root->children.at(i);
  return root;
}

// Gives every place of `root` below the top.
inline void ForEachPlace(const DerNode& root, const std::function<void(const DerPath&)>& visit,
                         const DerPath& above = {}) {
  for (size_t i = 0; i < root.children.size(); ++i) {
    DerPath path = above;
    path.push_back(i);
    visit(path);
    ForEachPlace(root.children[i], visit, path);
  }
}

// One thing that is wrong at a place. `place` is never the top.
struct DerFault {
  const char* name;
  std::function<void(const DerPath& place, DerNode* root)> make;
};
inline std::vector<DerFault> DerFaults() {
  const auto above = [](const DerPath& place, DerNode* root) {
    return At(DerPath(place.begin(), place.end() - 1), root);
  };
  const auto of_no_field = [](uint8_t tag) { return uint8_t((tag & 0x20) | 0x90); };
  return {
      {"another tag",
       [=](const DerPath& place, DerNode* root) {
         DerNode* node = At(place, root);
         node->tag = of_no_field(node->tag);
       }},
      {"left out",
       [=](const DerPath& place, DerNode* root) {
         std::vector<DerNode>& siblings = above(place, root)->children;
         siblings.erase(siblings.begin() + static_cast<ptrdiff_t>(place.back()));
       }},
      {"twice",
       [=](const DerPath& place, DerNode* root) {
         std::vector<DerNode>& siblings = above(place, root)->children;
         const DerNode copy = siblings[place.back()];
         siblings.insert(siblings.begin() + static_cast<ptrdiff_t>(place.back()), copy);
       }},
      {"one more inside",
       [](const DerPath& place, DerNode* root) {
         DerNode* node = At(place, root);
         DerNode more;
         more.tag = 0x90;
         more.closed = true;
         if (!node->closed) node->children.push_back(more);
         if (node->closed && (node->tag & 0x20) != 0) node->content += BytesOf(more);
       }},
      {"nothing inside",
       [](const DerPath& place, DerNode* root) {
         At(place, root)->content.clear();
         At(place, root)->children.clear();
       }},
      {"a long length",
       [](const DerPath& place, DerNode* root) { At(place, root)->padded = true; }},
  };
}

}  // namespace birthseal::tests
