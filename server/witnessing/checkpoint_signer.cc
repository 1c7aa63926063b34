// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/checkpoint_signer.h"

#include <chrono>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr size_t kKeptCheckpoints = 4096;

certs::TreeHead LastSigned(const CheckpointSigner::Options& options) {
  if (options.mark == nullptr) return {};
  const certs::TreeHead& last = options.mark->head();
  const bool ours = last.origin == certs::OriginOf(options.log_name, options.epoch);
  return ours ? last : certs::TreeHead();
}

certs::TreeHead HeadOf(const CheckpointSigner::Options& options, const store::DurableRoot& root) {
  certs::TreeHead head;
  head.origin = certs::OriginOf(options.log_name, root.epoch);
  head.size = root.size.value();
  head.root = root.root;
  head.map_root = root.map_root;
  head.time = absl::FromUnixSeconds(absl::ToUnixSeconds(root.time));
  return head;
}

}  // namespace

CheckpointSigner::CheckpointSigner(Options options)
    : options_(std::move(options)),
      signed_before_(options_.mark != nullptr && options_.mark->head().size != 0),
      log_signer_(options_.keys, LastSigned(options_)),
      thread_([this] { Run(); }) {}

CheckpointSigner::~CheckpointSigner() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  signed_.notify_all();
  thread_.join();
}

void CheckpointSigner::OnDurable(const store::DurableRoot& root) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (root.size >= newest_durable_.size) newest_durable_ = root;
  if (root.has_intent || asked_.count(root.size) != 0) Queue(root);
  asked_.erase(asked_.begin(), asked_.upper_bound(root.size));
}

void CheckpointSigner::Queue(const store::DurableRoot& root) {
  queue_.push_back(root);
  last_queued_ = root.size;
  work_.notify_one();
}

absl::StatusOr<std::string> CheckpointSigner::WaitFor(certs::LogSize size, absl::Duration timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto settled = [&] {
    return stopping_ || !failure_.empty() || newest_signed_.size >= size || last_queued_ < size;
  };
  const bool in_time = signed_.wait_for(lock, absl::ToChronoMicroseconds(timeout), settled);
  return Kept(size, in_time);
}

absl::StatusOr<std::string> CheckpointSigner::Exactly(const store::DurableRoot& root,
                                                      absl::Duration timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  // A root that the ledger has not told of yet must wait for it: what comes before may hold an
  // INTENT, and the signer never goes back.
  if (newest_durable_.size < root.size) {
    asked_.insert(root.size);
  } else if (last_queued_ < root.size) {
    Queue(root);
  }
  const bool in_time = signed_.wait_for(lock, absl::ToChronoMicroseconds(timeout), [&] {
    return stopping_ || !failure_.empty() || newest_signed_.size >= root.size;
  });
  return Kept(root.size, in_time);
}

absl::StatusOr<std::string> CheckpointSigner::Kept(certs::LogSize size, bool in_time) const {
  if (const auto found = kept_.find(size); found != kept_.end()) return found->second;
  RETURN_IF_ERROR(Failure());
  if (!in_time) {
    return certs::Error(absl::StatusCode::kDeadlineExceeded, "CHECKPOINT_LATE",
                        "the checkpoint was not signed in time");
  }
  return certs::Error(absl::StatusCode::kNotFound, "CHECKPOINT_UNKNOWN",
                      "no checkpoint of this size is kept");
}

absl::StatusOr<SignedRoot> CheckpointSigner::Newest(absl::Duration timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  const store::DurableRoot wanted = newest_durable_;
  if (wanted.size == certs::LogSize()) {
    return certs::Error(absl::StatusCode::kNotFound, "LOG_EMPTY", "the log has no leaf yet");
  }
  if (newest_signed_.size < wanted.size && last_queued_ < wanted.size) Queue(wanted);
  const bool in_time = signed_.wait_for(lock, absl::ToChronoMicroseconds(timeout), [&] {
    return stopping_ || !failure_.empty() || newest_signed_.size >= wanted.size;
  });
  RETURN_IF_ERROR(Failure());
  if (!in_time) {
    return certs::Error(absl::StatusCode::kDeadlineExceeded, "CHECKPOINT_LATE",
                        "the checkpoint was not signed in time");
  }
  return newest_signed_;
}

bool CheckpointSigner::EverSigned() const {
  if (signed_before_) return true;
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_queued_ != certs::LogSize();
}

std::string CheckpointSigner::failure() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

absl::Status CheckpointSigner::Failure() const {
  if (!failure_.empty()) {
    return certs::Error(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED", failure_);
  }
  if (stopping_) {
    return certs::Error(absl::StatusCode::kUnavailable, "STOPPING", "the service is stopping");
  }
  return absl::OkStatus();
}

void CheckpointSigner::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    std::vector<certs::TreeHead> heads;
    for (const store::DurableRoot& root : queue_) heads.push_back(HeadOf(options_, root));
    queue_.clear();
    if (!failure_.empty()) continue;
    lock.unlock();
    absl::Status status = Raise(heads);
    for (const certs::TreeHead& head : heads) {
      if (!status.ok()) break;
      absl::StatusOr<std::string> checkpoint = Sign(head);
      status = checkpoint.status();
      if (!checkpoint.ok()) break;
      const std::lock_guard<std::mutex> kept(mutex_);
      Keep(certs::LogSize(head.size), *std::move(checkpoint));
      signed_.notify_all();
    }
    lock.lock();
    if (!status.ok()) failure_ = std::string(status.message());
    signed_.notify_all();
  }
}

absl::Status CheckpointSigner::Raise(const std::vector<certs::TreeHead>& heads) {
  RETURN_IF_ERROR(log_signer_.Check(heads));
  HighWater* mark = options_.mark;
  if (mark == nullptr) return absl::OkStatus();
  const certs::TreeHead& newest = heads.back();
  if (mark->head().origin == newest.origin && mark->head().size == newest.size) {
    return absl::OkStatus();  // Check has compared the roots
  }
  return mark->Raise(newest);
}

absl::StatusOr<std::string> CheckpointSigner::Sign(const certs::TreeHead& head) {
  ASSIGN_OR_RETURN(std::string note, log_signer_.Sign(head));
  if (options_.verifier && checks_left_ > 0) {
    --checks_left_;
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(note));
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, options_.verifier));
  }
  return note;
}

void CheckpointSigner::Keep(certs::LogSize size, std::string checkpoint) {
  kept_[size] = checkpoint;
  newest_signed_ = {size, std::move(checkpoint)};
  while (kept_.size() > kKeptCheckpoints) kept_.erase(kept_.begin());
}

}  // namespace birthseal::server
