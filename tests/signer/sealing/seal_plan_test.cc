// SPDX-License-Identifier: Apache-2.0
// No seal without a reason: every piece that is missing stops the plan.
#include "signer/sealing/seal_plan.h"

#include <functional>
#include <memory>
#include <utility>

#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using absl::StatusCode;
using tests::CompleteEvidence;
using tests::SharedPki;
using tests::StatusIs;
using tests::TestPki;

class SealPlanTest : public testing::Test {
 protected:
  absl::StatusOr<SealPlan> Plan() { return office_.Plan(approvals_, evidence_); }
  // Good people and approvals again.
  void Remake() {
    Register(SharedPki().issuer.id, SharedPki().issuer);
    Register(SharedPki().sealer.id, SharedPki().sealer);
    approvals_ = tests::ApprovalsOf(SharedPki(), evidence_.face);
  }
  void Register(
      const std::string& id, const Operator& who,
      const std::function<void(Operator*)>& change = [](Operator*) {}) {
    auto changed = std::make_shared<Operator>(who);
    change(changed.get());
    office_.operators.people[id] = std::move(changed);
  }
  void ChangeIssuer(const std::function<void(Operator*)>& change) {
    Register(SharedPki().issuer.id, SharedPki().issuer, change);
  }
  void ChangeSealer(const std::function<void(Operator*)>& change) {
    Register(SharedPki().sealer.id, SharedPki().sealer, change);
  }

  SealEvidence evidence_ = CompleteEvidence(SharedPki(), tests::SyntheticFace(SharedPki()));
  tests::GivenApprovals approvals_ = tests::ApprovalsOf(SharedPki(), evidence_.face);
  tests::TestSealer office_{SharedPki()};
};

// Rule G1.
TEST_F(SealPlanTest, CompleteEvidenceMakesAPlan) {
  const auto plan = Plan();
  ASSERT_OK(plan);
  EXPECT_FALSE(plan->spent());
}

// Every word of the page is of the evidence, of the receipt or of the profile.
// Rule G1.
TEST_F(SealPlanTest, ThePlanHoldsAllThatThePageWillSay) {
  evidence_.application.kind = certs::CaseKind::kExchange;
  evidence_.application.predecessor_number = evidence_.supersedes = "Y520000001";
  const auto plan = Plan();
  ASSERT_OK(plan);
  const certs::ofd::DocumentInput& page = plan->page();
  const certs::ofd::DocumentInput expected = tests::InputFor(evidence_);
  EXPECT_EQ(certs::FaceDigest(page.face), certs::FaceDigest(expected.face));
  EXPECT_EQ(page.licence_id, expected.licence_id);
  EXPECT_EQ(page.licence_type_code, expected.licence_type_code);
  EXPECT_EQ(page.document_id, expected.document_id);
  EXPECT_EQ(page.signing_time, expected.signing_time);
  EXPECT_EQ(page.status_index, expected.status_index);
  EXPECT_EQ(page.log_epoch, expected.log_epoch);
  EXPECT_EQ(page.intent_index, expected.intent_index);
  EXPECT_EQ(page.receipt, expected.receipt);
  EXPECT_EQ(page.supersedes, "Y520000001");
}

// Rule G7.
TEST_F(SealPlanTest, AReceiptOfAnotherPlaceOrInstitutionIsRefused) {
  const auto refused = StatusIs(StatusCode::kDataLoss, "RECEIPT_OTHER_PLACE");
  evidence_.status_index = evidence_.status_index.Plus(1);
  EXPECT_THAT(Plan(), refused);
  evidence_.status_index = certs::StatusIndex(evidence_.status_index.value() - 1);
  for (const unsigned epoch : {0u, 2u, 11u}) {
    evidence_.log_epoch = certs::LogEpoch(epoch);
    EXPECT_THAT(Plan(), refused) << epoch;
  }
  evidence_.log_epoch = certs::LogEpoch(1);
  EXPECT_OK(Plan());
  evidence_.receipt = tests::MakeReceipt(
      {certs::FaceDigest(evidence_.face), evidence_.licence_id, evidence_.document_id},
      "11529901009900179R", SharedPki().log_key);
  EXPECT_THAT(Plan(), refused);
}

