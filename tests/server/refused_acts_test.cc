// What each act refuses, with its reason: a request that lacks something, of somebody whose thing
// it is not, on something that there is not or that is in another state. Nothing is changed.
#include <future>

#include "absl/strings/str_cat.h"
#include "server/cancel_reservation.h"
#include "server/confirm_stock.h"
#include "server/report_misprint.h"
#include "server/resolve_review.h"
#include "server/revoke_certificate.h"
#include "server/withdraw_application.h"
#include "tests/server/refusals.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

constexpr char kUnknownNumber[] = "Z520000899";

class RefusedActsTest : public RefusalsTest {
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

TEST_F(RefusedActsTest, AnApproval) {
  using Input = server::ApproveItem;
  const store::Id returned = Returned().application_id;
  const std::vector<Refusal<Input>> refusals = {
      {"unknown", [](auto* a) { a->input.application_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"not fit", [&](auto* a) { a->input.application_id = returned; },
       StatusCode::kFailedPrecondition, "CASE_STATE"},
      {"not fit, and signed as it is",
       [&](auto* a) {
         a->input.application_id = returned;
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
                          {waiting_.application_id, waiting_.content_digest, "issuer-" + hospital(),
                           IssuerOf(hospital(), waiting_.content_digest).signature}};
  const auto ask = [this](const auto& a) {
    const auto outcomes = server::ApproveApplications(*services_, a.caller, {a.input});
    return outcomes.ok() ? outcomes->front().status : outcomes.status();
  };
  ExpectRefusals(good, refusals, ask);
  for (const size_t count : {size_t{0}, server::kMaxBatchItems + 1}) {
    EXPECT_THAT(
        server::ApproveApplications(*services_, good.caller, std::vector<Input>(count, good.input)),
        StatusIs(StatusCode::kInvalidArgument, "BATCH_SIZE"))
        << count;
  }
}

TEST_F(RefusedActsTest, AnOrder) {
  using Input = server::IssueItem;
  const std::vector<Refusal<Input>> refusals = {
      {"unknown", [](auto* a) { a->input.application_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"not approved", [this](auto* a) { a->input.application_id = waiting_.application_id; },
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
    const auto outcomes = server::IssueCertificates(*services_, a.caller, {a.input});
    return outcomes.ok() ? outcomes->front().status : outcomes.status();
  };
  ExpectRefusals(good, refusals, ask);
  for (const size_t count : {size_t{0}, server::kMaxBatchItems + 1}) {
    EXPECT_THAT(
        server::IssueCertificates(*services_, good.caller, std::vector<Input>(count, good.input)),
        StatusIs(StatusCode::kInvalidArgument, "BATCH_SIZE"))
        << count;
  }
}

// A profile that is gone says so before anything is reserved, and after it.
TEST_F(RefusedActsTest, AnOrderUnderAProfileThatIsGone) {
  const server::ApproveOutcome reserved = ReservedBirth(5);
  server::IssueItem by_issuer = OrderFor(approved_, hospital());
  by_issuer.operator_id = "issuer-" + hospital();
  const server::ProfileSet known = profiles_;
  profiles_.by_name.clear();
  const std::string before = Done();
  for (const server::IssueItem& order :
       {OrderFor(approved_, hospital()), by_issuer, OrderFor(reserved, hospital())}) {
    const auto outcomes = server::IssueCertificates(*services_, Issuing(hospital()), {order});
    ASSERT_OK(outcomes);
    EXPECT_THAT(outcomes->front().status, StatusIs(StatusCode::kUnavailable, "PROFILE_UNKNOWN"));
    EXPECT_TRUE(Done() == before);
  }
  profiles_ = known;
  EXPECT_OK(Issue(reserved, hospital()).status);
}

TEST_F(RefusedActsTest, ACase) {
  using Input = server::SubmitApplicationInput;
  const std::string other = IssueBirth(6).number;
  const std::string reserved =
      registry_.CaseHead(ReservedBirth(5).application_id)->certificate_number();
  const store::Id without_record = WithoutARecord();
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
       [](auto* a) { a->input.application.newborn_id = std::string(store::View(Nothing())); },
       StatusCode::kNotFound, "NEWBORN_UNKNOWN"},
      {"a newborn without a record",
       [&](auto* a) { a->input.application.newborn_id = std::string(store::View(without_record)); },
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
    return server::SubmitApplication(*services_, a.caller, a.input).status();
  };
  ExpectRefusals(good, refusals, ask);
  // Of a managing institution as well: what there is not, lies in no area.
  Asked<Input> managing{Managing(), good.input};
  managing.input.request_id = "case-2";
  managing.input.application.institution_code = kManaging;
  for (const std::string& number : {std::string(kUnknownNumber), other}) {
    replaces(number)(&managing);
    EXPECT_THAT(ask(managing), StatusIs(StatusCode::kNotFound, "PREDECESSOR_UNKNOWN")) << number;
  }
}

TEST_F(RefusedActsTest, ACaseUnderAProfileThatIsNotLoaded) {
  storage::v1::Institution institution = *registry_.Institution(hospital());
  institution.set_profile("no-such-profile");
  ASSERT_OK(
      ledger_->Call(store::PutInstitution{hospital(), institution.SerializeAsString()}).status);
  EXPECT_THAT(File(ApplicationFor(2, next_newborn_)),
              StatusIs(StatusCode::kNotFound, "PROFILE_UNKNOWN"));
}

TEST_F(RefusedActsTest, AMisprint) {
  using Input = server::ReportMisprintInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.request_id.clear(); }, StatusCode::kInvalidArgument,
       "REQUEST_ID_REQUIRED"},
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"no number", [](auto* a) { a->input.number = "Z5200"; }, StatusCode::kInvalidArgument,
       "CERTIFICATE_NUMBER_INVALID"},
      {"unknown", [](auto* a) { a->input.application_id = Nothing(); }, StatusCode::kNotFound,
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
                          {"misprint-1", approved_.application_id, approved_.certificate_number,
                           "issuer-" + hospital(), "打印错位"}};
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::ReportMisprint(*services_, a.caller, a.input).status();
  });
}

