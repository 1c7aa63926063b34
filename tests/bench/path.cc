// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/path.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/status_macros.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

constexpr int kChannels = 4, kFeeds = 2;
constexpr int kArrivalThreads = 192;  // more births than these are never under way at half load

absl::Status ItemFailure(const v1::ItemError& error) {
  return absl::Status(static_cast<absl::StatusCode>(error.code()),
                      absl::StrCat(error.reason(), ": ", error.message()));
}

}  // namespace

Path::Path(const Service& service, PathOptions options)
    : options_(std::move(options)), server_(service.pid()), births_(absl::Now()) {}

absl::StatusOr<std::unique_ptr<Path>> Path::Open(const Installation& installation,
                                                 const Service& service,
                                                 const PathOptions& options) {
  std::unique_ptr<Path> path(new Path(service, options));
  ASSIGN_OR_RETURN(path->issuer_, installation.OperatorKey("issuer-" + options.operators));
  ASSIGN_OR_RETURN(path->sealer_, installation.OperatorKey("sealer-" + options.operators));
  ASSIGN_OR_RETURN(const client::ClientOptions hospital, service.As("hospital-a", 1));
  for (int i = 0; i < kFeeds; ++i) {
    path->feeds_.push_back(std::make_unique<client::FeedClient>(hospital));
  }
  ASSIGN_OR_RETURN(const client::ClientOptions issuing, service.As("issuer-a", kChannels));
  path->issuing_ = std::make_unique<client::Client>(issuing);
  return path;
}

absl::StatusOr<Path::Filed> Path::File(uint64_t index) {
  ASSIGN_OR_RETURN(const auto verdicts,
                   feeds_[index % feeds_.size()]->Push({births_.Message(index)}));
  if (verdicts[0].verdict() != v1::FEED_VERDICT_ACCEPTED) {
    const bool why = verdicts[0].defects_size() > 0;
    return absl::FailedPreconditionError(
        absl::StrCat("delivery not accepted: ", v1::FeedVerdict_Name(verdicts[0].verdict()), " ",
                     why ? verdicts[0].defects(0).code() : ""));
  }
  ASSIGN_OR_RETURN(const auto answer, issuing_->SubmitApplication(
                                          births_.Application(index, verdicts[0].newborn_id())));
  if (answer.state() != v1::CASE_STATE_SUBMITTED) {
    return absl::FailedPreconditionError(
        absl::StrCat("case not fit: ", answer.defects_size() > 0 ? answer.defects(0).code() : ""));
  }
  return Filed{answer.case_id(), answer.content_digest()};
}

Path::Batch Path::Collect(Filed filed) {
  std::lock_guard<std::mutex> lock(mutex_);
  waiting_.push_back(std::move(filed));
  if (waiting_.size() < static_cast<size_t>(options_.batch)) return {};
  return std::exchange(waiting_, {});
}

absl::Status Path::Finish(const Batch& batch) {
  v1::ApproveCasesRequest approve;
  for (const Filed& filed : batch) {
    auto* item = approve.add_items();
    item->set_case_id(filed.case_id);
    item->set_content_digest(filed.content_digest);
    item->mutable_issuer()->set_operator_id("issuer-" + options_.operators);
    item->mutable_issuer()->set_signature(signer::SignWith(issuer_, filed.content_digest));
  }
  ASSIGN_OR_RETURN(const auto approved, issuing_->ApproveCases(approve));
  v1::IssueCertificatesRequest issue;
  for (const auto& result : approved.results()) {
    if (result.has_error()) return ItemFailure(result.error());
    auto* item = issue.add_items();
    item->set_case_id(result.case_id());
    item->set_issue_date(result.issue_date());
    item->mutable_sealer()->set_operator_id("sealer-" + options_.operators);
    item->mutable_sealer()->set_signature(signer::SignWith(sealer_, result.face_digest()));
  }
  const double sent = WallMicros();
  ASSIGN_OR_RETURN(const auto issued, issuing_->IssueCertificates(issue));
  const double took_ms = (WallMicros() - sent) / 1000;
  for (const auto& result : issued.results()) {
    if (result.has_error()) return ItemFailure(result.error());
  }
  issued_ += batch.size();
  std::lock_guard<std::mutex> lock(mutex_);
  issue_ms_.push_back(took_ms);
  return absl::OkStatus();
}

void Path::One(uint64_t index) {
  absl::StatusOr<Filed> filed = File(index);
  if (!filed.ok()) return Failed(filed.status());
  const Batch batch = Collect(*std::move(filed));
  if (batch.empty()) return;
  if (const absl::Status finished = Finish(batch); !finished.ok()) Failed(finished);
}

void Path::Failed(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failures_++ == 0) first_failure_ = status.ToString();
}

PathResult Path::Snapshot() const {
  PathResult now;
  now.certificates = issued_;
  now.seconds = WallMicros() / 1e6;
  now.server_cpu = UseOf(server_).cpu_micros;
  now.generator_cpu = ProcessCpuMicros();
  return now;
}

PathResult Path::Between(const PathResult& begin, PathResult end) {
  end.certificates -= begin.certificates;
  end.seconds -= begin.seconds;
  end.server_cpu -= begin.server_cpu;
  end.generator_cpu -= begin.generator_cpu;
  return end;
}

PathResult Path::Sustain() {
  std::atomic<bool> stop{false};
  const uint64_t last = options_.limit == 0 ? UINT64_MAX : next_ + options_.limit;
  const PathResult start = Snapshot();
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.threads; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const uint64_t index = next_++;
        if (index >= last) return;
        One(index);
      }
    });
  }
  PathResult begin = start, end;
  if (options_.limit == 0) {
    absl::SleepFor(absl::Seconds(options_.warm_up_seconds));
    begin = Snapshot();
    absl::SleepFor(absl::Seconds(options_.seconds));
    end = Snapshot();
    stop = true;
  }
  for (std::thread& thread : threads) thread.join();
  if (options_.limit != 0) end = Snapshot();
  PathResult result = Between(begin, end);
  std::lock_guard<std::mutex> lock(mutex_);
  result.issue_ms = std::exchange(issue_ms_, {});
  result.failures = failures_;
  result.first_failure = first_failure_;
  return result;
}

PathResult Path::Arrive(double rate, double seconds) {
  std::mt19937_64 random(20260601);
  std::exponential_distribution<double> interval(rate);
  std::vector<double> due;  // seconds from the start
  for (double at = interval(random); at < seconds; at += interval(random)) due.push_back(at);
  const uint64_t first = next_.fetch_add(due.size());
  std::atomic<size_t> ticket{0};
  const absl::Time start = absl::Now();
  const PathResult begin = Snapshot();
  std::vector<std::thread> threads;
  for (int i = 0; i < kArrivalThreads; ++i) {
    threads.emplace_back([&] {
      for (size_t mine = ticket++; mine < due.size(); mine = ticket++) {
        absl::SleepFor(start + absl::Seconds(due[mine]) - absl::Now());
        One(first + mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  PathResult result = Between(begin, Snapshot());
  std::lock_guard<std::mutex> lock(mutex_);
  result.issue_ms = std::exchange(issue_ms_, {});
  result.failures = failures_;
  result.first_failure = first_failure_;
  return result;
}

}  // namespace birthseal::bench
