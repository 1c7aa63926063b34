// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bulk_load.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/proof/leaf.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/log/map_page.h"
#include "store/log/merkle_log.h"

namespace birthseal::bench {
namespace {

constexpr size_t kChangesOfBatch = 50'000;
constexpr uint64_t kLeavesOfBatch = 20'000;

// Builds pages from sorted labels; commits them as they pile up.
class MapLoader {
 public:
  MapLoader(std::vector<store::MapLeaf> leaves, store::Engine* engine, store::FenceEpoch fence)
      : leaves_(std::move(leaves)), engine_(engine), fence_(fence) {
    std::sort(leaves_.begin(), leaves_.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }

  absl::StatusOr<certs::Digest> Run() {
    if (leaves_.empty()) return certs::kEmptySubtree;
    ASSIGN_OR_RETURN(const certs::Digest root, Page(0, 0, leaves_.size()));
    RETURN_IF_ERROR(engine_->Commit(batch_, fence_));
    return root;
  }

 private:
  // The page of `depth` that holds leaves [first, end), all with the same nibbles before.
  absl::StatusOr<certs::Digest> Page(int depth, size_t first, size_t end) {
    store::MapPage page;
    for (size_t at = first; at < end;) {
      const int nibble = store::NibbleAt(leaves_[at].label, depth);
      size_t next = at + 1;
      while (next < end && store::NibbleAt(leaves_[next].label, depth) == nibble) ++next;
      if (next - at == 1) {
        page.SetLeaf(nibble, leaves_[at]);
      } else {
        ASSIGN_OR_RETURN(const certs::Digest hash, Page(depth + 1, at, next));
        page.SetSubtree(nibble, hash);
      }
      at = next;
    }
    batch_.Put(store::Family::kMapPages, store::MapPageKey(depth, leaves_[first].label),
               page.Encode());
    if (batch_.changes.size() >= kChangesOfBatch) {
      RETURN_IF_ERROR(engine_->Commit(batch_, fence_));
      batch_.changes.clear();
    }
    return page.Hash();
  }

  std::vector<store::MapLeaf> leaves_;
  store::Engine* const engine_;
  const store::FenceEpoch fence_;
  store::WriteBatch batch_;
};

}  // namespace

certs::MapLabel LabelOf(uint64_t number) {
  return certs::MapLabel(certs::Sm3Of(absl::StrCat("label ", number)));
}

std::string LeafOf(uint64_t number) {
  certs::Leaf leaf;
  leaf.kind = number % 2 == 0 ? certs::LeafKind::kIntent : certs::LeafKind::kIssued;
  leaf.log_minute = 29'000'000 + static_cast<int64_t>(number / 600);
  leaf.institution_code = "12529901MB0A12342F";
  leaf.status_index = number / 2 + 1;
  leaf.intent_index = number % 2 == 0 ? 0 : number;
  leaf.commitment = certs::Sm3Of(absl::StrCat("commitment ", number));
  return certs::Canonical(leaf);
}

absl::Status LoadLog(uint64_t size, store::Engine* engine, store::FenceEpoch fence) {
  std::vector<certs::Digest> frontier;
  for (uint64_t at = 0; at < size;) {
    store::LogAppender log(at, frontier);
    const uint64_t end = std::min(size, at + kLeavesOfBatch);
    for (; at < end; ++at) log.Append(LeafOf(at));
    store::WriteBatch batch;
    log.PutInto(&batch);
    RETURN_IF_ERROR(engine->Commit(batch, fence));
    frontier = log.FrontierAfter();
  }
  return absl::OkStatus();
}

absl::StatusOr<certs::Digest> LoadMap(uint64_t size, store::Engine* engine,
                                      store::FenceEpoch fence) {
  std::vector<store::MapLeaf> leaves;
  leaves.reserve(size);
  for (uint64_t i = 0; i < size; ++i) leaves.push_back({LabelOf(i), i + 1});
  return MapLoader(std::move(leaves), engine, fence).Run();
}

}  // namespace birthseal::bench
