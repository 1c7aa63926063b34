// SPDX-License-Identifier: Apache-2.0
// What a witness (见证方) keeps: its state, a mirror of the log, evidence. An interface, so that a
// simulation can run the witness on a simulated disk; file_state.h is the real one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/proof/log_place.h"

namespace birthseal::witness {

// A leaf and the changes of the uniqueness map it brought; canonical bytes (certs/proof).
struct Update {
  std::string leaf;
  std::vector<std::string> changes;
};

// Why a witness refuses, and what a person needs to see it for himself.
struct Evidence {
  std::string reason;  // "LOG_FORKED"
  std::string text;    // English, one line
  absl::Time at;
  std::string known_note;  // the newest checkpoint that was accepted; empty: none
  std::string offered_note;
  certs::LogEpoch epoch;        // place of the first of `updates`
  certs::LeafIndex first;       // likewise
  std::vector<Update> updates;  // those at fault; empty when the notes alone show it
};

// Belongs to one thread. An error other than kDataLoss leaves the outcome open: the witness then
// does nothing more until it is opened again.
class Storage {
 public:
  virtual ~Storage() = default;
  // The last saved state; empty: none yet. Errors: kDataLoss it is damaged.
  virtual absl::StatusOr<std::string> Load() = 0;
  // Replaces the state, whole or not at all; durable when it returns.
  virtual absl::Status Save(absl::string_view state) = 0;
  // The mirror of an epoch from leaf `first` on becomes `updates`; durable when it returns.
  // `first` is not beyond its end. Empty `updates` only cut it off there.
  virtual absl::Status Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                              const std::vector<Update>& updates) = 0;
  // Leaves of the epoch in the mirror; it may hold more than the state knows.
  virtual absl::StatusOr<certs::LogSize> MirrorSize(certs::LogEpoch epoch) = 0;
  // At least one update when there are any from `first` on, at most `count`.
  virtual absl::StatusOr<std::vector<Update>> ReadMirror(certs::LogEpoch epoch,
                                                         certs::LeafIndex first, int count) = 0;
  virtual absl::Status Keep(const Evidence& evidence) = 0;
};

}  // namespace birthseal::witness
