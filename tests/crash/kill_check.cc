// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill_check.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/proof/leaf.h"
#include "certs/status_macros.h"

namespace birthseal::tests {
namespace {

constexpr absl::Duration kFinisherPatience = absl::Seconds(60);
constexpr absl::Duration kLookEvery = absl::Milliseconds(5);
constexpr size_t kLeavesAgain = 32;  // read once more, so that a changed log is noticed
constexpr size_t kSample = 4;
constexpr size_t kThreads = 4;
constexpr char kCause[] = "核对";

// `work` for each index, on some threads; the first error ends it.
template <typename Work>
absl::Status ForEach(size_t count, const Work& work) {
  std::mutex mutex;
  size_t next = 0;
  absl::Status first;
  const auto run = [&] {
    for (;;) {
      size_t mine;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        if (next == count || !first.ok()) return;
        mine = next++;
      }
      absl::Status status = work(mine);
      if (status.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      if (first.ok()) first = std::move(status);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(kThreads, count); ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  return first;
}

}  // namespace

KillChecker::KillChecker(std::vector<std::unique_ptr<Caller>>* callers, uint64_t numbers,
                         Faults* faults)
    : callers_(callers), numbers_(numbers), faults_(faults) {}

absl::Status KillChecker::ReadLog(Connections* connections) {
  uint64_t at = leaves_.size() - std::min(leaves_.size(), kLeavesAgain);
  for (;;) {
    v1::ListLeavesRequest request;
    request.set_first(at);
    request.set_count(1024);
    ASSIGN_OR_RETURN(const v1::ListLeavesResponse response,
                     connections->auditor.ListLeaves(request));
    if (response.leaves().empty()) break;
    for (const std::string& bytes : response.leaves()) {
      if (at < leaves_.size()) {
        if (leaves_[at] != bytes)
          faults_->Add(absl::StrCat("leaf ", at, " of the log has changed"));
        ++at;
        continue;
      }
      leaves_.push_back(bytes);
      ++at;
      ASSIGN_OR_RETURN(const certs::Leaf leaf, certs::ParseLeaf(bytes));
      if (leaf.kind == certs::LeafKind::kIntent) {
        if (!intents_.emplace(leaf.status_index, 0).second) {
          faults_->Add(absl::StrCat("two intents of status index ", leaf.status_index));
        }
        unfinished_.insert(leaf.status_index);
      } else if (leaf.kind == certs::LeafKind::kIssued) {
        if (++intents_[leaf.status_index] != 1) {
          faults_->Add(absl::StrCat("two documents of status index ", leaf.status_index));
        }
        unfinished_.erase(leaf.status_index);
      }
    }
    if (response.leaves_size() < 1024) break;
  }
  if (at < leaves_.size()) faults_->Add("the log has become shorter");
  return absl::OkStatus();
}

absl::Status KillChecker::AwaitFinisher(Connections* connections) {
  const absl::Time give_up = absl::Now() + kFinisherPatience;
  RETURN_IF_ERROR(ReadLog(connections));
  left_to_finisher_ += unfinished_.size();
  while (!unfinished_.empty()) {
    if (absl::Now() >= give_up) {
      faults_->Add(absl::StrCat(unfinished_.size(), " issues were not finished"));
      return absl::OkStatus();
    }
    absl::SleepFor(kLookEvery);
    RETURN_IF_ERROR(ReadLog(connections));
  }
  return absl::OkStatus();
}

absl::Status KillChecker::Settle(Connections* connections) {
  return ForEach(callers_->size(), [&](size_t i) { return (*callers_)[i]->Settle(connections); });
}

absl::Status KillChecker::CheckCertificate(Connections* connections, const BirthEntry& birth,
                                           size_t index) {
  const CaseEntry& entry = birth.cases[index];
  const v1::Certificate& certificate = entry.certificate;
  const bool superseded =
      index + 1 < birth.cases.size() && !birth.cases[index + 1].certificate.number().empty();
  v1::GetStatusRequest status;
  status.set_licence_id(certificate.licence_id());
  ASSIGN_OR_RETURN(const v1::GetStatusResponse known, connections->platform.GetStatus(status));
  const v1::CertificateStatus expected =
      superseded ? v1::CERTIFICATE_STATUS_EXCHANGED : v1::CERTIFICATE_STATUS_VALID;
  if (!known.known() || known.status() != expected) {
    faults_->Add(absl::StrCat(certificate.number(), " has status ", known.status()));
  }
  v1::DownloadDocumentRequest request;
  request.mutable_key()->set_licence_id(certificate.licence_id());
  request.set_use_cause(kCause);
  const auto document = connections->platform.DownloadDocument(request);
  if (absl::IsNotFound(document.status())) {
    faults_->Add(absl::StrCat(certificate.number(), " is lost"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(document.status());
  if (certs::Bytes(certs::Sm3Of(document->file())) != certificate.file_sm3() ||
      (!entry.file.empty() && document->file() != entry.file)) {
    faults_->Add(absl::StrCat("the file of ", certificate.number(), " has changed"));
  }
  return absl::OkStatus();
}

absl::Status KillChecker::CheckAskedAgain(Connections* connections, const BirthEntry& birth,
                                          const CaseEntry& entry) {
  v1::IssueCertificatesRequest request;
  *request.add_items() = entry.order;
  ASSIGN_OR_RETURN(const v1::IssueCertificatesResponse response,
                   connections->Of(*birth.institution).issuer.IssueCertificates(request));
  const v1::Certificate& again = response.results(0).certificate();
  if (again.number() != entry.certificate.number() ||
      again.licence_id() != entry.certificate.licence_id() ||
      again.status_index() != entry.certificate.status_index() ||
      again.file_sm3() != entry.certificate.file_sm3()) {
    faults_->Add(absl::StrCat("asked again for ", entry.certificate.number(), ": ",
                              response.results(0).error().reason()));
  }
  return absl::OkStatus();
}

absl::Status KillChecker::CheckBirth(Connections* connections, const BirthEntry& birth) {
  if (birth.pushed.newborn_id().empty()) return absl::OkStatus();
  v1::GetDeliveryRequest request;
  request.set_delivery_id(birth.pushed.delivery_id());
  request.set_use_cause(kCause);
  const auto delivery = connections->Of(*birth.institution).issuer.GetDelivery(request);
  if (absl::IsNotFound(delivery.status())) {
    faults_->Add(absl::StrCat("delivery ", birth.message.source_message_id(), " is lost"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(delivery.status());
  if (delivery->delivery().SerializeAsString() != birth.message.delivery().SerializeAsString() ||
      delivery->newborn_id() != birth.pushed.newborn_id()) {
    faults_->Add(absl::StrCat("delivery ", birth.message.source_message_id(), " has changed"));
  }
  for (size_t i = 0; i < birth.cases.size(); ++i) {
    if (birth.cases[i].certificate.number().empty()) continue;
    RETURN_IF_ERROR(CheckCertificate(connections, birth, i));
    RETURN_IF_ERROR(CheckAskedAgain(connections, birth, birth.cases[i]));
  }
  return absl::OkStatus();
}

// Callers know every number and every certificate now, so the sums must come out exactly: a number
// more is burnt, a certificate more has no owner.
absl::Status KillChecker::CheckCounts(Connections* connections) {
  std::set<std::string> allotted;
  std::set<std::string> newborns;
  uint64_t deliveries = 0, certificates = 0, approvals = 0;
  for (const auto& caller : *callers_) {
    for (const BirthEntry& birth : caller->births()) {
      if (!birth.pushed.newborn_id().empty()) {
        ++deliveries;
        newborns.insert(birth.pushed.newborn_id());
      }
      for (const CaseEntry& entry : birth.cases) {
        if (entry.approved.certificate_number().empty()) continue;
        ++approvals;
        allotted.insert(entry.approved.certificate_number());
        if (!entry.certificate.number().empty()) ++certificates;
      }
    }
  }
  certificates_ = certificates;
  if (allotted.size() != approvals) faults_->Add("a number was allotted twice");
  if (newborns.size() != deliveries) faults_->Add("two deliveries share a newborn");
  if (intents_.size() != certificates) {
    faults_->Add(absl::StrCat(intents_.size(), " intents, ", certificates, " certificates"));
  }
  ASSIGN_OR_RETURN(const v1::GetSummaryResponse summary,
                   connections->managing.GetSummary(v1::GetSummaryRequest()));
  if (summary.numbers_wasted() != 0 || summary.numbers_in_stock() + allotted.size() != numbers_) {
    faults_->Add(absl::StrCat("numbers burnt: ", summary.numbers_wasted(), " wasted, ",
                              summary.numbers_in_stock(), " in stock, ", allotted.size(),
                              " allotted, ", numbers_, " received"));
  }
  if (summary.certificates_issued() != certificates ||
      summary.deliveries_accepted() != deliveries) {
    faults_->Add(absl::StrCat("the service counts ", summary.ShortDebugString(), ", callers ",
                              deliveries, " deliveries and ", certificates, " certificates"));
  }
  return absl::OkStatus();
}

absl::Status KillChecker::CheckBirths(Connections* connections,
                                      const std::vector<const BirthEntry*>& births) {
  return ForEach(births.size(), [&](size_t i) { return CheckBirth(connections, *births[i]); });
}

absl::Status KillChecker::Check(Connections* connections) {
  RETURN_IF_ERROR(AwaitFinisher(connections));
  RETURN_IF_ERROR(Settle(connections));
  // What was asked again is reserved and issued now as well.
  RETURN_IF_ERROR(AwaitFinisher(connections));
  RETURN_IF_ERROR(CheckCounts(connections));
  std::vector<const BirthEntry*> births;
  std::map<const Caller*, size_t> checked;
  for (const auto& caller : *callers_) {
    const std::deque<BirthEntry>& all = caller->births();
    const size_t old = checked_[caller.get()];
    for (size_t i = old; i < all.size(); ++i) births.push_back(&all[i]);
    for (size_t i = 0; i < std::min(kSample, old); ++i)
      births.push_back(&all[++sample_ * 7919 % old]);
    // Births under way are looked at again.
    size_t done = old;
    while (done < all.size() && all[done].done) ++done;
    checked[caller.get()] = done;
  }
  RETURN_IF_ERROR(CheckBirths(connections, births));
  checked_ = std::move(checked);
  return absl::OkStatus();
}

absl::Status KillChecker::CheckAll(Connections* connections) {
  leaves_.clear();
  intents_.clear();
  unfinished_.clear();
  checked_.clear();
  return Check(connections);
}

}  // namespace birthseal::tests