TEST_F(SealPlanTest, WhatIsGivenUpIsWhatTheApplicationNames) {
  const auto refused = StatusIs(StatusCode::kInvalidArgument, "SEAL_PREDECESSOR");
  evidence_.supersedes = "Y520000001";
  EXPECT_THAT(Plan(), refused);
  evidence_.application.predecessor_number = "Y520000002";
  EXPECT_THAT(Plan(), refused);
  evidence_.supersedes.clear();
  EXPECT_THAT(Plan(), refused);
}

// Rule G1.
TEST_F(SealPlanTest, EveryKindOfTheClosedSetIsAcceptedAndNoOther) {
  for (const int kind : {1, 2, 3, 4, 5}) {
    evidence_.application.kind = static_cast<certs::CaseKind>(kind);
    EXPECT_OK(Plan()) << kind;
  }
  for (const int kind : {0, 6, 99}) {
    evidence_.application.kind = static_cast<certs::CaseKind>(kind);
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument, "SEAL_KIND")) << kind;
  }
}

// Rule G2.
TEST_F(SealPlanTest, EachMissingPieceOfEvidenceIsNamed) {
  std::vector<certs::Evidence>& brought = evidence_.application.evidence;
  const std::vector<certs::Evidence> all = brought;
  ASSERT_FALSE(all.empty());
  for (size_t missing = 0; missing < all.size(); ++missing) {
    brought = all;
    brought.erase(brought.begin() + static_cast<long>(missing));
    const auto plan = Plan();
    EXPECT_THAT(plan, StatusIs(StatusCode::kFailedPrecondition, "EVIDENCE_MISSING"));
    EXPECT_EQ(certs::FieldOf(plan.status()), certs::EvidenceKindName(all[missing].kind));
  }
}

// What is enough is the profile's to say, of a case as it was filed: whoever plans hands in
// neither. Rule G2.
TEST_F(SealPlanTest, TheProfileSaysWhatThisCaseMustBring) {
  certs::Profile& profile = office_.profiles.at(tests::kTestProfile);
  profile.evidence.push_back({certs::CaseKind::kExchange,
                              certs::ExchangeGround::kDamaged,
                              {certs::EvidenceKind::kOriginalFront}});
  EXPECT_OK(Plan());
  evidence_.application.kind = certs::CaseKind::kExchange;
  EXPECT_OK(Plan());
  evidence_.application.ground = certs::ExchangeGround::kDamaged;
  const auto plan = Plan();
  EXPECT_THAT(plan, StatusIs(StatusCode::kFailedPrecondition, "EVIDENCE_MISSING"));
  EXPECT_EQ(certs::FieldOf(plan.status()), "ORIGINAL_FRONT");
}

TEST_F(SealPlanTest, AProfileThatIsNotLoadedJudgesNothing) {
  for (const char* name : {"", "another"}) {
    evidence_.profile = name;
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnavailable, "PROFILE_UNKNOWN"));
  }
}

TEST_F(SealPlanTest, WhomTheRegisterDoesNotKnowApprovesNothing) {
  office_.operators.people.erase("issuer-1");
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
  EXPECT_EQ(certs::FieldOf(Plan().status()), "issuer");
  Remake();
  office_.operators.people.erase("sealer-1");
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
  EXPECT_EQ(certs::FieldOf(Plan().status()), "sealer");
}

TEST_F(SealPlanTest, ARegisterThatAnswersWithNobodyStopsThePlan) {
  office_.operators.people["issuer-1"] = nullptr;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kFailedPrecondition, "APPROVAL_MISSING"));
  EXPECT_EQ(certs::FieldOf(Plan().status()), "issuer");
  Remake();
  office_.operators.people["sealer-1"] = nullptr;
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kFailedPrecondition, "APPROVAL_MISSING"));
  EXPECT_EQ(certs::FieldOf(Plan().status()), "sealer");
}

