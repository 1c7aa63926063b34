// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/finisher.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/finish_issue.h"
#include "server/use_case/stored_ids.h"
#include "store/keys.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kPage = 4096;  // listed at a time
constexpr absl::Duration kFirstDelay = absl::Milliseconds(200);
constexpr absl::Duration kMaxDelay = absl::Minutes(1);

absl::Duration Backoff(int failures) {
  return std::min(kMaxDelay, kFirstDelay * (1 << std::min(failures, 12)));
}

// A claim for the time of one pass.
class Claims {
 public:
  explicit Claims(OpenIssues* open) : open_(open) {}
  ~Claims() {
    for (const store::IntentKey intent : held_) open_->Release(intent);
  }
  bool Add(store::IntentKey intent) {
    if (!open_->TryClaim(intent)) return false;
    held_.push_back(intent);
    return true;
  }

 private:
  OpenIssues* const open_;
  std::vector<store::IntentKey> held_;
};

}  // namespace

Finisher::Finisher(const IssuingRoom* room, OnUnfinished on_unfinished, OnBlind on_blind)
    : room_(room), on_unfinished_(std::move(on_unfinished)), on_blind_(std::move(on_blind)) {}

Finisher::~Finisher() { Stop(); }

void Finisher::Start(absl::Duration interval) {
  thread_ = std::thread([this, interval] { Run(interval); });
}

void Finisher::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Finisher::Run(absl::Duration interval) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    RunOnce();
    lock.lock();
    wake_.wait_for(lock, absl::ToChronoMicroseconds(interval), [this] { return stopping_; });
  }
}

Finisher::Counters Finisher::counters() const { return {finished_, failed_, blind_passes_}; }

bool Finisher::Stopping() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopping_;
}

Finisher::Pass Finisher::RunOnce() {
  const std::lock_guard<std::mutex> one(pass_mutex_);
  Pass pass;
  // What waits is finished once it may be: no failure, and no backoff.
  if (!room_->freshness.MayIssue().ok()) return pass;
  std::set<store::IntentKey> open;
  const absl::Status listed = FinishPages(&open, &pass);
  if (!listed.ok()) {
    ++blind_passes_;
    const bool due = told_blind_.Due(certs::ReasonOf(listed), room_->clock.Now());
    if (due && on_blind_ != nullptr) on_blind_(listed);
    return pass;
  }
  told_blind_.Over();
  // What is no longer open needs no memory of its failures.
  for (auto it = retries_.begin(); it != retries_.end();) {
    it = open.count(it->first) != 0 ? std::next(it) : retries_.erase(it);
  }
  return pass;
}

// No document can be sealed under the root of a log that has ended: those before wait. However many
// wait for a person, those after them are seen too.
absl::Status Finisher::FinishPages(std::set<store::IntentKey>* open, Pass* pass) {
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, room_->registry.Meta());
  std::optional<store::IntentKey> next =
      store::IntentKeyAt(certs::LogEpoch(meta.log_epoch()), certs::LeafIndex(0));
  do {
    ASSIGN_OR_RETURN(const std::vector<storage::v1::Reservation> page,
                     room_->registry.OpenReservations(kPage, next, &next));
    for (const storage::v1::Reservation& reservation : page) {
      open->insert(store::IntentKeyOf(reservation));
    }
    for (size_t first = 0; first < page.size(); first += kBatch) {
      if (Stopping()) return absl::OkStatus();
      FinishSome(page, first, std::min(first + kBatch, page.size()), pass);
    }
  } while (next);
  return absl::OkStatus();
}

absl::StatusOr<ReservedIssue> Finisher::Load(const storage::v1::Reservation& reservation,
                                             absl::Time now) const {
  if (now - absl::FromUnixSeconds(reservation.signing_time()) > kUnaskedFor) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "ISSUE_WAITS_TO_BE_ASKED",
                        "reserved more than a day ago: the sealer asks again, or two people "
                        "cancel it");
  }
  ReservedIssue issue;
  issue.reservation = reservation;
  ASSIGN_OR_RETURN(const certs::CaseId id,
                   StoredId<certs::CaseId>(reservation.case_id(), "case_id"));
  ASSIGN_OR_RETURN(issue.filed, Promised("case_id", room_->registry.Case(id)));
  return issue;
}

void Finisher::FinishSome(const std::vector<storage::v1::Reservation>& open, size_t first,
                          size_t end, Pass* pass) {
  const absl::Time now = room_->clock.Now();
  Claims claims(&room_->open_issues);
  std::vector<ReservedIssue> issues;
  for (size_t i = first; i < end; ++i) {
    const storage::v1::Reservation& reservation = open[i];
    const store::IntentKey intent = store::IntentKeyOf(reservation);
    const auto retry = retries_.find(intent);
    const bool due = retry == retries_.end() || retry->second.due <= now;
    if (!due || !claims.Add(intent)) {
      ++pass->skipped;
      continue;
    }
    const auto there = room_->registry.Certificate(store::StatusIndexOf(reservation));
    if (there.ok()) {  // committed between the listing and the claim: nothing is left to do
      ++pass->skipped;
      continue;
    }
    // Whether it is there must be known: else it would be sealed a second time.
    absl::StatusOr<ReservedIssue> issue = there.status();
    if (absl::IsNotFound(there.status())) issue = Load(reservation, now);
    if (issue.ok()) {
      issues.push_back(*std::move(issue));
    } else {
      NoteFailure(reservation, issue.status(), now, pass);
    }
  }
  const auto heads = FinishIssues(*room_, issues);
  for (size_t i = 0; i < heads.size(); ++i) {
    if (heads[i].ok()) {
      retries_.erase(store::IntentKeyOf(issues[i].reservation));
      ++pass->finished;
      ++finished_;
    } else {
      NoteFailure(issues[i].reservation, heads[i].status(), now, pass);
    }
  }
}

void Finisher::NoteFailure(const storage::v1::Reservation& reservation, const absl::Status& why,
                           absl::Time now, Pass* pass) {
  Retry& retry = retries_[store::IntentKeyOf(reservation)];
  retry.due = now + Backoff(retry.failures++);
  ++pass->failed;
  ++failed_;
  if (retry.told.Due(certs::ReasonOf(why), now) && on_unfinished_ != nullptr) {
    on_unfinished_(reservation, why);
  }
}

}  // namespace birthseal::server
