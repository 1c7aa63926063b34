// SPDX-License-Identifier: Apache-2.0
// What the rooms may ask of the witnessing. Each view opens a few questions of one class and hides
// the rest of it: who holds views cannot have a root signed that it names, start a round, or say
// that freshness is proven. Only the wiring sees the classes behind them.
//
// Thread-safe; copied by value. What is behind a view outlives it. Errors are those of the class
// behind it (checkpoint_signer.h, witness_desk.h, freshness.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/access/caller.h"
#include "server/witnessing/witnessed.h"

namespace birthseal::server {

class CheckpointSigner;
class Freshness;
class WitnessDesk;

// Checkpoints of what the ledger has made durable.
class Checkpoints {
 public:
  explicit Checkpoints(CheckpointSigner& signer) : signer_(&signer) {}
  absl::StatusOr<std::string> WaitFor(certs::LogSize size, absl::Duration timeout) const;
  absl::StatusOr<SignedRoot> Newest(absl::Duration timeout) const;

 private:
  CheckpointSigner* signer_;
};

// For issuing: what a quorum has cosigned, to put into a receipt or to wait for.
class WitnessLinks {
 public:
  explicit WitnessLinks(WitnessDesk& desk) : desk_(&desk) {}
  absl::StatusOr<std::optional<WitnessLink>> LinkTo(const certs::LogPosition& position) const;
  absl::Status AwaitWitnessed(const certs::LogPosition& position, absl::Duration timeout) const;

 private:
  WitnessDesk* desk_;
};

// For reading: the newest witnessed checkpoint, and the call of a witness, whose word the desk
// checks before it counts.
class WitnessAnswers {
 public:
  explicit WitnessAnswers(WitnessDesk& desk) : desk_(&desk) {}
  std::shared_ptr<const Witnessed> Newest() const;
  absl::StatusOr<std::string> Witness(const Caller& caller, absl::string_view cosigned) const;

 private:
  WitnessDesk* desk_;
};

// For issuing.
class IssuingFreshness {
 public:
  explicit IssuingFreshness(const Freshness& freshness) : freshness_(&freshness) {}
  absl::Status MayIssue() const;

 private:
  const Freshness* freshness_;
};

// For answers about status.
class FreshnessAnswers {
 public:
  explicit FreshnessAnswers(const Freshness& freshness) : freshness_(&freshness) {}
  absl::Status MayAnswer() const;
  std::optional<absl::Time> NotProvenSince() const;

 private:
  const Freshness* freshness_;
};

// What an answer about status says while freshness is not proven; both empty: it is.
struct FreshnessNotice {
  std::string zh, en;
};
FreshnessNotice NoticeOf(const FreshnessAnswers& freshness);

}  // namespace birthseal::server
