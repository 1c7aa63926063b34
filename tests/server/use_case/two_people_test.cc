// SPDX-License-Identifier: Apache-2.0
// Every act that takes two people, asked by fewer: one person under two names, one key, one role,
// people who may not, signatures over something else. Refused, and nothing is changed.
#include "server/use_case/two_people.h"

#include <functional>
#include <vector>

#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/issuing/revoke_certificate.h"
#include "store/keys.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/altered_snapshot.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::OperatorSignature;
using server::Role;

using Key = std::shared_ptr<const signer::PrivateKey>;

// Who signs, with which key, in which place.
struct Signer {
  std::string id;
  Key key;
  OperatorSignature Over(const certs::Digest& digest) const {
    return {id, signer::SignWith(key, certs::View(digest))};
  }
};
struct Pair {
  const char* name;
  Signer issuer, sealer;
  const char* reason;
  // What is signed in place of the act's digest.
  bool other_digest_issuer = false, other_digest_sealer = false;
};
struct Act {
  const char* name;
  certs::Digest digest{};
  std::function<absl::Status(const OperatorSignature& issuer, const OperatorSignature& sealer)> ask;
};

class TwoPeopleTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    issued_ = IssueBirth(1);
    Reserve(2);
    RegisterMorePeople();
    Restart();  // each act's people are read from the store
  }
  // Approved, and stopped as soon as the reservation is durable.
  void Reserve(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    ASSERT_OK(filed);
    const server::ApproveOutcome approved = Approve(*filed, hospital());
    reserved_ = approved.case_id;
    SetStepHook([](server::IssueStep step) {
      return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                  : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
  }
  // Past the checks of the registry, as records of another day may stand.
  void Put(const std::string& id, const Key& key, bool issues, bool seals, bool active) {
    storage::v1::Operator who;
    who.set_id(id);
    who.set_institution_code(kManaging);
    who.set_may_issue(issues);
    who.set_may_seal(seals);
    who.set_active(active);
    who.set_public_key(key->PublicSpki());
    ASSERT_OK(
        ledger_->Call(store::PutOperator{kManaging, who.SerializeAsString(), "a salt of 16 byt"})
            .status());
  }
  void RegisterMorePeople() {
    const Staff& staff = staff_.at(kManaging);
    Put("sealer-with-the-issuers-key", staff.issuer, false, true, true);
    Put("both", staff.issuer, true, true, true);
    Put("issuer-gone", other_, true, false, false);
    Put("sealer-gone", other_, false, true, false);
  }
  Signer IssuerAt(const std::string& code) const {
    return {"issuer-" + code, staff_.at(code).issuer};
  }
  Signer SealerAt(const std::string& code) const {
    return {"sealer-" + code, staff_.at(code).sealer};
  }
  std::vector<Pair> TooFew() const;
  std::vector<Act> Acts();
  absl::Status Ask(const Act& act, const Pair& pair) const {
    const certs::Digest other = certs::Sm3Of("something else");
    return act.ask(pair.issuer.Over(pair.other_digest_issuer ? other : act.digest),
                   pair.sealer.Over(pair.other_digest_sealer ? other : act.digest));
  }
  // The last word of the store: log, counters, audit.
  std::string State() const { return registry_.Meta()->SerializeAsString(); }

  server::CertificateView issued_;
  certs::CaseId reserved_;
  const Key other_ = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
};

std::vector<Pair> TwoPeopleTest::TooFew() const {
  const Signer issuer = IssuerAt(kManaging), sealer = SealerAt(kManaging);
  const Key& key = issuer.key;
  return {
      {"one key under two names",
       issuer,
       {"sealer-with-the-issuers-key", key},
       "SAME_PERSON_MAY_NOT_SEAL"},
      {"one name twice", {"both", key}, {"both", key}, "SAME_PERSON_MAY_NOT_SEAL"},
      {"the issuer twice", issuer, issuer, "OPERATOR_ROLE"},
      {"the sealer twice", sealer, sealer, "OPERATOR_ROLE"},
      {"in each other's place", sealer, issuer, "OPERATOR_ROLE"},
      {"an unknown issuer", {"nobody", key}, sealer, "OPERATOR_UNKNOWN"},
      {"an unknown sealer", issuer, {"nobody", other_}, "OPERATOR_UNKNOWN"},
      {"an issuer who is gone", {"issuer-gone", other_}, sealer, "OPERATOR_INACTIVE"},
      {"a sealer who is gone", issuer, {"sealer-gone", other_}, "OPERATOR_INACTIVE"},
      {"another key as the issuer", {issuer.id, other_}, sealer, "APPROVAL_SIGNATURE"},
      {"another key as the sealer", issuer, {sealer.id, other_}, "APPROVAL_SIGNATURE"},
      {"the issuer over something else", issuer, sealer, "APPROVAL_SIGNATURE", true, false},
      {"the sealer over something else", issuer, sealer, "APPROVAL_SIGNATURE", false, true},
      {"people of two institutions", issuer, SealerAt(hospital()), "OPERATOR_OTHER_INSTITUTION"},
  };
}

std::vector<Act> TwoPeopleTest::Acts() {
  const server::Caller managing = As(kManaging, Role::kManagingInstitution);
  std::vector<Act> acts(3);
  acts[0].name = "RevokeCertificate";
  const certs::Digest decision = certs::Sm3Of("decision");
  acts[0].digest = server::RevocationDigest(issued_.number, decision);
  acts[0].ask = [=](const OperatorSignature& issuer, const OperatorSignature& sealer) {
    server::RevokeCertificateInput input;
    input.request_id = "revoke-1";
    input.number = issued_.number;
    input.decision = {certs::EvidenceKind::kDecision, "DECISION-1", decision, ""};
    input.issuer = issuer;
    input.sealer = sealer;
    return server::RevokeCertificate(*house_, managing, input).status();
  };
  acts[1].name = "CancelReservation";
  acts[1].digest = certs::CancellationDigest(certs::View(reserved_), "印章停用");
  acts[1].ask = [=](const OperatorSignature& issuer, const OperatorSignature& sealer) {
    return server::CancelReservation(*house_, managing, {reserved_, "印章停用", issuer, sealer});
  };
  acts[2].name = "ConfirmStock";
  const certs::StockStatement statement{"confirm-1", hospital(), "Z520000001", "Z520000004"};
  acts[2].digest = certs::StockDigest(statement);
  acts[2].ask = [=](const OperatorSignature& issuer, const OperatorSignature& sealer) {
    return server::ConfirmStock(*house_, managing, {statement, issuer, sealer});
  };
  return acts;
}

// Rule O1.
TEST_F(TwoPeopleTest, FewerThanTwoAreRefusedAndChangeNothing) {
  for (const Act& act : Acts()) {
    for (const Pair& pair : TooFew()) {
      const std::string before = State();
      const absl::Status status = Ask(act, pair);
      EXPECT_TRUE(absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status))
          << act.name << ": " << pair.name << " " << status;
      EXPECT_EQ(certs::ReasonOf(status), pair.reason) << act.name << ": " << pair.name;
      EXPECT_TRUE(State() == before) << act.name << ": " << pair.name;
    }
  }
}

