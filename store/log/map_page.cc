// SPDX-License-Identifier: Apache-2.0
#include "store/log/map_page.h"

#include <algorithm>
#include <optional>

#include "certs/errors.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

using certs::Digest;
using certs::MapLabel;

constexpr size_t kLabelSize = 32, kValueSize = 8;

// Any label under this key; nothing: no key of a page.
std::optional<MapLabel> LabelUnder(absl::string_view key) {
  const int depth = key.empty() ? kMapNibbles : static_cast<uint8_t>(key[0]);
  if (depth >= kMapNibbles || key.size() != static_cast<size_t>(1 + (depth + 1) / 2)) return {};
  certs::Digest prefix{};
  std::copy(key.begin() + 1, key.end(), prefix.begin());
  const MapLabel label(prefix);
  if (MapPageKey(depth, label) != key) return {};
  return label;
}

absl::Status Damaged() {
  return certs::Error(absl::StatusCode::kDataLoss, "MAP_PAGE_DAMAGED",
                      "a page of the uniqueness map is damaged");
}

void Add16(uint32_t bits, std::string* out) {
  out->push_back(static_cast<char>(bits >> 8));
  out->push_back(static_cast<char>(bits));
}

// Takes bytes from the front; nothing when fewer are left.
class Input {
 public:
  explicit Input(absl::string_view bytes) : rest_(bytes) {}
  absl::string_view Take(size_t size) {
    if (rest_.size() < size) return {};
    const absl::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint32_t Take16() {
    const absl::string_view bytes = Take(2);
    if (bytes.empty()) return 0;
    return static_cast<uint32_t>(static_cast<uint8_t>(bytes[0]) << 8 |
                                 static_cast<uint8_t>(bytes[1]));
  }
  bool at_end() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

// The branch whose bit is the highest is branch 0, so the bitmap reads in their order.
bool HasBranch(uint32_t bits, int branch) {
  return (bits >> (kPageBranches - 1 - branch) & 1) != 0;
}
uint32_t BranchBit(int branch) { return uint32_t{1} << (kPageBranches - 1 - branch); }

}  // namespace

int NibbleAt(const MapLabel& label, int depth) {
  const uint8_t byte = label[static_cast<size_t>(depth / 2)];
  return depth % 2 == 0 ? byte >> 4 : byte & 15;
}

size_t MapPage::LeafPosition(int branch) const {
  size_t before = 0;
  for (int i = 0; i < branch; ++i) before += KindAt(i) == Branch::kLeaf ? 1 : 0;
  return before;
}

void MapPage::HashNode(size_t node) {
  const Node &left = nodes_[2 * node], &right = nodes_[2 * node + 1];
  const int labels = left.labels + right.labels;
  nodes_[node].labels = static_cast<uint8_t>(std::min(labels, 2));
  if (labels >= 2) {
    nodes_[node].hash = certs::MapNodeHash(left.hash, right.hash);
  } else {
    nodes_[node].hash = left.labels == 1 ? left.hash : right.hash;  // a single label, or zeros
  }
}

void MapPage::HashAbove(int branch) {
  for (size_t node = First(branch) / 2; node > 0; node /= 2) HashNode(node);
}

void MapPage::SetLeaf(int branch, const MapLeaf& leaf) {
  const auto at = leaves_.begin() + static_cast<std::ptrdiff_t>(LeafPosition(branch));
  if (KindAt(branch) == Branch::kLeaf) {
    *at = leaf;
  } else {
    leaves_.insert(at, leaf);
  }
  nodes_[First(branch)] = {certs::MapLeafHash(leaf.label, leaf.value), 1};
  HashAbove(branch);
}

void MapPage::SetSubtree(int branch, const Digest& hash) {
  if (KindAt(branch) == Branch::kLeaf) {
    leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(LeafPosition(branch)));
  }
  nodes_[First(branch)] = {hash, 2};
  HashAbove(branch);
}

bool MapPage::Descend(int depth, certs::MapProof* proof) const {
  size_t node = 1;
  for (size_t bit = 0; bit < 4 && nodes_[node].labels == 2; ++bit) {
    node = 2 * node + (certs::MapBit(proof->label, static_cast<size_t>(4 * depth) + bit) ? 1 : 0);
    proof->siblings.push_back(nodes_[node ^ 1].hash);
  }
  if (nodes_[node].labels == 2) return true;
  if (nodes_[node].labels == 0) return false;  // kEmpty, as a proof begins
  while (node < kPageBranches) node = 2 * node + (nodes_[2 * node].labels == 1 ? 0 : 1);
  const MapLeaf& leaf = LeafAt(static_cast<int>(node) - kPageBranches);
  proof->value = leaf.value;
  proof->terminal = certs::MapTerminal::kPresent;
  if (leaf.label != proof->label) {
    proof->terminal = certs::MapTerminal::kOther;
    proof->other = leaf.label;
  }
  return false;
}

std::string MapPage::Encode() const {
  uint32_t leaves = 0, subtrees = 0;
  std::string branches;
  auto leaf = leaves_.begin();
  for (int branch = 0; branch < kPageBranches; ++branch) {
    if (KindAt(branch) == Branch::kLeaf) {
      leaves |= BranchBit(branch);
      branches.append(certs::Bytes(leaf->label)).append(BigEndian64(leaf->value));
      ++leaf;
    } else if (KindAt(branch) == Branch::kSubtree) {
      subtrees |= BranchBit(branch);
      branches.append(certs::Bytes(HashAt(branch)));
    }
  }
  std::string bytes;
  Add16(leaves, &bytes);
  Add16(subtrees, &bytes);
  return bytes + branches;
}

absl::StatusOr<MapPage> MapPage::Decode(absl::string_view key, absl::string_view bytes) {
  if (!LabelUnder(key)) return Damaged();
  const int depth = key[0];
  Input input(bytes);
  // Cut short they read as zeros, and no page is without labels.
  const uint32_t leaves = input.Take16(), subtrees = input.Take16();
  if ((leaves & subtrees) != 0) return Damaged();
  MapPage page;
  for (int branch = 0; branch < kPageBranches; ++branch) {
    Node& node = page.nodes_[First(branch)];
    if (HasBranch(leaves, branch)) {
      const std::optional<certs::MapLabel> label = certs::MapLabelFrom(input.Take(kLabelSize));
      const std::optional<uint64_t> value = ParseBigEndian64(input.Take(kValueSize));
      if (!label || !value || MapPageKey(depth, *label) != key ||
          NibbleAt(*label, depth) != branch) {
        return Damaged();
      }
      const MapLeaf leaf{*label, *value};
      node = {certs::MapLeafHash(leaf.label, leaf.value), 1};
      page.leaves_.push_back(leaf);
    } else if (HasBranch(subtrees, branch)) {
      const std::optional<Digest> hash = certs::DigestFrom(input.Take(kLabelSize));
      if (!hash) return Damaged();
      node = {*hash, 2};
    }
  }
  for (size_t node = kPageBranches - 1; node > 0; --node) page.HashNode(node);
  // Only the page at the top may hold a label alone; nothing lies below the last nibble.
  const bool alone = page.nodes_[1].labels < (depth == 0 ? 1 : 2);
  if (!input.at_end() || alone || (depth == kMapNibbles - 1 && subtrees != 0)) return Damaged();
  return page;
}

}  // namespace birthseal::store
