// SPDX-License-Identifier: Apache-2.0
// What the rest of the service asks the desk.
#include <chrono>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/witnessing/witness_desk.h"
#include "store/log/merkle_log.h"

namespace birthseal::server {
namespace {

constexpr size_t kKeptPaths = 256;

}  // namespace

std::shared_ptr<const Witnessed> WitnessDesk::Newest() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return newest_;
}

absl::StatusOr<std::optional<WitnessLink>> WitnessDesk::LinkTo(const certs::LogPosition& position) {
  std::shared_ptr<const Witnessed> newest;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    newest = newest_;
    if (newest == nullptr || newest->epoch != position.epoch || newest->position() > position) {
      return std::optional<WitnessLink>();
    }
    if (const auto found = paths_.find({newest->position().size, position.size});
        found != paths_.end()) {
      return std::optional<WitnessLink>({newest->note, found->second});
    }
  }
  const std::unique_ptr<const store::Snapshot> snapshot = at_.engine->NewSnapshot();
  ASSIGN_OR_RETURN(
      std::vector<certs::Digest> path,
      store::ConsistencyPath(newest->head.size, position.size.value(),
                             store::StoredNodes(snapshot.get(), position.epoch.value())));
  const std::lock_guard<std::mutex> lock(mutex_);
  // Many certificates of one batch ask for the same path.
  if (paths_.size() >= kKeptPaths) paths_.clear();
  if (newest == newest_) paths_[{newest->position().size, position.size}] = path;
  return std::optional<WitnessLink>({newest->note, std::move(path)});
}

absl::Status WitnessDesk::AwaitWitnessed(const certs::LogPosition& position,
                                         absl::Duration timeout) const {
  std::unique_lock<std::mutex> lock(mutex_);
  const bool covered = changed_.wait_for(lock, absl::ToChronoMicroseconds(timeout), [&] {
    return stopping_ || (newest_ != nullptr && newest_->position() >= position);
  });
  if (covered && !stopping_) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kUnavailable, "NOT_YET_WITNESSED",
                      "it is durable, and not yet cosigned by a quorum of witnesses; ask again", "",
                      "已入库，尚待见证方联署，请以相同请求重试");
}

WitnessDesk::Counters WitnessDesk::counters() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Counters counters = counters_;
  counters.rounds_failed = rounds_.count;
  counters.receipts_failed = receipts_.count;
  counters.witnessed_size = newest_ == nullptr ? 0 : newest_->head.size;
  return counters;
}

}  // namespace birthseal::server