TEST_F(TwoPeopleTest, TwoPeopleDoEachOfThem) {
  const Pair two{"two", IssuerAt(kManaging), SealerAt(kManaging), ""};
  for (const Act& act : Acts()) {
    if (std::string(act.name) == "ConfirmStock") {  // what a recovery holds, two people release
      ASSERT_OK(ledger_
                    ->Call(store::OpenEpoch{certs::LogSize(ledger_->Head().size.value() + 5),
                                            certs::Sm3Of("lost")})
                    .status());
      Restart();
    }
    EXPECT_OK(Ask(act, two)) << act.name;
  }
}

// An engine in which the key of one operator is another at each read.
class ChangingEngine : public FailingEngine {
 public:
  using NextKey = std::function<std::string()>;
  ChangingEngine(store::Engine* below, std::string id, NextKey next)
      : FailingEngine(below, &none_),
        place_(store::RegistryKey(store::RegistryKind::kOperator, id)),
        next_(std::move(next)) {}
  std::unique_ptr<store::Snapshot> NewSnapshot() const override {
    return std::make_unique<AlteredSnapshot>(
        FailingEngine::NewSnapshot(),
        [this](store::Family family, const std::string& key, std::string* value) {
          if (family != store::Family::kRegistry || key != place_) return;
          storage::v1::Operator who;
          EXPECT_TRUE(who.ParseFromString(*value));
          who.set_public_key(next_());
          *value = who.SerializeAsString();
        });
  }

 private:
  Faults none_;
  const std::string place_;
  const NextKey next_;
};

// An administrator changes a key while the two signatures are looked at, one after the other.
TEST_F(TwoPeopleTest, AKeyThatChangesInBetweenMakesNoSecondPerson) {
  const Key& key = staff_.at(kManaging).issuer;
  const certs::Digest digest = certs::Sm3Of("an act");
  struct Row {
    const char* name;
    Signer issuer, sealer;
    std::vector<Key> keys;  // of the sealer's name, read after read
  };
  const Row rows[] = {
      {"one name, two keys", {"both", key}, {"both", other_}, {key, other_, key, other_}},
      {"two names, one key",
       IssuerAt(kManaging),
       {"sealer-with-the-issuers-key", key},
       {key, other_, other_, other_}},
  };
  for (const Row& row : rows) {
    size_t reads = 0;
    ChangingEngine changing(engine_.get(), row.sealer.id, [&] {
      operators_->Forget(row.sealer.id);
      return row.keys.at(reads++)->PublicSpki();
    });
    registry_ = store::Registry(&changing, &value_sealer_);
    EXPECT_THAT(server::CheckTwoPeople(*approvals_, kManaging, row.issuer.Over(digest),
                                       row.sealer.Over(digest), digest),
                StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"))
        << row.name;
    EXPECT_GT(reads, 0u) << row.name;
    registry_ = store::Registry(engine_.get(), &value_sealer_);
  }
}

// A certificate is sealed by two as well: not by its issuer under another name.
// Rule O1.
TEST_F(TwoPeopleTest, OneKeyUnderTwoNamesSealsNothing) {
  storage::v1::Operator who = *registry_.Operator("sealer-" + hospital());
  who.set_id("second-name");
  who.set_public_key(staff_.at(hospital()).issuer->PublicSpki());
  ASSERT_OK(server::PutOperator(*house_, As(kManaging, Role::kAdministrator), who));
  const auto filed = File(ApplicationFor(3, PushBirth(BirthOf(3))));
  ASSERT_OK(filed);
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  server::IssueItem order = OrderFor(approved, hospital());
  order.operator_id = who.id();
  order.signature =
      signer::SignWith(staff_.at(hospital()).issuer, certs::View(approved.face_digest));
  const uint64_t before = ledger_->Head().size.value();
  const auto outcomes = server::IssueCertificates(*house_, Issuing(hospital()), {order});
  ASSERT_OK(outcomes);
  EXPECT_THAT(outcomes->front().status,
              StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  EXPECT_EQ(ledger_->Head().size.value(), before);
}

}  // namespace
}  // namespace birthseal::tests
