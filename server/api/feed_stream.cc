// SPDX-License-Identifier: Apache-2.0
#include "server/api/feed_stream.h"

#include <utility>

#include "certs/errors.h"
#include "server/api/convert.h"

namespace birthseal::server {
namespace {

// What the sender must do about this one message; nothing: the stream itself has to end.
std::optional<v1::FeedVerdict> VerdictOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      return v1::FEED_VERDICT_REJECTED;
    case absl::StatusCode::kAborted:
      return v1::FEED_VERDICT_RETRY_LATER;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::Status FeedStream::Received(std::shared_ptr<const Caller> caller,
                                  v1::PushDeliveriesRequest request) {
  std::lock_guard<std::mutex> lock(mutex_);
  reading_ = false;
  if (stop_.has_value()) return absl::OkStatus();
  if (any_received_ && request.seq() <= last_seq_) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "SEQ_NOT_ASCENDING",
                        "seq must ascend within a stream", "seq");
  }
  any_received_ = true;
  last_seq_ = request.seq();
  auto slot = std::make_unique<Slot>();
  slot->caller = std::move(caller);
  slot->response.set_seq(request.seq());
  slot->request = std::move(request);
  slots_.push_back(std::move(slot));
  return absl::OkStatus();
}

void FeedStream::Closed() {
  std::lock_guard<std::mutex> lock(mutex_);
  reading_ = false;
  closed_ = true;
}

void FeedStream::DropNotGiven() {
  while (slots_.size() > given_) slots_.pop_back();
}

void FeedStream::Stop(absl::Status why) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!stop_.has_value()) stop_ = std::move(why);
  DropNotGiven();
}

void FeedStream::Written(bool ok) {
  std::lock_guard<std::mutex> lock(mutex_);
  writing_ = false;
  if (!ok) peer_gone_ = true;
  slots_.pop_front();
  --given_;
}

bool FeedStream::TakeTurn() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (turn_ || given_ == slots_.size()) return false;
  turn_ = true;
  return true;
}

FeedStream::Slot* FeedStream::NextForWorker() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (given_ == slots_.size()) {
    turn_ = false;
    return nullptr;
  }
  Slot* slot = slots_[given_++].get();
  slot->given = true;
  return slot;
}

void FeedStream::ReturnTurn() {
  std::lock_guard<std::mutex> lock(mutex_);
  turn_ = false;
}

void FeedStream::Answered(Slot* slot, absl::StatusOr<store::DeliveryAnswer> answer) {
  std::lock_guard<std::mutex> lock(mutex_);
  slot->answered = true;
  if (answer.ok()) {
    ToProto(*answer, &slot->response);
    slot->kept = answer->verdict != store::FeedVerdict::kRetryLater;
    return;
  }
  const absl::Status& error = answer.status();
  if (const std::optional<v1::FeedVerdict> verdict = VerdictOf(error); verdict.has_value()) {
    slot->response.set_verdict(*verdict);
    v1::FeedDefect* defect = slot->response.add_defects();
    defect->set_code(certs::ReasonOf(error));
    defect->set_location(certs::FieldOf(error));
    defect->set_fatal(true);
    slot->kept = *verdict != v1::FEED_VERDICT_RETRY_LATER;
    return;
  }
  // Unanswered messages are sent again by the peer, this one and all after it.
  slot->response.clear_verdict();
  if (!stop_.has_value()) stop_ = error;
  DropNotGiven();
}

FeedStream::Action FeedStream::Next() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (finished_) return {};
  while (!writing_ && !slots_.empty() && slots_.front()->answered) {
    Slot& front = *slots_.front();
    const bool unanswerable = front.response.verdict() == v1::FEED_VERDICT_UNSPECIFIED;
    if (unanswerable) cut_ = true;
    // Nothing is answered past a message that has to be sent again with the stream.
    if (peer_gone_ || cut_) {
      slots_.pop_front();
      --given_;
      continue;
    }
    if (!front.kept) gap_ = true;
    if (!gap_) durable_seq_ = front.response.seq();
    front.response.set_durable_seq(durable_seq_);
    writing_ = true;
    return {Action::kWrite, &front.response, absl::OkStatus()};
  }
  const bool no_more = closed_ || peer_gone_ || stop_.has_value();
  if (no_more && slots_.empty() && !writing_ && !turn_) {
    finished_ = true;
    return {Action::kFinish, nullptr, stop_.value_or(absl::OkStatus())};
  }
  if (!no_more && !reading_ && slots_.size() < window_) {
    reading_ = true;
    return {Action::kRead, nullptr, absl::OkStatus()};
  }
  return {};
}

}  // namespace birthseal::server
