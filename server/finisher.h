// Finishes open reservations: at start, and while the service runs, with backoff.
//
// A reservation is owned by the service: a lost client, a passed deadline or a restart never
// cancels it. Thread-safe. One thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "server/services.h"

namespace birthseal::server {

class Finisher {
 public:
  // `services` outlives the finisher.
  explicit Finisher(const Services* services);
  ~Finisher();
  // Starts the thread: one pass at once, then every `interval`.
  void Start(absl::Duration interval = absl::Seconds(1));
  void Stop();
  // One pass over all open reservations of this log epoch that are due, without thread: how many
  // were finished, and how many are still open. Those of an ended epoch wait for two people
  // (cancel_reservation.h) and are not counted.
  struct Pass {
    size_t finished = 0, failed = 0, skipped = 0;
  };
  Pass RunOnce();

 private:
  struct Retry {
    int failures = 0;
    absl::Time due;
  };
  void Run(absl::Duration interval);
  // Require pass_mutex_.
  void FinishSome(const std::vector<storage::v1::Reservation>& open, size_t first, size_t end,
                  Pass* pass);
  void NoteFailure(uint64_t position, absl::Time now, Pass* pass);

  const Services* const services_;
  std::mutex pass_mutex_;              // one pass at a time
  std::map<uint64_t, Retry> retries_;  // under pass_mutex_; by log position of the INTENT
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace birthseal::server