TEST_F(SealPlanTest, AnotherErrorOfTheRegisterComesOutAsItIs) {
  class Failing : public OperatorRegister {
    absl::StatusOr<std::shared_ptr<const Operator>> Find(absl::string_view) override {
      return certs::Error(StatusCode::kUnavailable, "STORE_AWAY", "the store is away");
    }
  } failing;
  EXPECT_THAT(
      ApprovalVerifier(&failing).Verify(approvals_.issuer.operator_id, approvals_.issuer.signature,
                                        ApprovalRole::kIssuer, SharedPki().institution.code, {}),
      StatusIs(StatusCode::kUnavailable, "STORE_AWAY"));
}

// Rule I9.
TEST_F(SealPlanTest, OnePersonMayNotApproveAndSeal) {
  for (const char* id : {"issuer-1", "a second registration of the same key"}) {
    Register(id, SharedPki().issuer, [id](Operator* both) {
      both->may_seal = true;
      both->id = id;
    });
    approvals_.sealer = {
        id, SignWith(SharedPki().issuer_key, certs::View(certs::FaceDigest(evidence_.face)))};
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
    // Signatures that were verified before change nothing.
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  }
}

// Rule O3.
TEST_F(SealPlanTest, TheWrongRoleIsRefused) {
  const auto swapped = [](Operator* who) { std::swap(who->may_issue, who->may_seal); };
  ChangeIssuer(swapped);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
  Remake();
  ChangeSealer(swapped);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
}

TEST_F(SealPlanTest, AnOperatorOfAnotherInstitutionIsRefusedEvenWhenVerifiedBefore) {
  ASSERT_OK(Plan());
  ChangeSealer([](Operator* who) { who->institution_code = "11529901009900179R"; });
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION"));
}

// The same people, the same signatures: only whoever looked them up is another.
TEST_F(SealPlanTest, AnApprovalByAnotherVerifierIsRefused) {
  ApprovalVerifier own(&office_.operators);
  const std::string& code = SharedPki().institution.code;
  const auto issuer = [&](ApprovalVerifier* by) {
    return *by->Verify("issuer-1", approvals_.issuer.signature, ApprovalRole::kIssuer, code,
                       certs::ContentDigest(evidence_.face.content));
  };
  const auto sealer = [&](ApprovalVerifier* by) {
    return *by->Verify("sealer-1", approvals_.sealer.signature, ApprovalRole::kSealer, code,
                       certs::FaceDigest(evidence_.face));
  };
  ApprovalVerifier* const ours = &office_.approvals;
  EXPECT_TRUE(issuer(ours).IsBy(*ours));
  EXPECT_FALSE(issuer(&own).IsBy(*ours));
  EXPECT_OK(office_.sealer.Plan(evidence_, issuer(ours), sealer(ours)));
  const auto refused = StatusIs(StatusCode::kPermissionDenied, "APPROVAL_OF_ANOTHER");
  EXPECT_THAT(office_.sealer.Plan(evidence_, issuer(&own), sealer(ours)), refused);
  EXPECT_THAT(office_.sealer.Plan(evidence_, issuer(ours), sealer(&own)), refused);
  EXPECT_THAT(office_.sealer.CheckGrounds(evidence_, issuer(&own), sealer(&own)), refused);
}

// Each approval was verified, but for something else.
TEST_F(SealPlanTest, AnApprovalOfAnotherRoleInstitutionOrFaceIsRefused) {
  const std::string code = SharedPki().institution.code, other = "11529901009900179R";
  const auto everything = [&](const std::string& of) {
    return [of](Operator* who) {
      who->may_issue = who->may_seal = true;
      who->institution_code = of;
    };
  };
  const auto approve = [&](bool seals, ApprovalRole role, const std::string& of,
                           const certs::Digest& digest) {
    const TestPki& pki = SharedPki();
    Register("who", seals ? pki.sealer : pki.issuer, everything(of));
    return *office_.approvals.Verify(
        "who", SignWith(seals ? pki.sealer_key : pki.issuer_key, certs::View(digest)), role, of,
        digest);
  };
  const certs::Digest content = certs::ContentDigest(evidence_.face.content),
                      face = certs::FaceDigest(evidence_.face);
  const VerifiedApproval issuer = approve(false, ApprovalRole::kIssuer, code, content),
                         sealer = approve(true, ApprovalRole::kSealer, code, face);
  EXPECT_OK(office_.sealer.Plan(evidence_, issuer, sealer));
  const auto refused = StatusIs(StatusCode::kPermissionDenied, "APPROVAL_OF_ANOTHER");
  for (const VerifiedApproval& wrong : {approve(false, ApprovalRole::kSealer, code, content),
                                        approve(false, ApprovalRole::kIssuer, other, content),
                                        approve(false, ApprovalRole::kIssuer, code, face)}) {
    const auto plan = office_.sealer.Plan(evidence_, wrong, sealer);
    EXPECT_THAT(plan, refused);
    EXPECT_EQ(certs::FieldOf(plan.status()), "issuer");
  }
  for (const VerifiedApproval& wrong : {approve(true, ApprovalRole::kIssuer, code, face),
                                        approve(true, ApprovalRole::kSealer, other, face),
                                        approve(true, ApprovalRole::kSealer, code, content)}) {
    const auto plan = office_.sealer.Plan(evidence_, issuer, wrong);
    EXPECT_THAT(plan, refused);
    EXPECT_EQ(certs::FieldOf(plan.status()), "sealer");
  }
}

