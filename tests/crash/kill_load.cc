// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill_load.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/status_macros.h"
#include "tests/support/birth_messages.h"

namespace birthseal::tests {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(60);  // longer than any machine is busy

client::ClientOptions Plain(client::ClientOptions options) {
  options.retry = false;
  options.deadline = kDeadline;
  return options;
}

}  // namespace

void Faults::Add(std::string what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  all_.push_back(std::move(what));
}

std::vector<std::string> Faults::all() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

bool IsDeath(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsCancelled(status) ||
         absl::IsDeadlineExceeded(status);
}

Connections::Institution::Institution(const ServiceSite& site, const SiteInstitution& which,
                                      int port)
    : feed(Plain(site.ClientFor(absl::StrCat("hospital-", which.suffix), port))),
      issuer(Plain(site.ClientFor(absl::StrCat("issuer-", which.suffix), port))) {}

Connections::Connections(const ServiceSite& site, int port)
    : a(site, kSiteA, port),
      b(site, kSiteB, port),
      platform(Plain(site.ClientFor("platform", port))),
      auditor(Plain(site.ClientFor("auditor", port))),
      managing(Plain(site.ClientFor("managing", port))) {}

Caller::Caller(const ServiceSite& site, const SiteInstitution& institution, Faults* faults,
               int first_birth, int birth_step, uint64_t seed)
    : institution_(institution),
      faults_(faults),
      issuer_id_(absl::StrCat("issuer-", institution.suffix)),
      sealer_id_(absl::StrCat("sealer-", institution.suffix)),
      issuer_key_(site.OperatorKey(issuer_id_)),
      sealer_key_(site.OperatorKey(sealer_id_)),
      next_birth_(first_birth),
      birth_step_(birth_step),
      random_(seed * 2 + 1) {}

