// SPDX-License-Identifier: Apache-2.0
// The store fails while somebody asks: each read of each use case fails in turn. The failure comes
// out as it is. Nothing is taken for "no such thing", nothing is released, nothing is changed.
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/access/client_directory.h"
#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/feed/resolve_review.h"
#include "server/host/config.h"
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/reading/get_certificate.h"
#include "server/reading/get_status.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/read_log.h"
#include "server/reading/verify_number.h"
#include "server/use_case/managing.h"
#include "tests/server/use_case/every_call.h"
#include "tests/support/failing_engine.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

class FailingReadsTest : public EveryCallTest {
 protected:
  void SetUp() override {
    EveryCallTest::SetUp();
    registry_ = store::Registry(&failing_, &value_sealer_);
    IssueBirth(8);  // which parts of a file are stored already is known from here on
  }
  // Each read of the call fails in turn; then it is done once.
  void ExpectFailuresComeOut(const Call& call) {
    SCOPED_TRACE(call.name);
    ExpectEveryFaultComesOut(&faults_, [&] {
      ForgetPeople();
      return call.ask();
    });
  }
  // The same, and before it is done nothing is changed.
  void ExpectFailuresChangeNothing(const Call& call) {
    SCOPED_TRACE(call.name);
    const std::string before = Done();
    ExpectEveryFaultComesOut(&faults_, [&] {
      ForgetPeople();
      const absl::Status status = call.ask();
      if (!status.ok()) {
        faults_.Stop();
        EXPECT_TRUE(Done() == before);
      }
      return status;
    });
  }
  // Approved, ordered, and stopped as soon as the reservation is durable.
  server::ApproveOutcome ReservedBirth(int n) {
    const server::ApproveOutcome approved =
        Approve(*File(ApplicationFor(n, PushBirth(BirthOf(n)))), hospital());
    SetStepHook([](server::IssueStep step) {
      return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                  : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    return approved;
  }
  certs::Application ReplacementOf(int n, const server::CertificateView& old) const {
    certs::Application application = ApplicationFor(n, old.newborn_id);
    application.kind = certs::CaseKind::kReplacement;
    application.institution_code = kManaging;
    application.predecessor_number = old.number;
    for (const certs::EvidenceKind kind :
         {certs::EvidenceKind::kIssuingRecord, certs::EvidenceKind::kLossStatement}) {
      application.evidence.push_back({kind, "DOC-9", certs::Sm3Of("document"), ""});
    }
    application.evidence.push_back(
        {certs::EvidenceKind::kPoliceCheckReply, "REPLY-1", certs::Sm3Of("reply"), "REGISTERED"});
    return application;
  }

  Faults faults_;
  FailingEngine failing_{engine_.get(), &faults_};
};

// Whose right to ask lies in the registry: a managing institution.
class FailingRightsTest : public FailingReadsTest {
 protected:
  std::vector<Call> Readings() {
    const server::Caller managing = Managing();
    return {
        {"GetCertificate",
         [=] {
           return server::GetCertificate(*house_, managing, {issued_.number, kCause}).status();
         }},
        {"GetDelivery",
         [=] {
           server::GetDeliveryInput input;
           input.newborn_id = newborn_;
           input.use_cause = kCause;
           return server::GetDelivery(*house_, managing, input).status();
         }},
        {"ListReviews",
         [=] {
           return server::ListReviews(*house_, managing, {hospital(), 0, ""}).status();
         }},
        {"GetSummary", [=] { return server::GetSummary(*house_, managing).status(); }},
        {"ProveUniqueness", [=] { return Unique(managing); }},
        {"VerifyNumber with another name",
         [=] {
           return server::VerifyNumber(
                      *house_, managing,
                      {issued_.number, "云知秋", "", BirthOf(1).mother_id_number, kCause})
               .status();
         }},
    };
  }
  absl::Status Unique(const server::Caller& caller) {
    server::ProveUniquenessInput input;
    input.mother_id_type = certs::IdType::kCitizenId;
    input.mother_id_number = BirthOf(1).mother_id_number;
    input.birth_date = absl::CivilDay(2026, 5, 28);
    input.use_cause = kCause;
    return server::ProveUniqueness(*house_, caller, input).status();
  }
};

TEST_F(FailingRightsTest, WhoseRightCannotBeReadIsToldSo) {
  for (const Call& call : Readings()) ExpectFailuresComeOut(call);
}

TEST_F(FailingRightsTest, WhetherThereIsNoSuchThingCannotBeTold) {
  const server::Caller managing = Managing();
  server::GetDeliveryInput input;
  input.facility_code = hospital();
  input.baby_record_no = "nobody's";
  input.use_cause = kCause;
  const auto found_none = [](const absl::Status& status) {
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  };
  const Call calls[] = {
      {"GetCertificate",
       [=] {
         return found_none(
             server::GetCertificate(*house_, managing, {"Z520000899", kCause}).status());
       }},
      {"GetDelivery",
       [=] { return found_none(server::GetDelivery(*house_, managing, input).status()); }},
  };
  for (const Call& call : calls) ExpectFailuresComeOut(call);
}

TEST_F(FailingReadsTest, WhoAsksIsToldSo) {
  certs::Application incomplete = ApplicationFor(2, next_newborn_);
  incomplete.evidence.clear();
  const certs::CaseId returned = File(incomplete)->case_id;
  const certs::CaseId reserved = ReservedBirth(5).case_id;
  for (const Call& call :
       {Delivery("GetDelivery", next_delivery_, {}),
        Delivery("GetDelivery by newborn", {}, next_newborn_), DeliveryByNumber(),
        Application(filed_.case_id), Application(waiting_.case_id), Application(approved_.case_id),
        Application(returned), Application(reserved), Certificate(), Document(), Preview(),
        Status(), Number(), File_(), Reviews()}) {
    ExpectFailuresComeOut(call);
  }
  ExpectFailuresComeOut({"GetStatus by index", [this] {
                           return server::GetStatus(*house_, "", issued_.status_index).status();
                         }});
  ExpectFailuresComeOut({"GetSummary", [this] { return server::GetSummary(*house_).status(); }});
}

TEST_F(FailingReadsTest, WhoReadsTheLogIsToldSo) {
  const uint64_t ended = ledger_->Head().size.value();
  ASSERT_OK(
      ledger_->Call(store::OpenEpoch{certs::LogSize(ended + 5), certs::Sm3Of("lost")}).status());
  Restart();
  registry_ = store::Registry(&failing_, &value_sealer_);
  for (const uint64_t epoch : {uint64_t{1}, uint64_t{0}}) {
    const uint64_t size = epoch == 1 ? ended : ledger_->Head().size.value();
    for (const Call& call : std::vector<Call>{
             {"ListLeaves",
              [=] {
                return server::ListLeaves(*house_, certs::LogEpoch(epoch), certs::LeafIndex(0), 9)
                    .status();
              }},
             {"ListUpdates",
              [=] {
                return server::ListUpdates(*house_, certs::LogEpoch(epoch), certs::LeafIndex(0), 9)
                    .status();
              }},
             {"GetInclusionProof",
              [=] {
                return server::GetInclusionProof(*house_, certs::LogEpoch(epoch),
                                                 certs::LeafIndex(0), certs::LogSize(size))
                    .status();
              }},
             {"GetConsistencyProof", [=] {
                return server::GetConsistencyProof(*house_, certs::LogEpoch(epoch),
                                                   certs::LogSize(1), certs::LogSize(size))
                    .status();
              }}}) {
      if (size == 1 && std::string(call.name) == "GetConsistencyProof") continue;  // of one leaf
      ExpectFailuresComeOut(call);
    }
  }
}

TEST_F(FailingReadsTest, WhoFilesApprovesOrEndsACaseIsToldSoAndNothingIsChanged) {
  const server::CertificateView old = IssueBirth(6);
  const Call replace = {"SubmitApplication of a replacement", [=] {
                          server::SubmitApplicationInput input;
                          input.request_id = "replace-1";
                          input.application = ReplacementOf(6, old);
                          return server::SubmitApplication(*house_, Managing(), input).status();
                        }};
  for (const Call& call :
       {Submit(), Exchange(), replace, replace, Approve_(), Misprint(), Revoke(), Revoke()}) {
    ExpectFailuresChangeNothing(call);
  }
  waiting_ = *File(ApplicationFor(7, PushBirth(BirthOf(7))));
  ExpectFailuresChangeNothing(Withdraw());
}

TEST_F(FailingReadsTest, WhoGivesUpAReservationIsToldSoAndItStaysOpen) {
  for (const std::string& people : {hospital(), std::string(kManaging)}) {
    const server::ApproveOutcome approved = ReservedBirth(people == kManaging ? 5 : 6);
    server::CancelReservationInput input;
    input.case_id = approved.case_id;
    input.reason = "印章停用";
    const certs::Digest digest =
        certs::CancellationDigest(certs::View(input.case_id), input.reason);
    input.issuer = IssuerOf(people, digest);
    input.sealer = SealerOf(people, digest);
    const server::Caller caller = people == kManaging ? Managing() : Issuing(hospital());
    ExpectFailuresChangeNothing(
        {"CancelReservation", [&] { return server::CancelReservation(*house_, caller, input); }});
    EXPECT_TRUE(registry_.OpenReservations(1)->empty());
  }
}

TEST_F(FailingReadsTest, WhoReleasesOrReceivesNumbersIsToldSoAndNothingIsChanged) {
  ASSERT_OK(ledger_
                ->Call(store::OpenEpoch{certs::LogSize(ledger_->Head().size.value() + 5),
                                        certs::Sm3Of("lost")})
                .status());
  Restart();
  registry_ = store::Registry(&failing_, &value_sealer_);
  server::ConfirmStockInput input;
  input.statement = {"confirm-1", hospital(), "Z520000001", "Z520000500"};
  const certs::Digest digest = certs::StockDigest(input.statement);
  input.issuer = IssuerOf(kManaging, digest);
  input.sealer = SealerOf(kManaging, digest);
  ExpectFailuresChangeNothing(
      {"ConfirmStock", [&] { return server::ConfirmStock(*house_, Managing(), input); }});
  for (const std::string& code : {hospital(), std::string(kManaging)}) {
    const std::string first = code == kManaging ? "Z529001001" : "Z529002001";
    ExpectFailuresChangeNothing(
        {"ReceiveStock", [&] {
           return server::ReceiveStock(*house_, Managing(), {"by-" + code, code, first, first});
         }});
  }
}

TEST_F(FailingReadsTest, WhoseMessageCannotBeMergedIsToldSoAndNothingIsKept) {
  server::DeliveryMessage alias = MessageOf(BirthOf(2));
  alias.event = store::FeedEvent::kAlias;
  alias.source_message_id = "alias";
  alias.alias_of = "B-2";
  alias.delivery.baby_record_no = "B-2-new";
  certs::Delivery elsewhere = BirthOf(3);
  elsewhere.facility_code = kOtherHospital;
  const auto push = [this](const char* name, const server::DeliveryMessage& message) {
    return Call{name, [this, message] { return Push(message).status(); }};
  };
  for (const Call& call :
       {Update(), push("an alias", alias), push("of another facility", MessageOf(elsewhere))}) {
    ExpectFailuresChangeNothing(call);
  }
}

// Two children under one number: the record is of the one whose place it says.
TEST_F(FailingReadsTest, WhoseMessageIsOfOneOfTwoSiblingsIsToldSo) {
  certs::Delivery first = BirthOf(5), second = BirthOf(5);
  first.plurality = second.plurality = 2;
  second.birth_order = 2;
  second.birth_time += 8;
  second.sex = certs::Sex::kMale;
  PushBirth(first);
  server::ResolveReviewInput decision;
  decision.request_id = "decide-siblings";
  decision.delivery_id = Push(MessageOf(second))->delivery_id;
  decision.whose = store::WhoseRecord::kAnotherNewborn;
  decision.delivery = second;
  decision.operator_id = "issuer-" + hospital();
  decision.reason = "与病历核对";
  ASSERT_OK(server::ResolveReview(*house_, Issuing(hospital()), decision));
  clock_.Advance(absl::Seconds(1));
  second.birth_weight_g = 2900;
  ExpectFailuresChangeNothing({"PushDelivery", [&] { return Push(MessageOf(second)).status(); }});
}

TEST_F(FailingReadsTest, WhoDecidesAReviewIsToldSoAndItStaysOpen) {
  ExpectFailuresChangeNothing(Resolve());
  certs::Delivery doubtful = BirthOf(5);
  doubtful.birth_time_known = false;
  server::ResolveReviewInput input;
  input.request_id = "decide-2";
  input.delivery_id = Push(MessageOf(doubtful))->delivery_id;
  input.delivery = BirthOf(5);
  input.operator_id = "issuer-" + std::string(kManaging);
  input.reason = "已核实";
  ExpectFailuresChangeNothing({"ResolveReview by a managing institution", [&] {
                                 return server::ResolveReview(*house_, Managing(), input).status();
                               }});
}

// From the reservation on the service owes the certificate: what fails then is finished later.
TEST_F(FailingReadsTest, WhoOrdersACertificateIsToldSoUntilItIsThere) {
  const uint64_t before = registry_.Meta()->certificates_issued();
  ExpectFailuresComeOut(Order());
  EXPECT_EQ(registry_.Meta()->certificates_issued(), before + 1);
  ExpectFailuresComeOut(Order());  // what is there already
  EXPECT_EQ(registry_.Meta()->certificates_issued(), before + 1);
}

TEST_F(FailingReadsTest, TheFinisherFinishesWhatItCouldNotReadLater) {
  ReservedBirth(5);
  std::vector<std::string> told;
  server::Finisher finisher(&house_->issuing,
                            [&](const storage::v1::Reservation&, const absl::Status& why) {
                              told.push_back(certs::ReasonOf(why));
                            });
  size_t finished = 0;
  for (int good = 0; finished == 0; ++good) {
    ASSERT_LT(good, 100);
    ForgetPeople();
    clock_.Advance(absl::Minutes(1));
    faults_.FailAfter(good);
    finished = finisher.RunOnce().finished;
    EXPECT_EQ(finished == 1, faults_.Stop().empty()) << good;
    EXPECT_EQ(registry_.OpenReservations(1)->empty(), finished == 1) << good;
  }
  EXPECT_THAT(told, testing::Contains(kInjected));
}

}  // namespace
}  // namespace birthseal::tests
