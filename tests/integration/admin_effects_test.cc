// SPDX-License-Identifier: Apache-2.0
// Every rpc of administration and of the cases' side acts: what it answered OK to is afterwards
// there, field by field, in the registry.
#include <atomic>

#include "certs/statements.h"
#include "server/admin/administer.h"
#include "server/house.h"
#include "server/issuing/revoke_certificate.h"
#include "store/keys.h"
#include "store/ledger/ledger.h"
#include "store/reads/registry.h"
#include "tests/integration/scenario_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using server::IssueStep;
using server::Role;

// A service of its own, whose orders can be stopped once they are reserved. No finisher.
class AdminEffectsTest : public testing::Test {
 protected:
  AdminEffectsTest() : server_(Options()) {
    server_.RegisterInstitutions();
    admin_ = ClientOf(server_.administrator());
    hospital_ = ClientOf(server_.Register(kHospital, {Role::kHospital, Role::kIssuingInstitution}));
    county_ = ClientOf(server_.Register(kManaging, {Role::kManagingInstitution}));
    feed_ = std::make_unique<client::FeedClient>(
        OptionsFor(server_, server_.Register(kHospital, {Role::kHospital})));
  }
  std::unique_ptr<client::Client> ClientOf(const Peer& peer) const {
    return std::make_unique<client::Client>(OptionsFor(server_, peer));
  }
  TestServer::Options Options() {
    TestServer::Options options;
    options.run_finisher = false;
    options.step_hook = [this](IssueStep step) {
      return stop_ && step == IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                   : absl::OkStatus();
    };
    return options;
  }
  const store::Registry& registry() { return server_.app().house().issuing.registry; }
  v1::OperatorSignature SignedBy(const std::string& id, const certs::Digest& digest) const {
    return Signed(id, server_.OperatorKey(id), certs::Bytes(digest));
  }
  v1::SubmitApplicationResponse Filed(int n) {
    const v1::Delivery birth = BirthOf(n, kHospital, "云岭县人民医院");
    const auto verdicts = feed_->Push({MessageFor(birth)});
    EXPECT_OK(verdicts);
    v1::SubmitApplicationRequest request;
    request.set_request_id("case-" + std::to_string(n));
    *request.mutable_application() =
        ApplicationFor(birth, verdicts->front().newborn_id(), kHospital);
    const auto filed = hospital_->SubmitApplication(request);
    EXPECT_OK(filed);
    return *filed;
  }
  v1::ApproveCasesResponse::Result Approved(const v1::SubmitApplicationResponse& filed) {
    v1::ApproveCasesRequest request;
    *request.add_items() = ApprovalOf(filed, "issuer-1", server_.OperatorKey("issuer-1"));
    const auto response = hospital_->ApproveCases(request);
    EXPECT_OK(response);
    EXPECT_FALSE(response->results(0).has_error()) << response->ShortDebugString();
    return response->results(0);
  }
  v1::IssueCertificatesResponse::Result Ordered(const v1::ApproveCasesResponse::Result& approved) {
    v1::IssueCertificatesRequest request;
    *request.add_items() = OrderOf(approved, "sealer-1", server_.OperatorKey("sealer-1"));
    const auto response = hospital_->IssueCertificates(request);
    EXPECT_OK(response);
    return response->results(0);
  }
  static v1::ReportMisprintRequest MisprintOf(const v1::ApproveCasesResponse::Result& approved) {
    v1::ReportMisprintRequest request;
    request.set_request_id("misprint-1");
    request.set_case_id(approved.case_id());
    request.set_number(approved.certificate_number());
    request.set_operator_id("issuer-1");
    request.set_reason("打印错位");
    return request;
  }
  v1::RevokeCertificateRequest RevocationOf(const std::string& number) const {
    v1::RevokeCertificateRequest request;
    request.set_request_id("revoke-1");
    request.set_number(number);
    request.mutable_decision()->set_kind("DECISION");
    request.mutable_decision()->set_reference("DECISION-1");
    const certs::Digest decision = certs::Sm3Of("decision");
    request.mutable_decision()->set_sm3(certs::Bytes(decision));
    const certs::Digest digest = server::RevocationDigest(number, decision);
    *request.mutable_issuer() = SignedBy("issuer-m", digest);
    *request.mutable_sealer() = SignedBy("sealer-m", digest);
    return request;
  }
  storage::v1::CaseHead Head(const std::string& case_id) {
    const auto head = registry().CaseHead(IdIn<certs::CaseId>(case_id));
    EXPECT_OK(head);
    return *head;
  }
  v1::GetSummaryResponse Summary() {
    const auto summary = admin_->GetSummary({});
    EXPECT_OK(summary);
    return *summary;
  }

