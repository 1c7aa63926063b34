// SPDX-License-Identifier: Apache-2.0
// Finishes open reservations: at start, and while the service runs, with backoff.
//
// A reservation is owned by the service: a lost client, a passed deadline or a restart never
// cancels it. What could not be finished within a day waits until it is asked for again: whatever
// stood in its way, nobody must get a certificate unasked when that is gone. One thread of its own.
// Thread-safe: RunOnce and counters; Start and Stop belong to one owner.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/issuing/issuing_room.h"
#include "server/witnessing/told.h"

namespace birthseal::server {

struct ReservedIssue;

class Finisher {
 public:
  // Why a reservation is still open: told when it first fails, when the reason changes, and once
  // more each hour. kFailedPrecondition "ISSUE_WAITS_TO_BE_ASKED": it is older than a day.
  using OnUnfinished = std::function<void(const storage::v1::Reservation&, const absl::Status&)>;
  // Why the open reservations could not even be listed: told as often.
  using OnBlind = std::function<void(const absl::Status&)>;
  // `room` outlives the finisher. Both may be null; they are called within a pass, one at a time.
  explicit Finisher(const IssuingRoom* room, OnUnfinished on_unfinished = nullptr,
                    OnBlind on_blind = nullptr);
  ~Finisher();
  // Starts the thread: one pass at once, then every `interval`.
  void Start(absl::Duration interval = absl::Seconds(1));
  void Stop();
  // One pass over all open reservations of this log epoch, on the calling thread. Failed: those
  // that wait to be asked for as well. Skipped: not due yet, at work elsewhere, committed
  // meanwhile. Those of an ended epoch wait for two people (cancel_reservation.h) and are not
  // counted. While Freshness::MayIssue says no, nothing is looked at.
  struct Pass {
    size_t finished = 0, failed = 0, skipped = 0;
  };
  Pass RunOnce();
  // Rule G10.
  static constexpr absl::Duration kUnaskedFor = absl::Hours(24);
  // Since the start: certificates finished, looks at an open one that failed, passes that could not
  // list all.
  struct Counters {
    uint64_t finished = 0, failed = 0, blind = 0;
  };
  Counters counters() const;

 private:
  struct Retry {
    int failures = 0;
    absl::Time due;
    Told told;
  };
  void Run(absl::Duration interval);
  bool Stopping();
  // Require pass_mutex_.
  // All that is open, page by page, until it stops; adds their keys to `open`. Errors:
  // those of the registry.
  absl::Status FinishPages(std::set<store::IntentKey>* open, Pass* pass);
  void FinishSome(const std::vector<storage::v1::Reservation>& open, size_t first, size_t end,
                  Pass* pass);
  // Errors: "ISSUE_WAITS_TO_BE_ASKED"; the case cannot be read.
  absl::StatusOr<ReservedIssue> Load(const storage::v1::Reservation& reservation,
                                     absl::Time now) const;
  void NoteFailure(const storage::v1::Reservation& reservation, const absl::Status& why,
                   absl::Time now, Pass* pass);

  const IssuingRoom* const room_;
  const OnUnfinished on_unfinished_;
  const OnBlind on_blind_;
  std::mutex pass_mutex_;                      // one pass at a time
  std::map<store::IntentKey, Retry> retries_;  // under pass_mutex_
  Told told_blind_;                            // under pass_mutex_
  std::atomic<uint64_t> finished_{0}, failed_{0}, blind_passes_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace birthseal::server
