// SPDX-License-Identifier: Apache-2.0
// What each act refuses, with its reason: a request that lacks something, of somebody whose thing
// it is not, on something that there is not or that is in another state. Nothing is changed.
#include <future>

#include "absl/strings/str_cat.h"
#include "server/feed/resolve_review.h"
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/issuing/revoke_certificate.h"
#include "tests/server/use_case/refusals.h"
#include "tests/support/callers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

constexpr char kUnknownNumber[] = "Z520000899";

using RefusedActsTest = RefusalsTest;

// Rule D21.
TEST_F(RefusedActsTest, ADecisionOfAReview) {
  using Input = server::ResolveReviewInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no request id", [](auto* a) { a->input.request_id.clear(); }, StatusCode::kInvalidArgument,
       "REQUEST_ID_REQUIRED"},
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"a reason that is no UTF-8", [](auto* a) { a->input.reason = "\xff"; },
       StatusCode::kInvalidArgument, "REASON_REQUIRED"},
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
  good.input.request_id = "decide-refused";
  good.input.delivery_id = review_;
  good.input.accept = false;
  good.input.operator_id = "issuer-" + hospital();
  good.input.reason = "误报";
  ExpectRefusals(good, refusals, [this](const auto& a) {
    return server::ResolveReview(*house_, a.caller, a.input).status();
  });
}

TEST_F(RefusedActsTest, ADecisionThatWasTaken) {
  ASSERT_OK(Resolve().ask());
  const std::string before = Done();
  EXPECT_OK(Resolve().ask());  // the answer was lost
  server::ResolveReviewInput another;
  another.request_id = "decide-again";
  another.delivery_id = review_;
  another.operator_id = "issuer-" + hospital();
  another.reason = "误报";
  for (const bool accept : {true, false}) {
    another.accept = accept;
    const absl::Status refused =
        server::ResolveReview(*house_, Issuing(hospital()), another).status();
    EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"));
    EXPECT_EQ(certs::FieldOf(refused), "delivery_id");
  }
  EXPECT_TRUE(Done() == before);
}

// Each is signed by two people as it stands.
// Rule V2.
TEST_F(RefusedActsTest, ARevocation) {
  using Input = server::RevokeCertificateInput;
  const std::string reserved = registry_.CaseHead(ReservedBirth(5).case_id)->certificate_number();
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
       [this](auto* a) {
         a->caller = As(a->caller.organisation_code(), Role::kIssuingInstitution);
       },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
      {"unknown, by an issuing role",
       [this](auto* a) {
         a->caller = As(a->caller.organisation_code(), Role::kIssuingInstitution);
         a->input.number = kUnknownNumber;
       },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
      {"no decision", [](auto* a) { a->input.decision.digest = {}; }, StatusCode::kInvalidArgument,
       "DECISION_REQUIRED"},
      {"a decision without a name", [](auto* a) { a->input.decision.reference.clear(); },
       StatusCode::kInvalidArgument, "DECISION_REQUIRED"},
      {"a decision whose name is no UTF-8", [](auto* a) { a->input.decision.reference = "\xff"; },
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
    return server::RevokeCertificate(*house_, a.caller, a.input).status();
  });
}

TEST_F(RefusedActsTest, ACancellation) {
  using Input = server::CancelReservationInput;
  const certs::CaseId reserved = ReservedBirth(5).case_id;
  const std::vector<Refusal<Input>> refusals = {
      {"no reason", [](auto* a) { a->input.reason.clear(); }, StatusCode::kInvalidArgument,
       "REASON_REQUIRED"},
      {"a reason that is no UTF-8", [](auto* a) { a->input.reason = "\xff"; },
       StatusCode::kInvalidArgument, "REASON_REQUIRED"},
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"unknown, to a managing institution",
       [this](auto* a) {
         a->caller = Managing();
         a->input.case_id = Nothing();
       },
       StatusCode::kNotFound, "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"of a managing role that is not registered",
       [this](auto* a) { a->caller = As(kOtherHospital, Role::kManagingInstitution); },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
      {"not reserved", [this](auto* a) { a->input.case_id = approved_.case_id; },
       StatusCode::kNotFound, "NO_SUCH_INTENT"},
      {"issued", [this](auto* a) { a->input.case_id = filed_.case_id; }, StatusCode::kNotFound,
       "NO_SUCH_INTENT"},
  };
  Asked<Input> good{Issuing(hospital()), {}};
  good.input.case_id = reserved;
  good.input.reason = "印章停用";
  const auto ask = [this](Asked<Input> a) {
    const certs::Digest digest =
        certs::CancellationDigest(certs::View(a.input.case_id), a.input.reason);
    a.input.issuer = IssuerOf(hospital(), digest);
    a.input.sealer = SealerOf(hospital(), digest);
    return server::CancelReservation(*house_, a.caller, a.input);
  };
  ExpectRefusals(good, refusals, ask);
  // What is known before the ledger is asked does not stand in its trail.
  const uint64_t entries = registry_.Meta()->next_audit();
  good.input.case_id = approved_.case_id;
  EXPECT_THAT(ask(good), StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
  EXPECT_EQ(registry_.Meta()->next_audit(), entries);
  // A case that was given up before it was reserved was never given up as a reservation.
  ASSERT_OK(Withdraw().ask());
  good.input.case_id = waiting_.case_id;
  EXPECT_THAT(ask(good), StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

// Reserved when it was read, and no more when the ledger looks: not by a cancellation.
TEST_F(RefusedActsTest, ACancellationOfWhatEndedMeanwhileByItsCertificate) {
  storage::v1::CaseHead head = *registry_.CaseHead(filed_.case_id);
  head.set_state(static_cast<int>(certs::CaseState::kReserved));
  Overwrite(engine_.get(), store::Family::kCases, store::IdKey(filed_.case_id),
            head.SerializeAsString());
  server::CancelReservationInput input;
  input.case_id = filed_.case_id;
  input.reason = "印章停用";
  const certs::Digest digest = certs::CancellationDigest(certs::View(input.case_id), input.reason);
  input.issuer = IssuerOf(hospital(), digest);
  input.sealer = SealerOf(hospital(), digest);
  EXPECT_THAT(server::CancelReservation(*house_, Issuing(hospital()), input),
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

TEST_F(RefusedActsTest, AReleaseOfNumbers) {
  using Input = server::ConfirmStockInput;
  ASSERT_OK(ledger_
                ->Call(store::OpenEpoch{certs::LogSize(ledger_->Head().size.value() + 5),
                                        certs::Sm3Of("lost")})
                .status());
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
    return server::ConfirmStock(*house_, a.caller, a.input);
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
         a->caller = MakeCaller(hospital(), {Role::kConnector}, {kOtherHospital});
       },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"of a facility bound to no connector",
       [this](auto* a) {
         a->caller = MakeCaller(hospital(), {Role::kIssuingInstitution}, {hospital()});
       },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
      {"a long id", [](auto* a) { a->input.source_message_id = std::string(257, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"too much", [](auto* a) { a->input.raw = std::string((1u << 20) + 1, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"a long reason", [](auto* a) { a->input.reason = std::string(201, 'x'); },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"a format that is no UTF-8", [](auto* a) { a->input.raw_format = "\xff"; },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"a defect that is no UTF-8",
       [](auto* a) {
         a->input.defects = {{"\xff", "", false}};
       },
       StatusCode::kInvalidArgument, "MESSAGE_FORM"},
      {"a defect at what is no UTF-8",
       [](auto* a) {
         a->input.defects = {{"CODE", "\xff", false}};
       },
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
    server::PushDelivery(*house_, a.caller, a.input,
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