TEST_F(RefusedActsTest, AWithdrawal) {
  using Input = server::WithdrawApplicationInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"unknown", [](auto* a) { a->input.application_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
  };
  const Asked<Input> good{Issuing(hospital()), {waiting_.application_id, "撤回"}};
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::WithdrawApplication(*services_, a.caller, a.input);
  });
}

TEST_F(RefusedActsTest, ADecisionOfAReview) {
  using Input = server::ResolveReviewInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"by nobody", [](auto* a) { a->input.operator_id = "nobody"; }, StatusCode::kPermissionDenied,
       "OPERATOR_UNKNOWN"},
      {"by somebody else's",
       [](auto* a) { a->input.operator_id = absl::StrCat("issuer-", kOtherHospital); },
       StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"},
      {"unknown", [](auto* a) { a->input.delivery_id = Nothing(); }, StatusCode::kNotFound,
       "DELIVERY_UNKNOWN"},
      {"another's",
       [this](auto* a) {
         a->caller = Issuing(kOtherHospital);
         a->input.operator_id = absl::StrCat("issuer-", kOtherHospital);
       },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"not in review", [this](auto* a) { a->input.delivery_id = delivery_; },
       StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"},
      {"not in review, accepted",
       [this](auto* a) {
         a->input.delivery_id = delivery_;
         a->input.accept = true;
       },
       StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"},
  };
  Asked<Input> good{Issuing(hospital()), {}};
  good.input.delivery_id = review_;
  good.input.accept = false;
  good.input.operator_id = "issuer-" + hospital();
  good.input.reason = "误报";
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::ResolveReview(*services_, a.caller, a.input).status();
  });
}

// Each is signed by two people as it stands.
TEST_F(RefusedActsTest, ARevocation) {
  using Input = server::RevokeCertificateInput;
  const std::string reserved =
      registry_.CaseHead(ReservedBirth(5).application_id)->certificate_number();
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.request_id.clear(); }, StatusCode::kInvalidArgument,
       "REQUEST_ID_REQUIRED"},
      {"no number", [](auto* a) { a->input.number.clear(); }, StatusCode::kInvalidArgument,
       "CERTIFICATE_NUMBER_INVALID"},
      {"unknown", [](auto* a) { a->input.number = kUnknownNumber; }, StatusCode::kNotFound,
       "CERTIFICATE_UNKNOWN"},
      {"reserved", [&](auto* a) { a->input.number = reserved; }, StatusCode::kNotFound,
       "CERTIFICATE_UNKNOWN"},
      {"by an issuing role",
       [](auto* a) {
         a->caller.roles = {};
         a->caller.roles.Add(Role::kIssuingInstitution);
       },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
      {"no decision", [](auto* a) { a->input.decision.digest = {}; }, StatusCode::kInvalidArgument,
       "DECISION_REQUIRED"},
      {"a decision without a name", [](auto* a) { a->input.decision.reference.clear(); },
       StatusCode::kInvalidArgument, "DECISION_REQUIRED"},
      {"a decision with a long name",
       [](auto* a) { a->input.decision.reference = std::string(201, 'x'); },
       StatusCode::kInvalidArgument, "DECISION_REQUIRED"},
  };
  Asked<Input> good{Managing(), {}};
  good.input.request_id = "revoke-1";
  good.input.number = issued_.number;
  good.input.decision = {certs::EvidenceKind::kDecision, std::string(200, 'x'), certs::Sm3Of("d"),
                         ""};
  ExpectRefusals(good, refusals, [this](Asked<Input> a) {
    const certs::Digest digest = server::RevocationDigest(a.input.number, a.input.decision.digest);
    a.input.issuer = IssuerOf(kManaging, digest);
    a.input.sealer = SealerOf(kManaging, digest);
    return server::RevokeCertificate(*services_, a.caller, a.input).status();
  });
}

