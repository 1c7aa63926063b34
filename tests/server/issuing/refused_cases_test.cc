// SPDX-License-Identifier: Apache-2.0
// What each step of a case refuses, with its reason: a request that lacks something, of somebody
// whose thing it is not, on something that there is not or that is in another state. Nothing is
// changed.
#include "absl/strings/str_cat.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/withdraw_case.h"
#include "tests/server/use_case/refusals.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

constexpr char kUnknownNumber[] = "Z520000899";

class RefusedCasesTest : public RefusalsTest {
 protected:
  // Another case of a newborn that has none yet, sent back for want of evidence.
  server::SubmitApplicationResult Returned() {
    certs::Application incomplete = ApplicationFor(2, next_newborn_);
    incomplete.evidence.clear();
    const auto returned = File(incomplete);
    EXPECT_OK(returned);
    EXPECT_EQ(returned->state, certs::CaseState::kReturned);
    return *returned;
  }
};

TEST_F(RefusedCasesTest, AnApproval) {
  using Input = server::ApproveItem;
  const certs::CaseId returned = Returned().case_id;
  const std::vector<Refusal<Input>> refusals = {
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"not fit", [&](auto* a) { a->input.case_id = returned; }, StatusCode::kFailedPrecondition,
       "CASE_STATE"},
      {"not fit, and signed as it is",
       [&](auto* a) {
         a->input.case_id = returned;
         a->input.content_digest = {};
         a->input.signature = IssuerOf(hospital(), {}).signature;
       },
       StatusCode::kFailedPrecondition, "CASE_STATE"},
      {"other content, signed as such",
       [this](auto* a) {
         a->input.content_digest = certs::Sm3Of("another content");
         a->input.signature = IssuerOf(hospital(), a->input.content_digest).signature;
       },
       StatusCode::kAborted, "CONTENT_CHANGED"},
      {"by nobody", [](auto* a) { a->input.operator_id = "nobody"; }, StatusCode::kPermissionDenied,
       "OPERATOR_UNKNOWN"},
      {"by the sealer", [this](auto* a) { a->input.operator_id = "sealer-" + hospital(); },
       StatusCode::kPermissionDenied, "OPERATOR_ROLE"},
      {"unsigned", [](auto* a) { a->input.signature.clear(); }, StatusCode::kUnauthenticated,
       "APPROVAL_SIGNATURE"},
  };
  const Asked<Input> good{Issuing(hospital()),
                          {waiting_.case_id, waiting_.content_digest, "issuer-" + hospital(),
                           IssuerOf(hospital(), waiting_.content_digest).signature}};
  const auto ask = [this](const auto& a) {
    const auto outcomes = server::ApproveCases(*house_, a.caller, {a.input});
    return outcomes.ok() ? outcomes->front().status : outcomes.status();
  };
  ExpectRefusals(good, refusals, ask);
}

TEST_F(RefusedCasesTest, AnOrder) {
  using Input = server::IssueItem;
  const std::vector<Refusal<Input>> refusals = {
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"not approved", [this](auto* a) { a->input.case_id = waiting_.case_id; },
       StatusCode::kFailedPrecondition, "CASE_STATE"},
      {"another day", [](auto* a) { ++a->input.issue_date; }, StatusCode::kUnauthenticated,
       "APPROVAL_SIGNATURE"},
      {"by nobody", [](auto* a) { a->input.operator_id = "nobody"; }, StatusCode::kPermissionDenied,
       "OPERATOR_UNKNOWN"},
      {"by the issuer", [this](auto* a) { a->input.operator_id = "issuer-" + hospital(); },
       StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"},
      {"unsigned", [](auto* a) { a->input.signature.clear(); }, StatusCode::kUnauthenticated,
       "APPROVAL_SIGNATURE"},
  };
  const Asked<Input> good{Issuing(hospital()), OrderFor(approved_, hospital())};
  const auto ask = [this](const auto& a) {
    const auto outcomes = server::IssueCertificates(*house_, a.caller, {a.input});
    return outcomes.ok() ? outcomes->front().status : outcomes.status();
  };
  ExpectRefusals(good, refusals, ask);
}

// A profile that is gone says so before anything is reserved, and after it.
TEST_F(RefusedCasesTest, AnOrderUnderAProfileThatIsGone) {
  const server::ApproveOutcome reserved = ReservedBirth(5);
  server::IssueItem by_issuer = OrderFor(approved_, hospital());
  by_issuer.operator_id = "issuer-" + hospital();
  const server::ProfileSet known = profiles_;
  profiles_.by_name.clear();
  const std::string before = Done();
  for (const server::IssueItem& order :
       {OrderFor(approved_, hospital()), by_issuer, OrderFor(reserved, hospital())}) {
    const auto outcomes = server::IssueCertificates(*house_, Issuing(hospital()), {order});
    ASSERT_OK(outcomes);
    EXPECT_THAT(outcomes->front().status, StatusIs(StatusCode::kUnavailable, "PROFILE_UNKNOWN"));
    EXPECT_TRUE(Done() == before);
  }
  profiles_ = known;
  EXPECT_OK(Issue(reserved, hospital()).status);
}

