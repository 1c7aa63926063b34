// SPDX-License-Identifier: Apache-2.0
// Checks a store from its stored bytes alone, and names every bad record by family and key.
//
// Rules I1, I3 and I4 as they stand on disk: log and root, audit chain, certificate
// heads against their leaves and documents, one valid certificate for a newborn, numbers, and every
// index against what it points to. What bytes alone cannot show (a store rolled back as a whole, or
// rewritten together with its log and counters) is what witnesses and checkpoints are for.
//
// Reads one snapshot in key order; memory does not grow with the store, but with open and cancelled
// reservations, stock ranges, findings and what a recovery lost. Damaged data gives findings, never
// an error. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
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
  // RANGE_UNREADABLE: what lies behind `key` (empty: from the beginning) and before this key
  // (empty: to the end) cannot be read; all other records are looked at.
  std::string until;
};

// Where a check stands. One that was stopped goes on from here, if no batch was committed since;
// passes that carry something from record to record (the log, the trail, numbers) begin again.
struct FsckPosition {
  uint64_t sequence = 0;  // Meta.batch_sequence of the store
  int pass = 0, scan = 0;
  std::string key;
  uint64_t findings = 0;  // so far
};
// As a small text file, and back; nothing when it is none.
std::string ToText(const FsckPosition& position);
[[nodiscard]] std::optional<FsckPosition> ParsePosition(absl::string_view text);

struct FsckOptions {
  const ValueSealer* sealer = nullptr;  // null: sealed values and documents are not opened
  std::string index_key;                // empty: claims of numbers are not recomputed
  size_t max_findings = 1000;           // kept; the others are counted
  const FsckPosition* resume_from = nullptr;
  std::function<void(const FsckPosition&)> on_position;  // now and then
  std::function<void(const FsckFinding&)> on_finding;    // at once
  // With the size of each value that was read; one that waits here slows the check down.
  std::function<void(size_t bytes)> on_read;
  // Called now and then with the family at hand and the records seen in it.
  std::function<void(Family family, uint64_t records)> progress;
};

struct FsckReport {
  std::vector<FsckFinding> findings;  // in the order found, each once
  uint64_t more_findings = 0;         // not kept; one that is found twice counts twice
  uint64_t earlier_findings = 0;      // before the position from which this check went on
  bool resumed = false;               // `records` counts from there on
  std::array<uint64_t, kFamilyCount> records{};
  uint64_t lost_documents = 0;  // of a recovery with losses: known as such, no finding
  bool clean() const { return findings.empty() && earlier_findings == 0; }
};

FsckReport CheckStore(const Snapshot& snapshot, const FsckOptions& options);

// "certificates/0000000000000001 HEAD_NOT_AS_LOGGED": one line without its end.
std::string ToLine(const FsckFinding& finding);
// The whole report as one JSON object.
std::string ToJson(const FsckReport& report);

}  // namespace birthseal::store