  std::atomic<bool> stop_{false};
  TestServer server_;
  std::unique_ptr<client::Client> admin_, hospital_, county_;
  std::unique_ptr<client::FeedClient> feed_;
};

TEST_F(AdminEffectsTest, PutInstitutionKeepsEveryField) {
  v1::PutInstitutionRequest request;
  v1::Institution* put = request.mutable_institution();
  put->set_code("115299020099002A05");
  put->set_name("青禾县卫生健康局");
  put->set_county_code("529902");
  put->set_county_name("青禾县");
  put->set_licensed(true);
  put->set_managing(true);
  put->set_out_of_facility(true);
  put->set_profile("national-default");
  ASSERT_OK(admin_->PutInstitution(request));
  const auto kept = registry().Institution(put->code());
  ASSERT_OK(kept);
  EXPECT_EQ(kept->SerializeAsString(), put->SerializeAsString());  // the same fields and numbers
}

TEST_F(AdminEffectsTest, PutClientKeepsEveryFieldAndIsObeyedAtOnce) {
  const Peer peer = server_.MakePeer("newcomer");
  const auto newcomer = ClientOf(peer);
  EXPECT_THAT(newcomer->GetSummary({}), StatusIs(absl::StatusCode::kUnauthenticated));
  v1::PutClientRequest request;
  v1::Client* put = request.mutable_client();
  put->set_certificate_sm3(certs::Bytes(peer.certificate_sm3));
  put->set_organisation_code(kOutsider);
  put->add_roles(v1::ROLE_AUDITOR);
  put->add_roles(v1::ROLE_CONNECTOR);
  put->add_facility_codes(kHospital);
  put->add_facility_codes(kOtherHospital);
  put->set_active(true);
  ASSERT_OK(admin_->PutClient(request));
  const auto kept = registry().Client(put->certificate_sm3());
  ASSERT_OK(kept);
  EXPECT_EQ(kept->SerializeAsString(), put->SerializeAsString());
  EXPECT_OK(newcomer->GetSummary({}));
}

TEST_F(AdminEffectsTest, PutOperatorKeepsEveryFieldAndIsObeyedAtOnce) {
  Approved(Filed(1));
  const v1::SubmitApplicationResponse next = Filed(2);
  v1::PutOperatorRequest request;
  v1::Operator* put = request.mutable_operator_();
  put->set_id("issuer-1");
  put->set_institution_code(kHospital);
  put->set_may_issue(true);
  put->set_public_key(server_.OperatorKey("issuer-1")->PublicSpki());
  ASSERT_OK(admin_->PutOperator(request));  // no longer active
  const auto kept = registry().Operator("issuer-1");
  ASSERT_OK(kept);
  EXPECT_EQ(kept->SerializeAsString(), put->SerializeAsString());
  v1::ApproveCasesRequest approval;
  *approval.add_items() = ApprovalOf(next, "issuer-1", server_.OperatorKey("issuer-1"));
  const auto refused = hospital_->ApproveCases(approval);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->results(0).error().reason(), "OPERATOR_INACTIVE");
  put->set_active(true);
  put->set_may_issue(false);
  put->set_may_seal(true);
  ASSERT_OK(admin_->PutOperator(request));
  EXPECT_EQ(registry().Operator("issuer-1")->SerializeAsString(), put->SerializeAsString());
}