uint64_t Caller::Random() {  // splitmix64
  uint64_t z = (random_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void Caller::Begin() {
  under_way_.clear();
  for (uint64_t count = 1 + Random() % 4; count > 0; --count) {
    BirthEntry& birth = births_.emplace_back();
    birth.institution = &institution_;
    birth.message = MessageFor(BirthOf(next_birth_, institution_.code, institution_.name));
    birth.exchanges = Random() % 3 == 0 ? 1 : 0;
    next_birth_ += birth_step_;
    under_way_.push_back(&birth);
  }
}

Caller::Stage Caller::StageOf(const BirthEntry& birth) {
  if (birth.done) return Stage::kDone;
  if (birth.pushed.newborn_id().empty()) return Stage::kPush;
  if (birth.cases.empty() || birth.cases.back().filed.case_id().empty()) return Stage::kFile;
  if (birth.cases.back().approved.certificate_number().empty()) return Stage::kApprove;
  if (birth.cases.back().certificate.number().empty()) return Stage::kIssue;
  return Stage::kDownload;
}

std::vector<BirthEntry*> Caller::Behind(Stage* stage) {
  *stage = Stage::kDone;
  for (const BirthEntry* birth : under_way_) *stage = std::min(*stage, StageOf(*birth));
  std::vector<BirthEntry*> behind;
  for (BirthEntry* birth : under_way_) {
    if (StageOf(*birth) == *stage) behind.push_back(birth);
  }
  return behind;
}

absl::Status Caller::Step(Connections* connections) {
  Stage stage;
  std::vector<BirthEntry*> behind = Behind(&stage);
  if (stage == Stage::kDone) {
    Begin();
    behind = Behind(&stage);
  }
  absl::Status status;
  switch (stage) {
    case Stage::kPush:
      status = Push(connections, behind);
      break;
    case Stage::kFile:
      status = File(connections, behind.front());
      break;
    case Stage::kApprove:
      status = Approve(connections, behind);
      break;
    case Stage::kIssue:
      status = Issue(connections, behind);
      break;
    case Stage::kDownload:
    case Stage::kDone:
      status = Download(connections, behind.front());
      break;
  }
  if (!status.ok() && !IsDeath(status)) {
    faults_->Add(absl::StrCat("step ", static_cast<int>(stage), ": ", status.ToString()));
  }
  return status;
}

absl::Status Caller::Settle(Connections* connections) {
  // The furthest behind are asked for first; each birth has at most one question open.
  for (BirthEntry* birth : under_way_) {
    const std::vector<BirthEntry*> one = {birth};
    absl::Status status;
    switch (StageOf(*birth)) {
      case Stage::kPush:
        status = Push(connections, one);
        break;
      case Stage::kApprove:
        status = Approve(connections, one);
        break;
      case Stage::kIssue:
        status = Issue(connections, one);
        break;
      case Stage::kFile:
      case Stage::kDownload:
      case Stage::kDone:
        break;
    }
    if (!status.ok() && !IsDeath(status)) {
      faults_->Add(absl::StrCat("asked again: ", status.ToString()));
    }
    RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status Caller::Push(Connections* connections, const std::vector<BirthEntry*>& births) {
  std::vector<v1::PushDeliveriesRequest> messages;
  for (const BirthEntry* birth : births) messages.push_back(birth->message);
  ASSIGN_OR_RETURN(std::vector<v1::PushDeliveriesResponse> verdicts,
                   connections->Of(institution_).feed.Push(std::move(messages)));
  for (size_t i = 0; i < births.size(); ++i) {
    v1::PushDeliveriesResponse& verdict = verdicts[i];
    const v1::FeedVerdict first = verdict.verdict() == v1::FEED_VERDICT_DUPLICATE
                                      ? verdict.first_verdict()
                                      : verdict.verdict();
    if (verdict.verdict() == v1::FEED_VERDICT_RETRY_LATER) continue;
    if (first != v1::FEED_VERDICT_ACCEPTED || verdict.newborn_id().empty()) {
      faults_->Add(absl::StrCat("delivery: ", verdict.ShortDebugString()));
    }
    births[i]->pushed = std::move(verdict);
  }
  return absl::OkStatus();
}

absl::Status Caller::File(Connections* connections, BirthEntry* birth) {
  if (birth->cases.empty()) {
    v1::SubmitApplicationRequest request;
    request.set_request_id(absl::StrCat("file-", birth->message.source_message_id()));
    *request.mutable_application() =
        ApplicationFor(birth->message.delivery(), birth->pushed.newborn_id(), institution_.code);
    birth->cases.emplace_back().request = std::move(request);
  }
  CaseEntry& entry = birth->cases.back();
  ASSIGN_OR_RETURN(v1::SubmitApplicationResponse filed,
                   connections->Of(institution_).issuer.SubmitApplication(entry.request));
  if (filed.state() != v1::CASE_STATE_SUBMITTED) {
    faults_->Add(absl::StrCat("case: ", filed.ShortDebugString()));
  }
  entry.filed = std::move(filed);
  entry.approval = ApprovalOf(entry.filed, issuer_id_, issuer_key_);
  return absl::OkStatus();
}

absl::Status Caller::Approve(Connections* connections, const std::vector<BirthEntry*>& births) {
  v1::ApproveCasesRequest request;
  for (const BirthEntry* birth : births) *request.add_items() = birth->cases.back().approval;
  ASSIGN_OR_RETURN(const v1::ApproveCasesResponse response,
                   connections->Of(institution_).issuer.ApproveCases(request));
  for (size_t i = 0; i < births.size(); ++i) {
    const v1::ApproveCasesResponse::Result& result = response.results(static_cast<int>(i));
    if (result.has_error()) {
      return absl::Status(static_cast<absl::StatusCode>(result.error().code()),
                          absl::StrCat("approve: ", result.error().reason()));
    }
    CaseEntry& entry = births[i]->cases.back();
    entry.approved = result;
    entry.order = OrderOf(result, sealer_id_, sealer_key_);
  }
  return absl::OkStatus();
}

absl::Status Caller::Issue(Connections* connections, const std::vector<BirthEntry*>& births) {
  v1::IssueCertificatesRequest request;
  for (const BirthEntry* birth : births) *request.add_items() = birth->cases.back().order;
  ASSIGN_OR_RETURN(const v1::IssueCertificatesResponse response,
                   connections->Of(institution_).issuer.IssueCertificates(request));
  for (size_t i = 0; i < births.size(); ++i) {
    const v1::IssueCertificatesResponse::Result& result = response.results(static_cast<int>(i));
    CaseEntry& entry = births[i]->cases.back();
    if (result.error().reason() == "ISSUE_DATE_PASSED") {  // midnight: the next day is signed
      entry.approved.clear_certificate_number();
      continue;
    }
    if (result.has_error()) {
      return absl::Status(static_cast<absl::StatusCode>(result.error().code()),
                          absl::StrCat("issue: ", result.error().reason()));
    }
    if (result.certificate().number() != entry.approved.certificate_number()) {
      faults_->Add("a certificate has another number than was approved");
    }
    entry.certificate = result.certificate();
  }
  return absl::OkStatus();
}

absl::Status Caller::Download(Connections* connections, BirthEntry* birth) {
  CaseEntry& entry = birth->cases.back();
  v1::DownloadDocumentRequest request;
  request.mutable_key()->set_number(entry.certificate.number());
  request.set_use_cause("户口登记");
  ASSIGN_OR_RETURN(v1::DownloadDocumentResponse response,
                   connections->platform.DownloadDocument(request));
  if (certs::Bytes(certs::Sm3Of(response.file())) != entry.certificate.file_sm3()) {
    faults_->Add("a file is not the one whose digest was answered");
  }
  entry.file = std::move(*response.mutable_file());
  if (birth->exchanges > 0) {
    Exchange(birth);
  } else {
    birth->done = true;
  }
  return absl::OkStatus();
}

void Caller::Exchange(BirthEntry* birth) {
  --birth->exchanges;
  const std::string old = birth->cases.back().certificate.number();
  v1::SubmitApplicationRequest request;
  request.set_request_id(absl::StrCat("exchange-", old));
  *request.mutable_application() =
      ExchangeFor(birth->message.delivery(), birth->pushed.newborn_id(), institution_.code, old);
  birth->cases.emplace_back().request = std::move(request);
}

}  // namespace birthseal::tests
