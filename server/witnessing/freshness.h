// SPDX-License-Identifier: Apache-2.0
// Freshness (数据新鲜度): whether the witnesses confirm that the store is the newest state of the
// log.
//
// After a start with witnesses nothing is proven until so many of them have shown a newest
// checkpoint, cosigned with their own key, that our log contains that every quorum has one of these
// among it: witnesses - quorum + 1. Until then reads are served, those of status and verification
// marked, feeds and applications go on, and nothing that would add to the log is done: no approval,
// seal, revocation or change of an operator. A witness that knows more than the store ends all
// answers about status until the service is started on a store that has caught up. While there is
// something to cosign and no quorum comes, an alarm is raised, and later issuing stops until a
// quorum comes.
// Without witnesses everything is allowed. Thread-safe. The clock is given.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/clock.h"

namespace birthseal::server {

class Freshness {
 public:
  struct Options {
    size_t witnesses = 0, quorum = 0;
    absl::Duration alarm = absl::Minutes(5), stop = absl::Hours(24);
    // What an operator must hear of, each once when it begins: "FRESHNESS_PROVEN",
    // "WITNESSES_SILENT_ALARM", "WITNESSES_SILENT", "WITNESSES_BACK", or the reason of Behind.
    std::function<void(absl::string_view event, absl::string_view detail)> on_event;
  };
  // `clock` outlives it.
  Freshness(Options options, const certs::Clock* clock);

  // The witness has cosigned a checkpoint of our log; or it has none, and none was ever signed.
  void Confirmed(absl::string_view witness);
  // A checkpoint of the log key that our store does not contain. `why` has reason and text.
  void Behind(const absl::Status& why);
  // There is something that no quorum has cosigned yet; how long is counted from the first call.
  void Unwitnessed();
  // A quorum has cosigned; `all`: nothing newer waits.
  void Quorum(bool all);
  // Looks at the clock: tells of alarms that are due. Call about once a second.
  void Look();

  // For whatever allots a number, reserves, seals, cancels or revokes. Errors: kUnavailable
  // "FRESHNESS_NOT_PROVEN", "WITNESSES_SILENT"; those of MayAnswer.
  absl::Status MayIssue() const;
  // For answers about status. Errors: kFailedPrecondition as given to Behind.
  absl::Status MayAnswer() const;
  // Since when answers may be older than what was said before; nothing: they are the newest.
  std::optional<absl::Time> NotProvenSince() const;

  struct Counters {
    uint64_t confirmed = 0;  // witnesses since the start, until it was proven
    uint64_t alarms = 0;     // times that no quorum came for so long
    absl::Duration silence;  // since when something waits for a quorum
  };
  Counters counters() const;

 private:
  bool Proven() const;             // requires mutex_
  absl::Duration Silence() const;  // requires mutex_
  void Raise(absl::string_view event, absl::string_view detail) const;

  const Options options_;
  const certs::Clock* const clock_;
  const absl::Time started_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> confirmed_;  // under mutex_, as all below
  absl::Status behind_;
  std::optional<absl::Time> waiting_since_;
  bool alarmed_ = false, stopped_ = false;
  uint64_t alarms_ = 0;
};

}  // namespace birthseal::server
