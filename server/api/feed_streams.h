// SPDX-License-Identifier: Apache-2.0
// The open streams of hospitals.
//
// A stream reads ahead up to 64 unanswered messages, gives each to the use case in order on a
// worker, and writes one verdict for each in the order of `seq`: after the durable commit of what
// is kept, at once for a message that cannot be. A full queue or a store that is away ends the
// stream, so that flow and order are never guessed at. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>

namespace birthseal::server {

inline constexpr size_t kFeedWindow = 64;

// All of the service, so that a graceful stop can end them.
class FeedStreams {
 public:
  FeedStreams();
  ~FeedStreams();
  // No stream takes another message; each ends UNAVAILABLE "STOPPING" once what a worker has is
  // answered. The others are dropped: the peer sends them again.
  void Stop();

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::server
