#include "server/checkpoint_signer.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr size_t kKeptCheckpoints = 4096;

}  // namespace

CheckpointSigner::CheckpointSigner(std::shared_ptr<const signer::PrivateKey> log_key,
                                   const std::string& log_name, uint64_t log_epoch,
                                   certs::NoteVerifier verifier, certs::TreeHead last)
    : log_signer_(log_name, std::move(log_key), std::move(last)),
      origin_(absl::StrCat(log_name, "/", log_epoch, " sm3")),
      verifier_(std::move(verifier)),
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
  if (!root.has_intent) return;
  queue_.push_back(root);
  last_queued_ = root.size;
  work_.notify_one();
}

absl::StatusOr<std::string> CheckpointSigner::WaitFor(uint64_t size, absl::Duration timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto settled = [&] {
    return stopping_ || !failure_.empty() || newest_signed_.size >= size || last_queued_ < size;
  };
  const bool in_time = signed_.wait_for(lock, absl::ToChronoMicroseconds(timeout), settled);
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
  if (wanted.size == 0) {
    return certs::Error(absl::StatusCode::kNotFound, "LOG_EMPTY", "the log has no leaf yet");
  }
  if (newest_signed_.size < wanted.size && last_queued_ < wanted.size) {
    queue_.push_back(wanted);
    last_queued_ = wanted.size;
    work_.notify_one();
  }
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
    const store::DurableRoot root = queue_.front();
    queue_.pop_front();
    if (!failure_.empty()) continue;
    lock.unlock();
    absl::StatusOr<std::string> checkpoint = Sign(root);
    lock.lock();
    if (checkpoint.ok()) {
      Keep(root.size, *std::move(checkpoint));
    } else {
      failure_ = std::string(checkpoint.status().message());
    }
    signed_.notify_all();
  }
}

absl::StatusOr<std::string> CheckpointSigner::Sign(const store::DurableRoot& root) {
  certs::TreeHead head;
  head.origin = origin_;
  head.size = root.size;
  head.root = root.root;
  head.time = absl::FromUnixSeconds(absl::ToUnixSeconds(root.time));
  ASSIGN_OR_RETURN(std::string note, log_signer_.Sign(head));
  if (verifier_ && checks_left_ > 0) {
    --checks_left_;
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(note));
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, verifier_));
  }
  return note;
}

void CheckpointSigner::Keep(uint64_t size, std::string checkpoint) {
  kept_[size] = checkpoint;
  newest_signed_ = {size, std::move(checkpoint)};
  while (kept_.size() > kKeptCheckpoints) kept_.erase(kept_.begin());
}

}  // namespace birthseal::server
