// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/freshness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {

Freshness::Freshness(Options options, const certs::Clock* clock)
    : options_(std::move(options)), clock_(clock), started_(clock->Now()) {}

bool Freshness::Proven() const {
  return options_.witnesses == 0 || confirmed_.size() >= options_.witnesses - options_.quorum + 1;
}

absl::Duration Freshness::Silence() const {
  if (!waiting_since_.has_value()) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(), clock_->Now() - *waiting_since_);
}

void Freshness::Raise(absl::string_view event, absl::string_view detail) const {
  if (options_.on_event) options_.on_event(event, detail);
}

void Freshness::Confirmed(absl::string_view witness) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (Proven() || !confirmed_.emplace(witness).second || !Proven()) return;
  }
  Raise("FRESHNESS_PROVEN", witness);
}

void Freshness::Behind(const absl::Status& why) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!behind_.ok()) return;
    behind_ = why;
  }
  Raise(certs::ReasonOf(why), why.message());
}

void Freshness::Unwitnessed() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!waiting_since_.has_value()) waiting_since_ = clock_->Now();
}

void Freshness::Quorum(bool all) {
  bool was_alarmed = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_since_ = all ? std::nullopt : std::optional<absl::Time>(clock_->Now());
    was_alarmed = std::exchange(alarmed_, false);
    stopped_ = false;
  }
  if (was_alarmed) Raise("WITNESSES_BACK", "");
}

void Freshness::Look() {
  bool alarm = false, stop = false;
  absl::Duration silence;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    silence = Silence();
    alarm = silence >= options_.alarm && !std::exchange(alarmed_, silence >= options_.alarm);
    stop = silence >= options_.stop && !std::exchange(stopped_, silence >= options_.stop);
    if (alarm) ++alarms_;
  }
  const std::string since = absl::StrCat(absl::ToInt64Seconds(silence), " s");
  if (alarm) Raise("WITNESSES_SILENT_ALARM", since);
  if (stop) Raise("WITNESSES_SILENT", since);
}

absl::Status Freshness::MayIssue() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  RETURN_IF_ERROR(behind_);
  if (!Proven()) {
    return certs::Error(
        absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN",
        absl::StrCat("nothing is issued until ", options_.witnesses - options_.quorum + 1,
                     " witnesses confirm the state of the log, ", confirmed_.size(),
                     " have; ask again"),
        "", "见证方尚未确认日志为最新状态，暂停签发，请稍后重试");
  }
  if (Silence() < options_.stop) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kUnavailable, "WITNESSES_SILENT",
                      "nothing is issued: no quorum of witnesses has cosigned for too long", "",
                      "见证方长时间未联署日志检查点，暂停签发");
}

absl::Status Freshness::MayAnswer() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return behind_;
}

std::optional<absl::Time> Freshness::NotProvenSince() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Proven() ? std::nullopt : std::optional<absl::Time>(started_);
}

Freshness::Counters Freshness::counters() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {confirmed_.size(), alarms_, Silence()};
}

}  // namespace birthseal::server
