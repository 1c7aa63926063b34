// SPDX-License-Identifier: Apache-2.0
// What a managing institution may do with what others hold: each disclosing or changing method,
// asked by institutions that may not and by those whose area holds the institution concerned.
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/feed/resolve_review.h"
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/issuing/revoke_certificate.h"
#include "server/reading/download_document.h"
#include "server/reading/get_certificate.h"
#include "server/reading/get_preview.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/verify_number.h"
#include "server/use_case/managing.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Caller;
using server::Role;

// Invented; the hospital that holds everything here lies in 529901.
constexpr char kOtherCounty[] = "115299020099002A05";
constexpr char kCity[] = "115299000099003A0X";
constexpr char kProvince[] = "115200000099004A0M";
constexpr char kUnlicensed[] = "115299010099005A0P";
constexpr char kNotManaging[] = "125299010099006A0A";
constexpr char kUnregistered[] = "115299010099007A03";
constexpr char kWithoutDivision[] = "115300000099008A0G";

class ManagingTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    Register({kOtherCounty, "青禾县卫生健康局", true, "Z521000001", "Z521000090", "529902"});
    Register({kCity, "云岭市卫生健康委员会", true, "Z521001001", "Z521001090", "529900"});
    Register({kProvince, "某省卫生健康委员会", true, "Z521002001", "Z521002090", "520000"});
    Register({kUnlicensed, "云岭县旧机构", true, "Z521003001", "Z521003090", "529901", false});
    Register({kNotManaging, "云岭县中医院", false, "Z521004001", "Z521004090"});
    RegisterStaff(kUnregistered);
    storage::v1::Institution old;  // as it could be registered once
    old.set_code(kWithoutDivision);
    old.set_name("无区划机构");
    old.set_managing(true);
    old.set_licensed(true);
    ASSERT_OK(ledger_->Call(store::PutInstitution{hospital(), old.SerializeAsString()}).status());
    RegisterStaff(kWithoutDivision);
    issued_ = IssueBirth(1);
  }
  Caller Managing(const std::string& code) const { return As(code, Role::kManagingInstitution); }

  // Each asks for something that the hospital holds.
  absl::Status GetCertificate(const std::string& code) {
    return server::GetCertificate(*house_, Managing(code), {issued_.number, "核查"}).status();
  }
  absl::Status DownloadDocument(const std::string& code) {
    return server::DownloadDocument(*house_, Managing(code), {issued_.number, "核查"}).status();
  }
  absl::Status GetPreview(const std::string& code) {
    return server::GetPreview(*house_, Managing(code), {issued_.number, "核查"}, 72).status();
  }
  absl::Status GetDelivery(const std::string& code) {
    server::GetDeliveryInput input;
    input.newborn_id = issued_.newborn_id;
    input.use_cause = "核查";
    return server::GetDelivery(*house_, Managing(code), input).status();
  }
  absl::Status ListReviews(const std::string& code) {
    return server::ListReviews(*house_, Managing(code), {hospital(), 0, ""}).status();
  }
  absl::Status ResolveReview(const std::string& code) {
    server::ResolveReviewInput input;
    input.delivery_id = InReview();
    input.request_id = "decide-" + absl::BytesToHexString(certs::View(input.delivery_id));
    input.accept = false;
    input.operator_id = "issuer-" + code;
    input.reason = "误报";
    return server::ResolveReview(*house_, Managing(code), input).status();
  }
  absl::Status Revoke(const std::string& code) {
    server::RevokeCertificateInput input;
    input.request_id = "revoke-" + code;
    input.number = IssueBirth(++births_).number;
    input.decision = {certs::EvidenceKind::kDecision, "决定书", certs::Sm3Of("decision"), ""};
    const certs::Digest digest = server::RevocationDigest(input.number, input.decision.digest);
    input.issuer = IssuerOf(code, digest);
    input.sealer = SealerOf(code, digest);
    Remember();
    return server::RevokeCertificate(*house_, Managing(code), input).status();
  }
  absl::Status CancelReservation(const std::string& code) {
    const server::CancelReservationInput input = Cancellation(code);
    return server::CancelReservation(*house_, Managing(code), input);
  }
  // The right is there when only the reason is missing.
  absl::Status ConfirmStock(const std::string& code) {
    server::ConfirmStockInput input;
    input.statement = {"confirm-" + code, hospital(), "Z520000001", "Z520000500"};
    const certs::Digest digest = certs::StockDigest(input.statement);
    input.issuer = IssuerOf(code, digest);
    input.sealer = SealerOf(code, digest);
    const absl::Status status = server::ConfirmStock(*house_, Managing(code), input);
    return certs::ReasonOf(status) == "STOCK_NOT_HELD" ? absl::OkStatus() : status;
  }
  absl::Status ReceiveStock(const std::string& code) {
    const std::string first = absl::StrCat("Z52900", ++births_, "001");
    return server::ReceiveStock(*house_, Managing(code),
                                {"stock-by-" + code, hospital(), first, first});
  }
  absl::Status Replace(const std::string& code) {
    const server::CertificateView old = IssueBirth(++births_);
    server::SubmitApplicationInput input;
    input.request_id = "replace-" + code;
    input.application = ApplicationFor(births_, old.newborn_id);
    input.application.kind = certs::CaseKind::kReplacement;
    input.application.institution_code = code;
    input.application.predecessor_number = old.number;
    for (const certs::EvidenceKind kind :
         {certs::EvidenceKind::kIssuingRecord, certs::EvidenceKind::kLossStatement}) {
      input.application.evidence.push_back({kind, "DOC-9", certs::Sm3Of("document"), ""});
    }
    input.application.evidence.push_back(
        {certs::EvidenceKind::kPoliceCheckReply, "REPLY-1", certs::Sm3Of("reply"), "REGISTERED"});
    Remember();
    return server::SubmitApplication(*house_, Managing(code), input).status();
  }

  absl::Status GetSummary(const std::string& code) {
    return server::GetSummary(*house_, Managing(code)).status();
  }
  absl::Status ProveUniqueness(const std::string& code) {
    server::ProveUniquenessInput input;
    input.mother_id_type = certs::IdType::kCitizenId;
    input.mother_id_number = BirthOf(1).mother_id_number;
    input.birth_date = absl::CivilDay(2026, 5, 28);
    input.birth_order = 1;
    input.use_cause = "核查";
    return server::ProveUniqueness(*house_, Managing(code), input).status();
  }

  // A reservation of the hospital, to be given up by two people of `code`.
  server::CancelReservationInput Cancellation(const std::string& code) {
    const int n = ++births_;
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    const server::ApproveOutcome approved = Approve(*filed, hospital());
    SetStepHook([](server::IssueStep step) {
      return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                  : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    server::CancelReservationInput input;
    input.case_id = approved.case_id;
    input.reason = "印章停用";
    const certs::Digest digest =
        certs::CancellationDigest(certs::View(input.case_id), input.reason);
    input.issuer = IssuerOf(code, digest);
    input.sealer = SealerOf(code, digest);
    Remember();
    return input;
  }
  certs::DeliveryId InReview() {
    certs::Delivery doubtful = BirthOf(++births_);
    doubtful.birth_time_known = false;
    const auto answer = Push(MessageOf(doubtful));
    EXPECT_OK(answer);
    EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
    Remember();
    return answer->delivery_id;
  }
  // What stands in the store; audit entries and the log are counted in it.
  std::string State() const { return registry_.Meta()->SerializeAsString(); }
  void Remember() { before_ = State(); }

  server::CertificateView issued_;
  std::string before_;
  int births_ = 1;
};

struct Act {
  const char* name;
  absl::Status (ManagingTest::*ask)(const std::string& code);
};

class ManagingActs : public ManagingTest {
 protected:
  static std::vector<Act> All() {
    return {{"GetCertificate", &ManagingActs::GetCertificate},
            {"DownloadDocument", &ManagingActs::DownloadDocument},
            {"GetPreview", &ManagingActs::GetPreview},
            {"GetDelivery", &ManagingActs::GetDelivery},
            {"ListReviews", &ManagingActs::ListReviews},
            {"ResolveReview", &ManagingActs::ResolveReview},
            {"Revoke", &ManagingActs::Revoke},
            {"CancelReservation", &ManagingActs::CancelReservation},
            {"ConfirmStock", &ManagingActs::ConfirmStock},
            {"ReceiveStock", &ManagingActs::ReceiveStock},
            {"Replace", &ManagingActs::Replace},
            {"GetSummary", &ManagingActs::GetSummary},
            {"ProveUniqueness", &ManagingActs::ProveUniqueness}};
  }
  // Each act is refused for this reason, and leaves nothing behind.
  void ExpectAllRefused(const std::string& code, const std::string& reason,
                        const std::set<std::string>& but = {}) {
    for (const Act& act : All()) {
      if (but.count(act.name) != 0) continue;
      Remember();  // what an act prepares, it remembers itself
      EXPECT_THAT((this->*act.ask)(code), StatusIs(StatusCode::kPermissionDenied, reason))
          << act.name;
      EXPECT_TRUE(State() == before_) << act.name;
    }
  }
  void ExpectAllAllowed(const std::string& code) {
    for (const Act& act : All()) EXPECT_OK((this->*act.ask)(code)) << act.name;
  }
};

TEST_F(ManagingActs, AnInstitutionThatIsNotRegisteredDoesNothing) {
  ExpectAllRefused(kUnregistered, "INSTITUTION_NOT_REGISTERED", {"Replace"});
  EXPECT_THAT(Replace(kUnregistered), StatusIs(StatusCode::kNotFound, "INSTITUTION_UNKNOWN"));
}

// The role of a client does not make its institution a managing one.
// Rule M1.
TEST_F(ManagingActs, OneThatIsRegisteredForOtherThingsDoesNothing) {
  ExpectAllRefused(kNotManaging, "NOT_MANAGING",
                   {"Replace"});  // a case of its own, refused by rule
}

// Rule M1.
TEST_F(ManagingActs, OneWhoseLicenceIsNotInForceDoesNothing) {
  ExpectAllRefused(kUnlicensed, "INSTITUTION_NOT_LICENSED");
}

// Rules X12, S4.
TEST_F(ManagingActs, OneOfAnotherCountyDoesNothing) {
  ExpectAllRefused(kOtherCounty, "AREA_NOT_COVERED", {"GetSummary", "ProveUniqueness"});
}

// Rule M2.
TEST_F(ManagingActs, OneWhoseAreaIsNotKnownDoesNothing) {
  ExpectAllRefused(kWithoutDivision, "AREA_NOT_COVERED", {"GetSummary", "ProveUniqueness"});
}

// Rule M1.
TEST_F(ManagingActs, TheCoveringCountyMay) { ExpectAllAllowed(kManaging); }
TEST_F(ManagingActs, TheCoveringCityMay) { ExpectAllAllowed(kCity); }
TEST_F(ManagingActs, TheCoveringProvinceMay) { ExpectAllAllowed(kProvince); }

TEST_F(ManagingTest, ARecordOfAFacilityThatIsNotRegisteredLiesInNoArea) {
  certs::Delivery birth = BirthOf(7);
  birth.facility_code = kUnregistered;
  const certs::NewbornId newborn = PushBirth(birth);
  server::GetDeliveryInput input;
  input.newborn_id = newborn;
  input.use_cause = "核查";
  EXPECT_THAT(server::GetDelivery(*house_, Managing(kProvince), input),
              StatusIs(StatusCode::kPermissionDenied, "AREA_NOT_COVERED"));
}

// Rule U3.
TEST_F(ManagingTest, WhoMayNotManageCannotTellANumberThatExistsFromOneThatDoesNot) {
  for (const char* code : {kUnregistered, kUnlicensed, kNotManaging}) {
    const absl::Status exists = GetCertificate(code);
    const absl::Status none =
        server::GetCertificate(*house_, Managing(code), {"Z520000899", "核查"}).status();
    EXPECT_EQ(exists, none) << code;
  }
}

// Rule U5.
TEST_F(ManagingTest, AWrongNameIsToldApartOnlyByWhoManagesTheIssuer) {
  const auto ask = [&](const std::string& code) {
    const auto result =
        server::VerifyNumber(*house_, Managing(code),
                             {issued_.number, "云知秋", "", BirthOf(1).mother_id_number, "核查"});
    EXPECT_OK(result);
    return result->share_result;
  };
  for (const char* code : {kManaging, kCity, kProvince}) EXPECT_EQ(ask(code), 7) << code;
  for (const char* code :
       {kUnregistered, kUnlicensed, kNotManaging, kOtherCounty, kWithoutDivision}) {
    EXPECT_EQ(ask(code), 5) << code;
  }
}

TEST_F(ManagingTest, WhoMayNotManageReplacesNothingThatThereIsNot) {
  server::SubmitApplicationInput input;
  input.request_id = "replace-none";
  input.application = ApplicationFor(1, issued_.newborn_id);
  input.application.kind = certs::CaseKind::kReplacement;
  input.application.predecessor_number = "Z520000899";
  input.application.institution_code = kUnlicensed;
  EXPECT_THAT(server::SubmitApplication(*house_, Managing(kUnlicensed), input),
              StatusIs(StatusCode::kPermissionDenied, "INSTITUTION_NOT_LICENSED"));
}

// Nor does its registration make a client of another role one of a managing institution.
TEST_F(ManagingTest, TheRoleIsAskedForBesideTheRegistration) {
  const Caller issuing = Issuing(kManaging);
  EXPECT_THAT(server::CheckManaging(house_->issuing, issuing),
              StatusIs(StatusCode::kPermissionDenied, "NOT_MANAGING"));
  EXPECT_THAT(server::CheckManages(house_->issuing, issuing, hospital()),
              StatusIs(StatusCode::kPermissionDenied, "NOT_MANAGING"));
  EXPECT_OK(server::CheckManaging(house_->issuing, Managing(kManaging)));
  EXPECT_OK(server::CheckManages(house_->issuing, Managing(kManaging), hospital()));
}

// Rule O8.
TEST_F(ManagingTest, PeopleOfAManagingInstitutionSignForItsAreaOnly) {
  for (const char* code : {kOtherCounty, kUnlicensed}) {
    const auto input = Cancellation(code);
    EXPECT_THAT(server::CancelReservation(*house_, Issuing(hospital()), input),
                StatusIs(StatusCode::kPermissionDenied))
        << code;
    EXPECT_TRUE(State() == before_) << code;
  }
  EXPECT_OK(server::CancelReservation(*house_, Issuing(hospital()), Cancellation(kCity)));
}

TEST_F(ManagingTest, WhatAnInstitutionHoldsItselfNeedsNoSuchRight) {
  EXPECT_OK(server::GetCertificate(*house_, Managing(hospital()), {issued_.number, "核查"}));
  EXPECT_OK(server::ListReviews(*house_, Managing(kUnregistered), {kUnregistered, 0, ""}));
}

TEST_F(ManagingTest, AManagingInstitutionIsRegisteredWithItsDivision) {
  storage::v1::Institution institution;
  institution.set_code(kWithoutDivision);
  institution.set_name("某机构");
  institution.set_managing(true);
  const server::Caller admin = As(kManaging, Role::kAdministrator);
  for (const char* division : {"", "52990", "52990x", "000000"}) {
    institution.set_county_code(division);
    EXPECT_THAT(server::PutInstitution(*house_, admin, institution),
                StatusIs(StatusCode::kInvalidArgument, "DIVISION_CODE"))
        << division;
  }
  institution.set_county_code("529900");
  EXPECT_OK(server::PutInstitution(*house_, admin, institution));
}

}  // namespace
}  // namespace birthseal::tests
