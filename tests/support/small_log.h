// SPDX-License-Identifier: Apache-2.0
// A log with its map, in memory and straight from the definitions: what a service would serve.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_update.h"
#include "tests/support/naive_map.h"

namespace birthseal::tests {

struct SmallUpdate {
  std::string leaf;
  std::vector<std::string> changes;
};

struct SmallLog {
  // A change of `labels` to `value` as it stands now; makes it.
  std::string Change(const certs::MapLabel& label, uint64_t value) {
    certs::MapChange change{NaiveProof(labels, label), value};
    labels[label] = value;
    return Canonical(change);
  }
  void Add(const certs::Leaf& leaf, std::vector<std::string> changes = {}) {
    updates.push_back({Canonical(leaf), std::move(changes)});
    hashes.push_back(certs::LeafHash(updates.back().leaf));
    map_roots.push_back(NaiveRoot(labels));
  }
  static certs::Leaf LeafOf(certs::LeafKind kind, uint64_t status_index, uint64_t intent = 0) {
    certs::Leaf leaf;
    leaf.kind = kind;
    leaf.log_minute = 29'000'000;
    leaf.institution_code = "12520000MB0000001X";
    leaf.status_index = status_index;
    leaf.intent_index = intent;
    leaf.commitment = certs::Sm3Of("salted");
    return leaf;
  }
  void Intent(uint64_t s) { Add(LeafOf(certs::LeafKind::kIntent, s)); }
  // `intent` is the leaf index of the INTENT + 1.
  void Issued(uint64_t s, uint64_t intent, const std::vector<certs::MapLabel>& of) {
    std::vector<std::string> changes;
    for (const auto& label : of) changes.push_back(Change(label, s));
    Add(LeafOf(certs::LeafKind::kIssued, s, intent), std::move(changes));
  }
  void Voided(uint64_t s, const std::vector<certs::MapLabel>& of) {
    std::vector<std::string> changes;
    for (const auto& label : of) changes.push_back(Change(label, 0));
    Add(LeafOf(certs::LeafKind::kVoided, s), std::move(changes));
  }
  void ClaimAdded(uint64_t s, const certs::MapLabel& label) {
    std::string change = Change(label, s);
    Add(LeafOf(certs::LeafKind::kClaimAdded, s), {std::move(change)});
  }

  certs::Digest RootAt(size_t size) const {
    return certs::RootOf({hashes.begin(), hashes.begin() + static_cast<ptrdiff_t>(size)});
  }
  certs::Digest MapRootAt(size_t size) const {
    return size == 0 ? map_before : map_roots.at(size - 1);
  }
  certs::TreeHead HeadAt(size_t size) const {
    return {certs::OriginOf(name, certs::LogEpoch(epoch)), size, RootAt(size), MapRootAt(size),
            absl::FromUnixSeconds(static_cast<int64_t>(1'740'000'000 + 1000 * epoch + size))};
  }
  certs::TreeHead Head() const { return HeadAt(updates.size()); }

  // The log of the next epoch, which keeps the first `kept` leaves and knows of `lost` more. Its
  // map is that of the whole log: call with kept == size unless only the leaf itself matters.
  SmallLog Recovered(uint64_t kept, uint64_t lost) const {
    SmallLog next;
    next.name = name;
    next.epoch = epoch + 1;
    next.labels = labels;
    next.map_before = MapRootAt(kept);
    certs::Leaf leaf = LeafOf(certs::LeafKind::kRecovery, 0);
    leaf.institution_code.clear();
    leaf.detail = Canonical(certs::Recovery{epoch, kept, RootAt(kept), MapRootAt(kept), lost,
                                            RootAt(std::min<size_t>(lost, updates.size()))});
    leaf.commitment = certs::Commit("", leaf.detail);
    next.Add(leaf);
    return next;
  }

  std::string name = "birthseal.example/log";
  uint64_t epoch = 1;
  LabelMap labels;
  certs::Digest map_before{};
  std::vector<SmallUpdate> updates;
  std::vector<certs::Digest> hashes, map_roots;
};

// Label number `i`; neighbours share no long prefix.
inline certs::MapLabel LabelOf(int i) {
  return certs::MapLabel(certs::Sm3Of("label " + std::to_string(i)));
}

}  // namespace birthseal::tests
