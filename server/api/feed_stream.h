// SPDX-License-Identifier: Apache-2.0
// One open PushDeliveries stream, apart from grpc: what waits, in which order it is answered and
// when it ends. The reactor in delivery_feed_service.cc moves bytes; every decision is here.
//
// Thread-safe. Calls of the peer's side (Received, Closed, Written) come from network threads,
// answers from workers and the ledger's answer thread. After each call the caller does what Next
// says, one thread at a time, until it says kNothing; Next never gives the same work twice.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "server/access/caller.h"
#include "store/answers.h"
#include "store/commands.h"

namespace birthseal::server {

class FeedStream {
 public:
  explicit FeedStream(size_t window) : window_(window) {}

  struct Slot {
    std::shared_ptr<const Caller> caller;
    v1::PushDeliveriesRequest request;
    v1::PushDeliveriesResponse response;
    bool given = false;  // to a worker
    bool answered = false;
    bool kept = true;  // durable_seq may pass it
  };

  // A message arrived and passed the gate. Errors: kInvalidArgument "SEQ_NOT_ASCENDING".
  absl::Status Received(std::shared_ptr<const Caller> caller, v1::PushDeliveriesRequest request);
  // The peer sends no more, or is gone.
  void Closed();
  // Nothing more is read or given to workers; what was given is answered, then the stream ends.
  void Stop(absl::Status why);
  // The write that Next asked for is done; not `ok`: the peer is gone.
  void Written(bool ok);

  // The next message for a worker, in order; null: none. At most one worker at a time may ask:
  // TakeTurn gives the turn, and the worker keeps it until NextForWorker gives null.
  [[nodiscard]] bool TakeTurn();
  Slot* NextForWorker();
  // The turn was given but the pool is full.
  void ReturnTurn();
  // The verdict of a message. An error that ends the stream stops it.
  void Answered(Slot* slot, absl::StatusOr<store::DeliveryAnswer> answer);

  struct Action {
    enum What { kNothing, kRead, kWrite, kFinish } what = kNothing;
    const v1::PushDeliveriesResponse* response = nullptr;  // kWrite: lives until Written
    absl::Status status;                                   // kFinish
  };
  Action Next();

 private:
  void DropNotGiven();

  const size_t window_;
  std::mutex mutex_;  // guards all below
  std::deque<std::unique_ptr<Slot>> slots_;
  uint64_t last_seq_ = 0, durable_seq_ = 0;
  size_t given_ = 0;  // slots from the front that a worker has or had
  bool any_received_ = false;
  bool gap_ = false;  // a message that must be sent again was passed: durable_seq stands
  bool cut_ = false;  // answers end before a message that must be sent again
  bool reading_ = false, closed_ = false, writing_ = false, peer_gone_ = false;
  bool turn_ = false, finished_ = false;
  std::optional<absl::Status> stop_;
};

}  // namespace birthseal::server
