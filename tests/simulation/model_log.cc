// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/model_log.h"

#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"

namespace birthseal::simulation {

using certs::Digest;
using certs::LeafKind;

std::string LogModel::Add(absl::string_view bytes) {
  const absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(bytes);
  const uint64_t index = size();
  if (!leaf.ok()) return absl::StrCat("leaf ", index, " cannot be read");
  std::string wrong;
  if (!leaves_.empty() && leaf->log_minute < leaves_.back().log_minute) {
    wrong = absl::StrCat("leaf ", index, " is older than the leaf before it");
  }
  if (leaf->kind == LeafKind::kIntent) wrong += AddIntent(*leaf);
  if (leaf->kind == LeafKind::kIssued || leaf->kind == LeafKind::kCancelled) wrong += AddEnd(*leaf);
  if (leaf->kind == LeafKind::kVoided) wrong += AddVoided(*leaf);
  leaves_.push_back(*leaf);
  hashes_.push_back(certs::LeafHash(bytes));
  peaks_.push_back({1, hashes_.back()});
  while (peaks_.size() > 1 && peaks_[peaks_.size() - 2].first == peaks_.back().first) {
    const Digest right = peaks_.back().second;
    peaks_.pop_back();
    peaks_.back().second = certs::NodeHash(peaks_.back().second, right);
    peaks_.back().first *= 2;
  }
  const auto promised = waiting_.find(size());
  if (promised != waiting_.end()) {
    if (promised->second != Root())
      wrong += absl::StrCat("the published root of ", size(), " is gone");
    waiting_.erase(promised);
  }
  return wrong;
}

std::string LogModel::AddIntent(const certs::Leaf& leaf) {
  Life life;
  life.intent = size();
  life.institution_code = leaf.institution_code;
  if (leaf.status_index == 0) return "an INTENT without status index";
  if (!lives_.emplace(leaf.status_index, life).second) {
    return absl::StrCat("a second INTENT of status index ", leaf.status_index);
  }
  // Dense: nothing was left out before it.
  if (leaf.status_index != lives_.size()) {
    return absl::StrCat("status index ", leaf.status_index, " leaves a gap");
  }
  return "";
}

std::string LogModel::AddEnd(const certs::Leaf& leaf) {
  const auto found = lives_.find(leaf.status_index);
  if (found == lives_.end()) return absl::StrCat("an end without INTENT: ", leaf.status_index);
  Life& life = found->second;
  if (leaf.intent_index != life.intent + 1) return "an end that names another INTENT";
  if (life.ended()) return absl::StrCat("a second end of INTENT ", life.intent);
  if (leaf.kind == LeafKind::kIssued) {
    life.is_issued = true;
    life.issued = size();
  } else {
    life.is_cancelled = true;
    life.cancelled = size();
  }
  return "";
}

std::string LogModel::AddVoided(const certs::Leaf& leaf) {
  const auto found = lives_.find(leaf.status_index);
  if (found == lives_.end() || !found->second.is_issued) {
    return absl::StrCat("VOIDED without ISSUED: ", leaf.status_index);
  }
  if (found->second.is_voided) return absl::StrCat("VOIDED twice: ", leaf.status_index);
  found->second.is_voided = true;
  found->second.voided = size();
  return "";
}

Digest LogModel::Root() const {
  if (peaks_.empty()) return certs::EmptyRoot();
  Digest root = peaks_.back().second;
  for (size_t i = peaks_.size() - 1; i-- > 0;) root = certs::NodeHash(peaks_[i].second, root);
  return root;
}

Digest LogModel::RootAt(uint64_t size) const {
  return certs::RootOf({hashes_.begin(), hashes_.begin() + static_cast<std::ptrdiff_t>(size)});
}

std::string LogModel::Published(uint64_t size, const Digest& root) {
  if (size > this->size()) {
    const auto [place, added] = waiting_.emplace(size, root);
    return added || place->second == root ? "" : absl::StrCat("two roots of size ", size);
  }
  const Digest own = size == this->size() ? Root() : RootAt(size);
  return own == root ? "" : absl::StrCat("a published root of size ", size, " is not the log's");
}

const LogModel::Life* LogModel::Find(uint64_t status_index) const {
  const auto found = lives_.find(status_index);
  return found == lives_.end() ? nullptr : &found->second;
}

uint64_t LogModel::StatusOfIntent(uint64_t leaf_index) const {
  if (leaf_index >= size() || leaves_[leaf_index].kind != LeafKind::kIntent) return 0;
  return leaves_[leaf_index].status_index;
}

}  // namespace birthseal::simulation