TEST_F(AdminEffectsTest, PutSealSuspendsAndEnrolsAgain) {
  const auto enrolled = registry().Seal(kHospital);
  ASSERT_OK(enrolled);
  v1::PutSealRequest request;
  request.set_institution_code(kHospital);
  request.set_seal_sm3(enrolled->seal_sm3());
  const v1::ApproveCasesResponse::Result approved = Approved(Filed(1));
  for (const bool suspended : {true, false}) {
    request.set_suspended(suspended);
    ASSERT_OK(admin_->PutSeal(request));
    EXPECT_EQ(registry().Seal(kHospital)->suspended(), suspended);
    EXPECT_EQ(registry().Seal(kHospital)->seal_sm3(), request.seal_sm3());
    EXPECT_EQ(Ordered(approved).error().reason(), suspended ? "SEAL_SUSPENDED" : "");
  }
}

TEST_F(AdminEffectsTest, ReceiveStockAddsTheNumbers) {
  const uint64_t before = Summary().numbers_in_stock();
  v1::ReceiveStockRequest request;
  request.set_request_id("receive-1");
  request.set_institution_code(kHospital);
  request.set_first_number("Z529000001");
  request.set_last_number("Z529000007");
  ASSERT_OK(admin_->ReceiveStock(request));
  EXPECT_EQ(Summary().numbers_in_stock(), before + 7);
  ASSERT_OK(admin_->ReceiveStock(request));  // the answer was lost
  EXPECT_EQ(Summary().numbers_in_stock(), before + 7);
}

