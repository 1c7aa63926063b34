// SPDX-License-Identifier: Apache-2.0
// No seal without a reason: every piece that is missing stops the plan.
#include "signer/sealing/seal_plan.h"

#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using absl::StatusCode;
using tests::CompleteEvidence;
using tests::SharedPki;
using tests::StatusIs;

class SealPlanTest : public testing::Test {
 protected:
  absl::StatusOr<SealPlan> Plan() const { return PlanSeal(evidence_, SharedPki().log_verifier); }
  // Approvals and receipt are made again for a changed face.
  void Remake() { evidence_ = CompleteEvidence(SharedPki(), evidence_.face); }

  SealEvidence evidence_ = CompleteEvidence(SharedPki(), tests::SyntheticFace(SharedPki()));
};

TEST_F(SealPlanTest, CompleteEvidenceMakesAPlan) {
  const auto plan = Plan();
  ASSERT_OK(plan);
  EXPECT_FALSE(plan->spent());
  EXPECT_EQ(plan->face_digest(), certs::FaceDigest(evidence_.face));
  EXPECT_EQ(plan->institution_code(), SharedPki().institution.code);
  EXPECT_EQ(plan->institution_name(), SharedPki().institution.name);
  EXPECT_EQ(plan->document_id(), evidence_.document_id);
}

TEST_F(SealPlanTest, EveryKindOfTheClosedSetIsAcceptedAndNoOther) {
  for (const int kind : {1, 2, 3, 4, 5}) {
    evidence_.kind = static_cast<certs::CaseKind>(kind);
    EXPECT_OK(Plan()) << kind;
  }
  for (const int kind : {0, 6, 99}) {
    evidence_.kind = static_cast<certs::CaseKind>(kind);
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument, "SEAL_KIND")) << kind;
  }
}

TEST_F(SealPlanTest, EachMissingPieceOfEvidenceIsNamed) {
  const std::vector<certs::Evidence> all = evidence_.evidence;
  for (size_t missing = 0; missing < all.size(); ++missing) {
    evidence_.evidence = all;
    evidence_.evidence.erase(evidence_.evidence.begin() + static_cast<long>(missing));
    const auto plan = Plan();
    EXPECT_THAT(plan, StatusIs(StatusCode::kFailedPrecondition, "EVIDENCE_MISSING"));
    EXPECT_EQ(certs::FieldOf(plan.status()), certs::EvidenceKindName(all[missing].kind));
  }
}

TEST_F(SealPlanTest, AMissingApprovalStopsThePlan) {
  evidence_.issuer.who = nullptr;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kFailedPrecondition, "APPROVAL_MISSING"));
  Remake();
  evidence_.sealer.who = nullptr;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kFailedPrecondition, "APPROVAL_MISSING"));
}

TEST_F(SealPlanTest, OnePersonMayNotApproveAndSeal) {
  Operator both = SharedPki().issuer;
  both.may_seal = true;
  evidence_.sealer = {
      &both, SignWith(SharedPki().issuer_key, certs::View(certs::FaceDigest(evidence_.face)))};
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  both.id = "a second registration of the same key";
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  evidence_.approvals_verified = true;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
}

TEST_F(SealPlanTest, TheWrongRoleIsRefused) {
  Operator issuer = SharedPki().issuer;
  issuer.may_issue = false;
  issuer.may_seal = true;
  evidence_.issuer.who = &issuer;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
  Remake();
  Operator sealer = SharedPki().sealer;
  sealer.may_seal = false;
  sealer.may_issue = true;
  evidence_.sealer.who = &sealer;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
}

TEST_F(SealPlanTest, AnOperatorOfAnotherInstitutionIsRefusedEvenWhenVerifiedBefore) {
  Operator foreign = SharedPki().sealer;
  foreign.institution_code = "11529901009900179R";
  evidence_.sealer.who = &foreign;
  evidence_.approvals_verified = true;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION"));
}

TEST_F(SealPlanTest, OneRegistrationWithTwoKeysIsOnePerson) {
  Operator other = SharedPki().sealer;
  other.id = SharedPki().issuer.id;
  evidence_.sealer.who = &other;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
}

// Who belongs to none does not belong to one that is not named.
TEST_F(SealPlanTest, NobodyBelongsToAnInstitutionWithoutACode) {
  Operator nowhere = SharedPki().issuer;
  nowhere.institution_code.clear();
  const certs::Digest digest = certs::Sm3Of("a face");
  const Approval approval{&nowhere, SignWith(SharedPki().issuer_key, certs::View(digest))};
  EXPECT_THAT(CheckApproval(approval, false, "", digest),
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION"));
}

TEST_F(SealPlanTest, AnOperatorWithoutAKeyApprovesNothing) {
  Operator keyless = SharedPki().issuer;
  keyless.key = nullptr;
  evidence_.issuer.who = &keyless;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

TEST_F(SealPlanTest, AnInactiveOperatorIsRefused) {
  Operator retired = SharedPki().issuer;
  retired.active = false;
  evidence_.issuer.who = &retired;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_INACTIVE"));
}

TEST_F(SealPlanTest, ABadSignatureIsRefused) {
  evidence_.issuer.signature.back() = static_cast<char>(evidence_.issuer.signature.back() ^ 1);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  Remake();
  evidence_.sealer.signature.clear();
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

TEST_F(SealPlanTest, TheSealerSignsTheFaceNotTheContent) {
  evidence_.sealer.signature =
      SignWith(SharedPki().sealer_key, certs::View(certs::ContentDigest(evidence_.face.content)));
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

TEST_F(SealPlanTest, AReceiptOfAnotherFaceLicenceOrDocumentIsRefused) {
  const certs::ReceiptSubject good = {certs::FaceDigest(evidence_.face), evidence_.licence_id,
                                      evidence_.document_id};
  certs::ReceiptSubject other_face = good, other_licence = good, other_document = good;
  other_face.face_digest = certs::Sm3Of("another face");
  other_licence.licence_id += "1";
  other_document.document_id = std::string(32, '0');
  for (const certs::ReceiptSubject& subject : {other_face, other_licence, other_document}) {
    evidence_.receipt =
        tests::MakeReceipt(subject, SharedPki().institution.code, SharedPki().log_key);
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kDataLoss));
  }
}

TEST_F(SealPlanTest, AReceiptUnderAnotherLogKeyIsRefused) {
  evidence_.receipt = tests::MakeReceipt(
      {certs::FaceDigest(evidence_.face), evidence_.licence_id, evidence_.document_id},
      SharedPki().institution.code, PrivateKey::Generate(KeyAlgorithm::kSm2));
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated));
}

TEST_F(SealPlanTest, WithoutAReceiptOrALogKeyThereIsNoPlan) {
  EXPECT_THAT(PlanSeal(evidence_, nullptr),
              StatusIs(StatusCode::kUnauthenticated, "RECEIPT_LOG_KEY"));
  evidence_.receipt = {};
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument));
}

TEST_F(SealPlanTest, TheSigningTimeIsWholeSeconds) {
  evidence_.signing_time += absl::Milliseconds(1);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument, "SEAL_SIGNING_TIME"));
}

}  // namespace
}  // namespace birthseal::signer
