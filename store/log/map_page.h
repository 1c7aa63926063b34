// SPDX-License-Identifier: Apache-2.0
// One page of the uniqueness map (唯一性映射): four levels of the prefix tree of
// certs/proof/map_proof.h below one prefix of whole nibbles (4 bits).
//
// A page of depth d holds all labels with its d nibbles and divides them by the next one into 16
// branches. A branch is empty, a leaf (one label and its value), or a subtree (two labels or more:
// only their hash, the page of depth d + 1 has the rest). So a label stands in the deepest page
// that has more than it. Bytes: FORMAT.md §2. A page belongs to one thread until it is shared as
// const.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/map_proof.h"

namespace birthseal::store {

inline constexpr int kMapNibbles = 64;  // of a label; pages have depths 0 to 63
inline constexpr int kPageBranches = 16;

struct MapLeaf {
  certs::MapLabel label;
  uint64_t value = 0;
};

int NibbleAt(const certs::MapLabel& label, int depth);

class MapPage {
 public:
  enum class Branch : uint8_t { kEmpty = 0, kLeaf = 1, kSubtree = 2 };

  // Hashes all of the page once. Errors: kDataLoss "MAP_PAGE_DAMAGED" not the bytes of a page that
  // can stand under this key (keys.h, MapPageKey).
  static absl::StatusOr<MapPage> Decode(absl::string_view key, absl::string_view bytes);
  std::string Encode() const;

  Branch KindAt(int branch) const { return static_cast<Branch>(nodes_[First(branch)].labels); }
  // Requires kLeaf.
  const MapLeaf& LeafAt(int branch) const { return leaves_[LeafPosition(branch)]; }
  // Of the branch's subtree; zeros: empty.
  const certs::Digest& HashAt(int branch) const { return nodes_[First(branch)].hash; }
  // Of the whole page.
  const certs::Digest& Hash() const { return nodes_[1].hash; }
  const std::vector<MapLeaf>& leaves() const { return leaves_; }

  // Each hashes the four nodes above the branch.
  void SetLeaf(int branch, const MapLeaf& leaf);
  void SetSubtree(int branch, const certs::Digest& hash);

  // Goes on with a proof through this page of `depth`: adds siblings and, where the path ends here,
  // its end. True: the path goes on in the child page of the label's branch.
  bool Descend(int depth, certs::MapProof* proof) const;

 private:
  struct Node {
    certs::Digest hash{};
    uint8_t labels = 0;  // 2: two or more
  };
  static size_t First(int branch) {
    return static_cast<size_t>(kPageBranches) + static_cast<size_t>(branch);
  }
  size_t LeafPosition(int branch) const;
  void HashNode(size_t node);
  void HashAbove(int branch);

  std::array<Node, size_t{2} * kPageBranches>
      nodes_;                    // a heap: 1 is the top, 16 to 31 are the branches
  std::vector<MapLeaf> leaves_;  // in the order of the branches
};

}  // namespace birthseal::store