// Rule E9.
TEST_F(RefusedCasesTest, ACase) {
  using Input = server::SubmitApplicationInput;
  const std::string other = IssueBirth(6).number;
  const std::string reserved = registry_.CaseHead(ReservedBirth(5).case_id)->certificate_number();
  const certs::NewbornId without_record = WithoutARecord();
  const auto replaces = [](const std::string& number) {
    return [=](Asked<Input>* a) {
      a->input.application.kind = certs::CaseKind::kExchange;
      a->input.application.ground = certs::ExchangeGround::kDamaged;
      a->input.application.predecessor_number = number;
    };
  };
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.request_id.clear(); }, StatusCode::kInvalidArgument,
       "REQUEST_ID_REQUIRED"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); },
       StatusCode::kPermissionDenied, "NOT_YOUR_INSTITUTION"},
      {"no newborn", [](auto* a) { a->input.application.newborn_id.clear(); },
       StatusCode::kInvalidArgument, "ID_FORM"},
      {"an unknown newborn",
       [](auto* a) {
         a->input.application.newborn_id = std::string(certs::View(certs::NewbornId(Nothing())));
       },
       StatusCode::kNotFound, "NEWBORN_UNKNOWN"},
      {"a newborn without a record",
       [&](auto* a) { a->input.application.newborn_id = std::string(certs::View(without_record)); },
       StatusCode::kNotFound, "NEWBORN_UNKNOWN"},
      {"an unknown institution",
       [this](auto* a) {
         a->caller = Platform();
         a->input.application.institution_code = "115299010099007A03";
       },
       StatusCode::kNotFound, "INSTITUTION_UNKNOWN"},
      {"an unknown predecessor", replaces(kUnknownNumber), StatusCode::kNotFound,
       "PREDECESSOR_UNKNOWN"},
      {"a predecessor of another newborn", replaces(other), StatusCode::kNotFound,
       "PREDECESSOR_UNKNOWN"},
      {"a predecessor that is not issued", replaces(reserved), StatusCode::kNotFound,
       "PREDECESSOR_UNKNOWN"},
      {"another profile", [](auto* a) { a->input.profile = "another"; },
       StatusCode::kInvalidArgument, "PROFILE_NOT_OF_INSTITUTION"},
  };
  Asked<Input> good{Issuing(hospital()), {}};
  good.input.request_id = "case-1";
  good.input.application = ApplicationFor(2, next_newborn_);
  const auto ask = [this](const auto& a) {
    return server::SubmitApplication(*house_, a.caller, a.input).status();
  };
  ExpectRefusals(good, refusals, ask);
  // Of a managing institution as well: what there is not, lies in no area.
  Asked<Input> managing{Managing(), good.input};
  managing.input.request_id = "case-2";
  managing.input.application.institution_code = kManaging;
  const std::string licence = registry_.OpenReservations(1)->front().licence_id();
  for (const std::string& number : {std::string(kUnknownNumber), other, licence}) {
    replaces(number)(&managing);
    EXPECT_THAT(ask(managing), StatusIs(StatusCode::kNotFound, "PREDECESSOR_UNKNOWN")) << number;
  }
}

TEST_F(RefusedCasesTest, ACaseUnderAProfileThatIsNotLoaded) {
  storage::v1::Institution institution = *registry_.Institution(hospital());
  institution.set_profile("no-such-profile");
  ASSERT_OK(
      ledger_->Call(store::PutInstitution{hospital(), institution.SerializeAsString()}).status());
  EXPECT_THAT(File(ApplicationFor(2, next_newborn_)),
              StatusIs(StatusCode::kNotFound, "PROFILE_UNKNOWN"));
}

// Rule O6.
TEST_F(RefusedCasesTest, AMisprint) {
  using Input = server::ReportMisprintInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.request_id.clear(); }, StatusCode::kInvalidArgument,
       "REQUEST_ID_REQUIRED"},
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"no number", [](auto* a) { a->input.number = "Z5200"; }, StatusCode::kInvalidArgument,
       "CERTIFICATE_NUMBER_INVALID"},
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's",
       [this](auto* a) {
         a->caller = Issuing(kOtherHospital);
         a->input.operator_id = absl::StrCat("issuer-", kOtherHospital);
       },
       StatusCode::kNotFound, "CASE_UNKNOWN"},
      {"by nobody", [](auto* a) { a->input.operator_id = "nobody"; }, StatusCode::kPermissionDenied,
       "OPERATOR_UNKNOWN"},
      {"by somebody else's",
       [](auto* a) { a->input.operator_id = absl::StrCat("issuer-", kOtherHospital); },
       StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"},
  };
  const Asked<Input> good{Issuing(hospital()),
                          {"misprint-1", approved_.case_id, approved_.certificate_number,
                           "issuer-" + hospital(), "打印错位"}};
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::ReportMisprint(*house_, a.caller, a.input).status();
  });
}

TEST_F(RefusedCasesTest, AWithdrawal) {
  using Input = server::WithdrawCaseInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
  };
  const Asked<Input> good{Issuing(hospital()), {waiting_.case_id, "撤回"}};
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::WithdrawCase(*house_, a.caller, a.input);
  });
}

}  // namespace
}  // namespace birthseal::tests
