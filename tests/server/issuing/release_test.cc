// SPDX-License-Identifier: Apache-2.0
// What only two people may release: a reservation that cannot be finished, and numbers that are
// held after a recovery.
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/issuing/revoke_certificate.h"
#include "store/keys.h"
#include "store/meta.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::IssueStep;
using server::OperatorSignature;
using server::Role;

class ReleaseTest : public UseCaseTest {
 protected:
  OperatorSignature Issuer(const std::string& code, const certs::Digest& digest) const {
    return {"issuer-" + code, signer::SignWith(staff_.at(code).issuer, certs::View(digest))};
  }
  OperatorSignature Sealer(const std::string& code, const certs::Digest& digest) const {
    return {"sealer-" + code, signer::SignWith(staff_.at(code).sealer, certs::View(digest))};
  }
  // Approved, and stopped as soon as the reservation is durable.
  server::ApproveOutcome Reserved(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    server::ApproveOutcome approved = Approve(*filed, hospital());
    EXPECT_OK(approved.status);
    SetStepHook([](IssueStep step) {
      return step == IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                          : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    return approved;
  }
  server::CancelReservationInput Cancellation(const certs::CaseId& id,
                                              const std::string& code) const {
    server::CancelReservationInput input;
    input.case_id = id;
    input.reason = "印章停用";
    const certs::Digest digest = certs::CancellationDigest(certs::View(id), input.reason);
    input.issuer = Issuer(code, digest);
    input.sealer = Sealer(code, digest);
    return input;
  }
  server::ConfirmStockInput Confirmation(const std::string& request, const std::string& next,
                                         const std::string& code) const {
    server::ConfirmStockInput input;
    input.statement = {request, hospital(), "Z520000001", next};
    const certs::Digest digest = certs::StockDigest(input.statement);
    input.issuer = Issuer(code, digest);
    input.sealer = Sealer(code, digest);
    return input;
  }
  // What a restore does that finds more signed for than it has: then the service starts.
  void OpenNextEpoch() {
    ASSERT_OK(ledger_
                  ->Call(store::OpenEpoch{certs::LogSize(ledger_->Head().size.value() + 5),
                                          certs::Sm3Of("lost")})
                  .status());
    Restart();
  }
  absl::StatusOr<server::CertificateView> Revoke(const std::string& number) {
    server::RevokeCertificateInput input;
    input.request_id = "revoke-" + number;
    input.number = number;
    input.decision = {certs::EvidenceKind::kDecision, "D-1", certs::Sm3Of("decision"), ""};
    const certs::Digest digest = server::RevocationDigest(number, input.decision.digest);
    input.issuer = Issuer(kManaging, digest);
    input.sealer = Sealer(kManaging, digest);
    return server::RevokeCertificate(*house_, As(kManaging, Role::kManagingInstitution), input);
  }
  size_t Open() const { return registry_.OpenReservations(9)->size(); }
  absl::Status Cancel(const server::CancelReservationInput& input) {
    return server::CancelReservation(*house_, Issuing(hospital()), input);
  }
};

// Rule G11.
TEST_F(ReleaseTest, TwoPeopleGiveUpAReservationAndMayAskAgain) {
  const server::ApproveOutcome approved = Reserved(1);
  const auto input = Cancellation(approved.case_id, hospital());
  ASSERT_OK(Cancel(input));
  EXPECT_EQ(Open(), 0u);
  const uint64_t size = ledger_->Head().size.value();
  EXPECT_OK(Cancel(input));
  EXPECT_EQ(ledger_->Head().size.value(), size);
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().finished, 0u);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
}

TEST_F(ReleaseTest, NobodyElseGivesUpAReservation) {
  const server::ApproveOutcome approved = Reserved(1);
  const auto input = Cancellation(approved.case_id, hospital());
  EXPECT_THAT(server::CancelReservation(*house_, Issuing(kOtherHospital), input),
              StatusIs(StatusCode::kNotFound, "CASE_UNKNOWN"));
  auto bad = input;
  bad.sealer = bad.issuer;
  EXPECT_THAT(Cancel(bad), StatusIs(StatusCode::kPermissionDenied));
  bad = input;
  bad.reason = "another reason";
  EXPECT_THAT(Cancel(bad), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  EXPECT_THAT(Cancel(Cancellation(approved.case_id, kOtherHospital)),
              StatusIs(StatusCode::kPermissionDenied));
  EXPECT_EQ(Open(), 1u);
  // People of a managing institution, by itself.
  EXPECT_OK(server::CancelReservation(*house_, As(kManaging, Role::kManagingInstitution),
                                      Cancellation(approved.case_id, kManaging)));
  EXPECT_EQ(Open(), 0u);
}

// Rule G11.
TEST_F(ReleaseTest, WhatIsSealedNowOrIssuedIsNotGivenUp) {
  const server::ApproveOutcome approved = Reserved(1);
  const auto input = Cancellation(approved.case_id, hospital());
  const store::IntentKey position = store::IntentKeyOf(registry_.OpenReservations(1)->front());
  ASSERT_TRUE(open_issues_->TryClaim(position));
  EXPECT_THAT(Cancel(input), StatusIs(StatusCode::kAborted, "ISSUE_IN_PROGRESS"));
  open_issues_->Release(position);
  ASSERT_OK(Issue(approved, hospital()).status);
  EXPECT_THAT(Cancel(input), StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

TEST_F(ReleaseTest, AReservationOfAnEndedEpochWaitsForTwoPeople) {
  const server::ApproveOutcome old = Reserved(1);
  OpenNextEpoch();
  server::Finisher finisher(&house_->issuing);
  const server::Finisher::Pass pass = finisher.RunOnce();
  EXPECT_EQ(pass.finished + pass.failed + pass.skipped, 0u);
  EXPECT_EQ(Open(), 1u);
  EXPECT_THAT(Issue(old, hospital()).status,
              StatusIs(StatusCode::kFailedPrecondition, "LOG_EPOCH_ENDED"));
  ASSERT_OK(Cancel(Cancellation(old.case_id, hospital())));
  EXPECT_EQ(Open(), 0u);

  // The same newborn, with the next number of the range.
  const auto newborn = registry_.Case(old.case_id);
  ASSERT_OK(newborn);
  const auto newborn_id = IdIn<certs::NewbornId>(newborn->head.newborn_id());
  const auto filed = File(ApplicationFor(1, newborn_id));
  ASSERT_OK(filed);
  ASSERT_OK(server::ConfirmStock(*house_, Issuing(hospital()),
                                 Confirmation("confirm-1", "Z520000010", hospital())));
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  EXPECT_EQ(approved.certificate_number, "Z520000010");
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  const signer::Report report = verifier_->Verify(Download("Z520000010"), clock_.Now());
  EXPECT_EQ(report.verdict, signer::Verdict::kGenuineStatusNotChecked);
  EXPECT_EQ(report.receipt, signer::ReceiptStrength::kLogged);
  EXPECT_EQ(report.log_epoch, 2u);
}

TEST_F(ReleaseTest, InALaterEpochPositionsAreNotMistaken) {
  OpenNextEpoch();
  ASSERT_OK(server::ConfirmStock(*house_, Issuing(hospital()),
                                 Confirmation("confirm-1", "Z520000002", hospital())));
  const server::ApproveOutcome first = Reserved(1), second = Reserved(2);
  const auto open = registry_.OpenReservations(9);
  ASSERT_OK(open);
  ASSERT_EQ(open->size(), 2u);
  ASSERT_EQ(open->front().log_epoch(), 2u);
  // Somebody is at work on the intent of the first epoch that has the same index.
  ASSERT_TRUE(open_issues_->TryClaim(
      store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(open->front().intent_index()))));
  ASSERT_TRUE(open_issues_->TryClaim(store::IntentKeyOf(open->back())));
  EXPECT_THAT(Cancel(Cancellation(second.case_id, hospital())),
              StatusIs(StatusCode::kAborted, "ISSUE_IN_PROGRESS"));
  server::Finisher finisher(&house_->issuing);
  server::Finisher::Pass pass = finisher.RunOnce();
  EXPECT_EQ(pass.finished, 1u);
  EXPECT_EQ(pass.skipped, 1u);
  open_issues_->Release(store::IntentKeyOf(open->back()));
  ASSERT_OK(Cancel(Cancellation(second.case_id, hospital())));
  EXPECT_OK(Issue(first, hospital()).status);
}

// What an acknowledgement waits for: the leaf counts in its own epoch, not in all of them.
TEST_F(ReleaseTest, AfterARecoveryACertificateIsCoveredByTheTreeOfItsNewestLeaf) {
  const server::CertificateView old = IssueBirth(1);
  EXPECT_EQ(old.position.epoch, certs::LogEpoch(1));
  EXPECT_EQ(old.position.size, ledger_->Head().size);
  OpenNextEpoch();
  ASSERT_OK(server::ConfirmStock(*house_, Issuing(hospital()),
                                 Confirmation("confirm-1", "Z520000002", hospital())));
  const server::CertificateView issued = IssueBirth(2);
  EXPECT_EQ(issued.position.epoch, certs::LogEpoch(2));
  EXPECT_EQ(issued.position.size, ledger_->Head().size);
  // The INTENT of the other is in the ended epoch, its VOIDED is not.
  const auto revoked = Revoke(old.number);
  ASSERT_OK(revoked);
  EXPECT_EQ(revoked->position.epoch, certs::LogEpoch(2));
  EXPECT_EQ(revoked->position.size, ledger_->Head().size);
}

// Rule S8.
TEST_F(ReleaseTest, HeldNumbersAreReleasedByTwoPeopleOnce) {
  const auto confirm = [&](const server::Caller& caller, const server::ConfirmStockInput& input) {
    return server::ConfirmStock(*house_, caller, input);
  };
  const auto input = Confirmation("confirm-1", "Z520000004", kManaging);
  const server::Caller admin = As(kManaging, Role::kAdministrator);
  EXPECT_THAT(confirm(admin, input), StatusIs(StatusCode::kFailedPrecondition, "STOCK_NOT_HELD"));
  OpenNextEpoch();
  const auto filed = File(ApplicationFor(1, PushBirth(BirthOf(1))));
  ASSERT_OK(filed);
  server::ApproveItem item;
  item.case_id = filed->case_id;
  item.content_digest = filed->content_digest;
  const OperatorSignature issuer = Issuer(hospital(), filed->content_digest);
  item.operator_id = issuer.operator_id;
  item.signature = issuer.signature;
  const auto held = server::ApproveCases(*house_, Issuing(hospital()), {item});
  ASSERT_OK(held);
  EXPECT_THAT(held->front().status, StatusIs(StatusCode::kFailedPrecondition, "STOCK_HELD"));

  EXPECT_THAT(confirm(Issuing(kOtherHospital), input),
              StatusIs(StatusCode::kPermissionDenied, "NOT_YOURS"));
  auto bad = input;
  bad.sealer = bad.issuer;
  EXPECT_THAT(confirm(admin, bad), StatusIs(StatusCode::kPermissionDenied));
  bad = input;
  bad.statement.next_number = "Z520000005";
  EXPECT_THAT(confirm(admin, bad), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  EXPECT_THAT(confirm(admin, Confirmation("confirm-1", "Z520000004", kOtherHospital)),
              StatusIs(StatusCode::kPermissionDenied));
  ASSERT_OK(confirm(admin, input));
  EXPECT_OK(confirm(admin, input));  // the answer was lost
  EXPECT_THAT(confirm(admin, Confirmation("confirm-1", "Z520000009", kManaging)),
              StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(server::GetSummary(*house_)->numbers_wasted, 3u);
  EXPECT_EQ(Approve(*filed, hospital()).certificate_number, "Z520000004");
}

}  // namespace
}  // namespace birthseal::tests
