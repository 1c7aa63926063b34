// SPDX-License-Identifier: Apache-2.0
#include "tests/server/use_case/every_call.h"

#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/feed/resolve_review.h"
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/get_case.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/revoke_certificate.h"
#include "server/issuing/withdraw_case.h"
#include "server/reading/download_document.h"
#include "server/reading/get_preview.h"
#include "server/reading/get_status.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"

namespace birthseal::tests {

using server::Role;

void EveryCallTest::SetUp() {
  UseCaseTest::SetUp();
  const auto pushed = Push(MessageOf(BirthOf(1)));
  ASSERT_OK(pushed);
  delivery_ = pushed->delivery_id;
  newborn_ = pushed->newborn_id;
  filed_ = *File(ApplicationFor(1, newborn_));
  issued_ = Issue(Approve(filed_, hospital()), hospital()).certificate;
  file_ = Download(issued_.number);
  const auto next = Push(MessageOf(BirthOf(2)));
  next_delivery_ = next->delivery_id;
  next_newborn_ = next->newborn_id;
  waiting_ = *File(ApplicationFor(2, next_newborn_));
  approved_ = Approve(*File(ApplicationFor(3, PushBirth(BirthOf(3)))), hospital());
  certs::Delivery doubtful = BirthOf(4);
  doubtful.birth_time_known = false;
  review_ = Push(MessageOf(doubtful))->delivery_id;
}

std::string EveryCallTest::Done() const {
  storage::v1::Meta meta = *registry_.Meta();
  for (const int field : {2, 3, 9, 10}) {  // batch, time, audit
    meta.GetReflection()->ClearField(&meta, meta.GetDescriptor()->FindFieldByNumber(field));
  }
  return meta.SerializeAsString();
}

void EveryCallTest::ForgetPeople() {
  for (const std::string& code : {hospital(), std::string(kManaging)}) {
    operators_->Forget("issuer-" + code);
    operators_->Forget("sealer-" + code);
  }
}

Call EveryCallTest::Delivery(const char* name, const certs::DeliveryId& id,
                             const certs::NewbornId& newborn) {
  return {name, [=] {
            server::GetDeliveryInput input;
            input.delivery_id = id;
            input.newborn_id = newborn;
            input.use_cause = kCause;
            return server::GetDelivery(*house_, Issuing(hospital()), input).status();
          }};
}
Call EveryCallTest::DeliveryByNumber() {
  return {"GetDelivery by the baby's number", [=] {
            server::GetDeliveryInput input;
            input.facility_code = hospital();
            input.baby_record_no = BirthOf(1).baby_record_no;
            input.use_cause = kCause;
            return server::GetDelivery(*house_, Issuing(hospital()), input).status();
          }};
}
Call EveryCallTest::Application(const certs::CaseId& id) {
  return {"GetCase", [=] {
            return server::GetCase(*house_, Issuing(hospital()), {id, kCause}).status();
          }};
}
Call EveryCallTest::Certificate() {
  return {"GetCertificate", [=] {
            return server::GetCertificate(*house_, Platform(), {issued_.number, kCause}).status();
          }};
}
Call EveryCallTest::Document() {
  return {"DownloadDocument", [=] {
            return server::DownloadDocument(*house_, Platform(), {issued_.number, kCause}).status();
          }};
}
Call EveryCallTest::Preview() {
  return {"GetPreview", [=] {
            return server::GetPreview(*house_, Platform(), {issued_.number, kCause}, 72).status();
          }};
}
Call EveryCallTest::Status() {
  return {"GetStatus", [=] {
            return server::GetStatus(*house_, issued_.licence_id, certs::StatusIndex()).status();
          }};
}
Call EveryCallTest::Number() {
  return {"VerifyNumber", [=] {
            return server::VerifyNumber(
                       *house_, Police(),
                       {issued_.number, "云知夏", "", BirthOf(1).mother_id_number, kCause})
                .status();
          }};
}
Call EveryCallTest::File_() {
  return {"VerifyDocument", [=] {
            return server::VerifyDocument(*house_, Police(), {file_, kCause}).status();
          }};
}
Call EveryCallTest::Reviews() {
  return {"ListReviews", [=] {
            return server::ListReviews(*house_, Issuing(hospital()), {hospital(), 0, ""}).status();
          }};
}
Call EveryCallTest::Approve_() {
  return {"ApproveCases", [=] { return Approve(waiting_, hospital()).status; }};
}
Call EveryCallTest::Submit() {
  return {"SubmitApplication", [=] { return File(ApplicationFor(2, next_newborn_)).status(); }};
}
Call EveryCallTest::Exchange() {
  return {"SubmitApplication of an exchange", [=] {
            certs::Application application = ApplicationFor(1, newborn_);
            application.kind = certs::CaseKind::kExchange;
            application.ground = certs::ExchangeGround::kDamaged;
            application.predecessor_number = issued_.number;
            return File(application).status();
          }};
}
Call EveryCallTest::Order() {
  return {"IssueCertificates", [=] {
            return server::IssueCertificates(*house_, Issuing(hospital()),
                                             {OrderFor(approved_, hospital())})
                ->front()
                .status;
          }};
}
Call EveryCallTest::Revoke() {
  return {"RevokeCertificate", [=] {
            server::RevokeCertificateInput input;
            input.request_id = "revoke-1";
            input.number = issued_.number;
            input.decision = {certs::EvidenceKind::kDecision, "D-1", certs::Sm3Of("d"), ""};
            const certs::Digest digest =
                server::RevocationDigest(input.number, input.decision.digest);
            input.issuer = IssuerOf(kManaging, digest);
            input.sealer = SealerOf(kManaging, digest);
            return server::RevokeCertificate(*house_, Managing(), input).status();
          }};
}
Call EveryCallTest::Misprint() {
  return {"ReportMisprint", [=] {
            return server::ReportMisprint(
                       *house_, Issuing(hospital()),
                       {"misprint-1", approved_.case_id, approved_.certificate_number,
                        "issuer-" + hospital(), "打印错位"})
                .status();
          }};
}
Call EveryCallTest::Withdraw() {
  return {"WithdrawCase", [=] {
            return server::WithdrawCase(*house_, Issuing(hospital()), {waiting_.case_id, "撤回"});
          }};
}
Call EveryCallTest::Resolve() {
  return {"ResolveReview", [=] {
            server::ResolveReviewInput input;
            input.request_id = "decide-1";
            input.delivery_id = review_;
            input.accept = false;
            input.operator_id = "issuer-" + hospital();
            input.reason = "误报";
            return server::ResolveReview(*house_, Issuing(hospital()), input).status();
          }};
}
Call EveryCallTest::Update() {
  return {"PushDelivery", [=] {
            certs::Delivery corrected = BirthOf(2);
            corrected.birth_weight_g = 3520;
            return Push(MessageOf(corrected)).status();
          }};
}

}  // namespace birthseal::tests
