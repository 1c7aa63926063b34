// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/runner.h"

#include <algorithm>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::witness {

Runner::Runner(Witness* witness, Service service, RunnerOptions options)
    : witness_(witness), service_(std::move(service)), options_(std::move(options)) {}

absl::StatusOr<bool> Runner::Exchange() {
  if (!started_) {
    // What was accepted before a stop is cosigned now, should it not have got out.
    ASSIGN_OR_RETURN(newest_, witness_->Cosigned());
    started_ = true;
  }
  ASSIGN_OR_RETURN(const std::string note, service_.exchange(newest_));
  if (note.empty()) return false;
  ASSIGN_OR_RETURN(newest_, witness_->Offer(note, service_.list));
  if (options_.cosigned) {
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(newest_));
    options_.cosigned(checkpoint.head);
  }
  return true;
}

absl::Status Runner::RunOnce() {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, Exchange());
    if (!more) return absl::OkStatus();
  }
}

// The witness itself can do no more: neither time nor the service will change that.
bool Runner::Final(const absl::Status& status) const {
  const std::string reason = certs::ReasonOf(status);
  return !witness_->memory().refusal.empty() || witness_->open_outcome() ||
         reason == "MIRROR_RECORD" || reason == "MIRROR_SHORT";
}

void Runner::Note(const absl::Status& status) {
  const std::string reason = certs::ReasonOf(status) + absl::StatusCodeToString(status.code());
  if (reason != last_reason_ && options_.trouble) options_.trouble(status);
  last_reason_ = reason;
  failing_since_ = std::min(failing_since_, options_.now());
  if (alarmed_ || options_.now() - failing_since_ < options_.alarm_after) return;
  alarmed_ = true;
  if (options_.lasting_trouble) options_.lasting_trouble(status);
}

absl::Status Runner::Run() {
  absl::Duration pause = options_.pause;
  while (!options_.stop()) {
    const absl::StatusOr<bool> more = Exchange();
    if (more.ok()) {
      pause = options_.pause;
      failing_since_ = absl::InfiniteFuture();
      last_reason_.clear();
      alarmed_ = false;
      if (*more) continue;
    } else {
      if (Final(more.status())) return more.status();
      Note(more.status());
      pause = std::min(pause * 2, options_.longest_pause);
    }
    options_.sleep(pause);
  }
  return absl::OkStatus();
}

}  // namespace birthseal::witness