TEST_F(AdminEffectsTest, CancelReservationEndsIt) {
  const v1::ApproveCasesResponse::Result approved = Approved(Filed(1));
  stop_ = true;
  EXPECT_TRUE(Ordered(approved).has_error());
  stop_ = false;
  ASSERT_EQ(registry().OpenReservations(9)->size(), 1u);
  v1::CancelReservationRequest request;
  request.set_case_id(approved.case_id());
  request.set_reason("印章停用");
  const certs::Digest digest = certs::CancellationDigest(request.case_id(), request.reason());
  *request.mutable_issuer() = SignedBy("issuer-1", digest);
  *request.mutable_sealer() = SignedBy("sealer-1", digest);
  v1::CancelReservationRequest bad = request;
  bad.set_reason("another reason");
  EXPECT_THAT(hospital_->CancelReservation(bad),
              StatusIs(absl::StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  ASSERT_EQ(registry().OpenReservations(9)->size(), 1u);
  ASSERT_OK(hospital_->CancelReservation(request));
  EXPECT_TRUE(registry().OpenReservations(9)->empty());
  EXPECT_EQ(Head(approved.case_id()).state(), v1::CASE_STATE_WITHDRAWN);
  EXPECT_EQ(Summary().numbers_wasted(), 1u);
}

TEST_F(AdminEffectsTest, ConfirmStockReleasesTheNumbers) {
  store::Ledger& ledger = server_.app().house().ledger;
  const v1::SubmitApplicationResponse filed = Filed(1);
  ASSERT_OK(ledger
                .Call(store::OpenEpoch{certs::LogSize(ledger.Head().size.value() + 5),
                                       certs::Sm3Of("lost")})
                .status());
  v1::ApproveCasesRequest approval;
  *approval.add_items() = ApprovalOf(filed, "issuer-1", server_.OperatorKey("issuer-1"));
  EXPECT_EQ(hospital_->ApproveCases(approval)->results(0).error().reason(), "STOCK_HELD");
  v1::ConfirmStockRequest request;
  request.set_request_id("confirm-1");
  request.set_institution_code(kHospital);
  request.set_first_number("Z520000001");
  request.set_next_number("Z520000010");
  const certs::Digest digest = certs::StockDigest({request.request_id(), request.institution_code(),
                                                   request.first_number(), request.next_number()});
  *request.mutable_issuer() = SignedBy("issuer-1", digest);
  *request.mutable_sealer() = SignedBy("sealer-1", digest);
  ASSERT_OK(hospital_->ConfirmStock(request));
  EXPECT_EQ(Approved(filed).certificate_number(), "Z520000010");
  EXPECT_EQ(Summary().numbers_wasted(), 9u);
}

TEST_F(AdminEffectsTest, CreateBackupSaysSoWhenThereIsNowhereToPutIt) {
  EXPECT_FALSE(admin_->CreateBackup({}).ok());
}

TEST_F(AdminEffectsTest, WithdrawCaseEndsIt) {
  const v1::SubmitApplicationResponse filed = Filed(1);
  v1::WithdrawCaseRequest request;
  request.set_case_id(filed.case_id());
  request.set_reason("家长撤回");
  ASSERT_OK(hospital_->WithdrawCase(request));
  EXPECT_EQ(Head(filed.case_id()).state(), v1::CASE_STATE_WITHDRAWN);
}

TEST_F(AdminEffectsTest, ReportMisprintGivesTheNextNumber) {
  const v1::ApproveCasesResponse::Result approved = Approved(Filed(1));
  const auto next = hospital_->ReportMisprint(MisprintOf(approved));
  ASSERT_OK(next);
  EXPECT_NE(next->certificate_number(), approved.certificate_number());
  EXPECT_EQ(Head(approved.case_id()).certificate_number(), next->certificate_number());
}

TEST_F(AdminEffectsTest, RevokeCertificateVoidsItAndChangesNothingElse) {
  const auto issued = Ordered(Approved(Filed(1)));
  ASSERT_FALSE(issued.has_error()) << issued.ShortDebugString();
  const v1::Certificate& certificate = issued.certificate();
  const auto revoked = county_->RevokeCertificate(RevocationOf(certificate.number()));
  ASSERT_OK(revoked);
  EXPECT_EQ(revoked->certificate().status(), v1::CERTIFICATE_STATUS_REVOKED);
  const auto head = registry().Certificate(certs::StatusIndex(certificate.status_index()));
  ASSERT_OK(head);
  EXPECT_EQ(head->state(), v1::CERTIFICATE_STATUS_REVOKED);
  EXPECT_EQ(head->void_reason(), "DECISION-1");
  v1::Certificate before = certificate, after = revoked->certificate();
  before.clear_status();
  after.clear_status();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
}

// One of each: issued and revoked, accepted, in review, rejected, misprinted.
TEST_F(AdminEffectsTest, GetSummaryTellsEveryNumber) {
  ASSERT_OK(hospital_->ReportMisprint(MisprintOf(Approved(Filed(1)))));
  const auto issued = Ordered(Approved(Filed(2)));
  ASSERT_OK(county_->RevokeCertificate(RevocationOf(issued.certificate().number())));
  v1::Delivery doubtful = BirthOf(3, kHospital, "云岭县人民医院");
  doubtful.set_birth_time(doubtful.birth_time().substr(0, 10));
  v1::PushDeliveriesRequest unreadable = MessageFor(BirthOf(4, kHospital, "云岭县人民医院"));
  unreadable.clear_delivery();
  unreadable.set_event(v1::FEED_EVENT_REJECTED);
  unreadable.add_defects()->set_code("SEX_NOT_CODABLE");
  ASSERT_OK(feed_->Push({MessageFor(doubtful), unreadable}));
  const v1::GetSummaryResponse told = Summary();
  const auto meta = registry().Meta();
  ASSERT_OK(meta);
  EXPECT_EQ(told.deliveries_accepted(), 2u);
  EXPECT_EQ(told.deliveries_in_review(), 1u);
  EXPECT_EQ(told.deliveries_rejected(), 1u);
  EXPECT_EQ(told.certificates_issued(), 1u);
  EXPECT_EQ(told.certificates_voided(), 1u);
  EXPECT_EQ(told.numbers_wasted(), 1u);
  EXPECT_EQ(told.log_size(), meta->log_size());
  EXPECT_EQ(told.numbers_in_stock(), meta->numbers_in_stock());
  EXPECT_GT(told.numbers_in_stock(), 0u);
}

}  // namespace
}  // namespace birthseal::tests
