// SPDX-License-Identifier: Apache-2.0
// Checks a store from its stored bytes alone, and names every bad record by family and key.
//
// Invariants of spec/domain.md §2.1 as they stand on disk: log and root, audit chain, certificate
// heads against their leaves and documents, one valid certificate for a newborn, numbers, and every
// index against what it points to. What bytes alone cannot show (a store rolled back as a whole, or
// rewritten together with its log and counters) is what witnesses and checkpoints are for.
//
// Reads one snapshot in key order; memory does not grow with the store, but with open reservations,
// stock ranges and findings. Damaged data gives findings, never an error. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "store/engine.h"

namespace birthseal::store {

class ValueSealer;

struct FsckFinding {
  Family family = Family::kMeta;
  std::string key;    // as stored; the key of an absent record when the code says MISSING
  std::string code;   // "LEAF_ALTERED"; no personal data
  std::string named;  // the record that shows it, "certificates/0000000000000001"; or empty
};

struct FsckOptions {
  const ValueSealer* sealer = nullptr;  // null: sealed values and documents are not opened
  std::string index_key;                // empty: claims of numbers are not recomputed
  size_t max_findings = 1000;           // kept; the others are counted
  // Called now and then with the family at hand and the records seen in it.
  std::function<void(Family family, uint64_t records)> progress;
};

struct FsckReport {
  std::vector<FsckFinding> findings;  // in the order found, each once
  uint64_t more_findings = 0;         // not kept
  std::array<uint64_t, kFamilyCount> records{};
  bool clean() const { return findings.empty(); }
};

FsckReport CheckStore(const Snapshot& snapshot, const FsckOptions& options);

// "certificates/0000000000000001 HEAD_NOT_AS_LOGGED": one line without its end.
std::string ToLine(const FsckFinding& finding);
// The whole report as one JSON object.
std::string ToJson(const FsckReport& report);

}  // namespace birthseal::store