TEST_F(RefusedActsTest, ACancellation) {
  using Input = server::CancelReservationInput;
  const store::Id reserved = ReservedBirth(5).application_id;
  const std::vector<Refusal<Input>> refusals = {
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"unknown", [](auto* a) { a->input.application_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"unknown, to a managing institution",
       [this](auto* a) {
         a->caller = Managing();
         a->input.application_id = Nothing();
       },
       StatusCode::kNotFound, "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"of a managing role that is not registered",
       [this](auto* a) { a->caller = As(kOtherHospital, Role::kManagingInstitution); },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
      {"not reserved", [this](auto* a) { a->input.application_id = approved_.application_id; },
       StatusCode::kNotFound, "NO_SUCH_INTENT"},
      {"issued", [this](auto* a) { a->input.application_id = filed_.application_id; },
       StatusCode::kNotFound, "NO_SUCH_INTENT"},
  };
  Asked<Input> good{Issuing(hospital()), {}};
  good.input.application_id = reserved;
  good.input.reason = "印章停用";
  const auto ask = [this](Asked<Input> a) {
    const certs::Digest digest =
        certs::CancellationDigest(store::View(a.input.application_id), a.input.reason);
    a.input.issuer = IssuerOf(hospital(), digest);
    a.input.sealer = SealerOf(hospital(), digest);
    return server::CancelReservation(*services_, a.caller, a.input);
  };
  ExpectRefusals(good, refusals, ask);
  // A case that was given up before it was reserved was never given up as a reservation.
  ASSERT_OK(Withdraw().ask());
  good.input.application_id = waiting_.application_id;
  EXPECT_THAT(ask(good), StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

TEST_F(RefusedActsTest, AReleaseOfNumbers) {
  using Input = server::ConfirmStockInput;
  ASSERT_OK(ledger_->Call(store::OpenEpoch{ledger_->Head().size + 5, certs::Sm3Of("lost")}).status);
  Restart();
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.statement.request_id.clear(); },
       StatusCode::kInvalidArgument, "REQUEST_ID_REQUIRED"},
      {"no first number", [](auto* a) { a->input.statement.first_number.clear(); },
       StatusCode::kInvalidArgument, "CERTIFICATE_NUMBER_INVALID"},
      {"no next number", [](auto* a) { a->input.statement.next_number = "Z52"; },
       StatusCode::kInvalidArgument, "CERTIFICATE_NUMBER_INVALID"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); },
       StatusCode::kPermissionDenied, "NOT_YOURS"},
      {"of a managing role that is not registered",
       [this](auto* a) { a->caller = As(kOtherHospital, Role::kManagingInstitution); },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
  };
  Asked<Input> good{Issuing(hospital()), {}};
  good.input.statement = {"confirm-1", hospital(), "Z520000001", "Z520000500"};
  ExpectRefusals(good, refusals, [this](Asked<Input> a) {
    const certs::Digest digest = certs::StockDigest(a.input.statement);
    a.input.issuer = IssuerOf(hospital(), digest);
    a.input.sealer = SealerOf(hospital(), digest);
    return server::ConfirmStock(*services_, a.caller, a.input);
  });
}

TEST_F(RefusedActsTest, AMessage) {
  using Input = server::DeliveryMessage;
  const auto alias = [](const std::string& of, const std::string& number) {
    return [=](Asked<Input>* a) {
      a->input.event = store::FeedEvent::kAlias;
      a->input.alias_of = of;
      a->input.delivery.baby_record_no = number;
    };
  };
  const std::vector<Refusal<Input>> refusals = {
      {"another's", [this](auto* a) { a->caller = As(kOtherHospital, Role::kHospital); },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"a connector's",
       [this](auto* a) {
         a->caller = As(hospital(), Role::kConnector);
         a->caller.facility_codes = {kOtherHospital};
       },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"of a facility bound to no connector",
       [this](auto* a) {
         a->caller = As(hospital(), Role::kIssuingInstitution);
         a->caller.facility_codes = {hospital()};
       },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"a long id", [](auto* a) { a->input.source_message_id = std::string(257, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"too much", [](auto* a) { a->input.raw = std::string((1u << 20) + 1, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"a long reason", [](auto* a) { a->input.reason = std::string(201, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"an alias of nobody", alias("", "B-9"), StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"an alias without a number", alias("B-9", ""), StatusCode::kInvalidArgument, "MESSAGE_FORM"},
  };
  Asked<Input> good{As(hospital(), Role::kHospital), MessageOf(BirthOf(9))};
  good.input.source_message_id = std::string(256, 'x');
  good.input.raw = std::string(1u << 20, 'x');
  good.input.reason = std::string(200, 'x');
  ExpectRefusals(good, refusals, [this](const auto& a) {
    absl::Status status;
    std::promise<void> answered;
    server::PushDelivery(*services_, a.caller, a.input,
                         [&](const absl::StatusOr<store::DeliveryAnswer>& answer) {
                           status = answer.status();
                           answered.set_value();
                         });
    answered.get_future().wait();
    return status;
  });
}

}  // namespace
}  // namespace birthseal::tests