TEST_F(SealPlanTest, OneRegistrationWithTwoKeysIsOnePerson) {
  ChangeSealer([](Operator* who) { who->id = SharedPki().issuer.id; });
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
}

// Who belongs to none does not belong to one that is not named.
TEST_F(SealPlanTest, NobodyBelongsToAnInstitutionWithoutACode) {
  const certs::Digest digest = certs::Sm3Of("a face");
  ChangeIssuer([](Operator* who) { who->institution_code.clear(); });
  EXPECT_THAT(
      office_.approvals.Verify("issuer-1", SignWith(SharedPki().issuer_key, certs::View(digest)),
                               ApprovalRole::kIssuer, "", digest),
      StatusIs(StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION"));
}

TEST_F(SealPlanTest, AnOperatorWithoutAKeyApprovesNothing) {
  ChangeIssuer([](Operator* who) { who->key = nullptr; });
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

// Rule O3.
TEST_F(SealPlanTest, AnInactiveOperatorIsRefused) {
  ChangeIssuer([](Operator* who) { who->active = false; });
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kPermissionDenied, "OPERATOR_INACTIVE"));
}

TEST_F(SealPlanTest, ABadSignatureIsRefused) {
  approvals_.issuer.signature.back() = static_cast<char>(approvals_.issuer.signature.back() ^ 1);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  Remake();
  approvals_.sealer.signature.clear();
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

// Rule O4.
TEST_F(SealPlanTest, TheSealerSignsTheFaceNotTheContent) {
  approvals_.sealer.signature =
      SignWith(SharedPki().sealer_key, certs::View(certs::ContentDigest(evidence_.face.content)));
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
}

// Rule G7.
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

// Rule G1.
TEST_F(SealPlanTest, WithoutAReceiptOrALogKeyThereIsNoPlan) {
  EXPECT_THAT(tests::TestSealer(SharedPki(), nullptr).Plan(approvals_, evidence_),
              StatusIs(StatusCode::kUnauthenticated, "RECEIPT_LOG_KEY"));
  evidence_.receipt = {};
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument));
}

// Rule G13.
TEST_F(SealPlanTest, TheSigningTimeIsNearTheMinuteOfTheIntent) {
  const absl::Time minute =
      absl::FromUnixSeconds(absl::ToUnixSeconds(tests::FixtureNow()) / 60 * 60);
  for (const int seconds : {-60, 0, 59, 60, 119}) {
    evidence_.signing_time = minute + absl::Seconds(seconds);
    EXPECT_OK(Plan()) << seconds;
  }
  for (const int seconds : {-86400, -61, 120, 86400}) {
    evidence_.signing_time = minute + absl::Seconds(seconds);
    EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument, "SEAL_SIGNING_TIME")) << seconds;
  }
}

TEST_F(SealPlanTest, TheSigningTimeIsWholeSeconds) {
  evidence_.signing_time += absl::Milliseconds(1);
  EXPECT_THAT(Plan(), StatusIs(StatusCode::kInvalidArgument, "SEAL_SIGNING_TIME"));
}

}  // namespace
}  // namespace birthseal::signer
