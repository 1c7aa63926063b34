// SPDX-License-Identifier: Apache-2.0
// A malicious operator: full access to the database and the log's keys. Each test is an attack; the
// detector is the product's own code, and what it said is the proof that is printed.
#include "certs/errors.h"
#include "certs/lifecycle.h"
#include "tests/integration/operator_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::LeafKind;
using certs::ReasonOf;
using storage::v1::CertificateHead;
using store::Family;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kWitnessZh[] = "每一见证方", kWitnessEn[] = "every witness";
constexpr char kFollower[] = "certs/proof/log_update LogFollower, clients/witness Witness::Offer";

// Without an attack nobody finds anything.
TEST_F(OperatorTest, AnHonestHistoryIsCosignedByAll) {
  const auto head = Issue(Birth());
  ShowAll(engine_);
  clock_.Advance(absl::Minutes(1));
  Revoke(head.reservation().certificate_number());
  ShowAll(engine_);
  EXPECT_THAT(Checked(engine_), IsEmpty());
  EXPECT_THAT(Monitored(engine_), IsEmpty());
}

// 1
TEST_F(OperatorTest, ASecondLiveCertificateOfOneLabel) {
  Issue(Birth());
  ShowAll(engine_);
  Attacker attacker(&engine_);
  std::vector<LogEntry> log = attacker.Log();
  log.push_back({LeafOf(LeafKind::kIntent, 2), {}});
  log.push_back({LeafOf(LeafKind::kIssued, 2, log.size()), {{Label(Birth()), 2}}});
  attacker.SetLog(log);
  const absl::Status seen = Show(0, engine_).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kFailedPrecondition, "MAP_SECOND_LIVE"));
  EXPECT_EQ(witnesses_[0].storage.evidence.size(), 1u);
  Noted({"1", "同一标签的第二份有效证照", "second live certificate of one label", kWitnessZh,
         kWitnessEn, ReasonOf(seen), kFollower});

  EXPECT_THAT(Monitored(engine_), Contains("MAP_SECOND_LIVE"));
  Noted({"1b", "同上，见证方之外", "the same, besides the witnesses", "监测方", "the monitor",
         Joined(Monitored(engine_)), "clients/witness Monitor::Follow"});
}

TEST_F(OperatorTest, ASecondCertificateThatTheMapDoesNotShow) {
  Issue(Birth());
  ShowAll(engine_);
  Attacker attacker(&engine_);
  std::vector<LogEntry> log = attacker.Log();
  log.push_back({LeafOf(LeafKind::kIntent, 2), {}});
  log.push_back({LeafOf(LeafKind::kIssued, 2, log.size()), {}});
  attacker.SetLog(log);
  const absl::Status seen = Show(0, engine_).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kFailedPrecondition, "MAP_CHANGE_MISSING"));
  Noted({"1c", "签发第二份而不改映射", "second certificate without a change of the map", kWitnessZh,
         kWitnessEn, ReasonOf(seen), kFollower});
}

TEST_F(OperatorTest, ASecondCertificateInTheDatabaseAlone) {
  CertificateHead second = Issue(Birth());
  second.mutable_reservation()->set_status_index(2);
  Attacker attacker(&engine_);
  attacker.Put(Family::kCertificates, store::IndexKey(2), second.SerializeAsString());
  attacker.Change<storage::v1::Meta>(Family::kMeta, store::MetaKey(), [](storage::v1::Meta* meta) {
    meta->set_next_status_index(3);
    meta->set_certificates_issued(2);
  });
  const auto found = Checked(engine_);
  EXPECT_THAT(found, Contains(HasSubstr("certificates/0000000000000002 SECOND_VALID_CERTIFICATE")));
  Noted({"1d", "仅在数据库中增加第二份", "second certificate in the database alone",
         "fsck，且无 R1–R3", "fsck; R1 to R3 are missing", Joined(OfCertificates(found)),
         "store/fsck/fsck"});
}

// 4: the capable way is to run the service on the database of before.
TEST_F(OperatorTest, UnrevokeByGoingOnWithoutTheVoidedLeaf) {
  const auto head = Issue(Birth());
  store::MemoryEngine yesterday;
  CopyStore(engine_, &yesterday);
  Revoke(head.reservation().certificate_number());
  const std::string known = ShowAll(engine_);
  clock_.Advance(absl::Minutes(1));

  const absl::Status smaller = Show(0, yesterday).status();
  EXPECT_THAT(smaller, StatusIs(StatusCode::kDataLoss, "LOG_ROLLED_BACK"));
  Noted({"4", "撤销作废：删去作废叶子", "un-revoke: the VOIDED leaf removed", kWitnessZh,
         kWitnessEn, ReasonOf(smaller), "clients/witness Witness::Offer"});

  Branch other(yesterday, &clock_);
  Something(&other.driver);  // as many leaves as the witnesses know
  EXPECT_THAT(Checked(other.engine), IsEmpty()) << "the forged store agrees with itself";
  const absl::Status forked = Show(1, other.engine).status();
  EXPECT_THAT(forked, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  Noted({"4b", "撤销作废：以别的叶子替换作废叶子", "un-revoke: another leaf instead of VOIDED",
         kWitnessZh, kWitnessEn, ReasonOf(forked), kFollower});

  Something(&other.driver);
  const absl::Status longer = Show(2, other.engine).status();
  EXPECT_THAT(longer, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  Noted({"4c", "撤销作废：并继续延长日志", "un-revoke: and the log goes on", kWitnessZh, kWitnessEn,
         ReasonOf(longer), kFollower});
}

TEST_F(OperatorTest, UnrevokeInTheHeadAlone) {
  const auto head = Issue(Birth());
  Revoke(head.reservation().certificate_number());
  ShowAll(engine_);
  Attacker(&engine_).Change<CertificateHead>(
      Family::kCertificates, store::IndexKey(1), [](CertificateHead* h) {
        h->set_state(static_cast<int>(certs::CertificateState::kValid));
        h->clear_voided_leaf();
      });
  const auto found = Checked(engine_);
  EXPECT_THAT(found, Contains(HasSubstr("certificates/0000000000000001 ENDED_BUT_NOT_SO_IN_HEAD")));
  const auto snapshot = engine_.NewSnapshot();
  const auto proof = store::ProveLabel(*snapshot, Label(Birth()));
  ASSERT_OK(proof);
  const auto value = certs::CheckMapProof(*proof, HeadOf(engine_).map_root);
  ASSERT_OK(value);
  ASSERT_EQ(*value, 0u);
  Noted({"4d", "撤销作废：只改证照状态", "un-revoke: the head alone set VALID",
         "fsck；唯一性证明仍示作废", "fsck; the uniqueness proof still says void",
         Joined(found) + "; map value 0 (void)", "store/fsck/fsck, certs/proof CheckMapProof"});
}

// 5
TEST_F(OperatorTest, UnrevokeInTheMap) {
  const auto head = Issue(Birth());
  Revoke(head.reservation().certificate_number());
  ShowAll(engine_);
  Branch with_leaf(engine_, &clock_);
  Something(&with_leaf.driver);
  with_leaf.ledger.reset();
  Attacker attacker(&with_leaf.engine);
  std::vector<LogEntry> log = attacker.Log();
  log.back().changes = {{Label(Birth()), 1}};
  attacker.SetLog(log);
  const absl::Status seen = Show(0, with_leaf.engine).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kFailedPrecondition, "MAP_CHANGE_WITHOUT_RIGHT"));
  Noted({"5", "撤销作废：由无权的叶子改映射", "un-revoke: a map change under a leaf without right",
         kWitnessZh, kWitnessEn, ReasonOf(seen), kFollower});

  Attacker(&engine_).SetMap(Label(Birth()), 1);
  const absl::Status silent = Show(1, engine_).status();
  EXPECT_THAT(silent, StatusIs(StatusCode::kDataLoss, "MAP_FORKED"));
  Noted({"5b", "撤销作废：无叶子而改映射", "un-revoke: a map change without any leaf", kWitnessZh,
         kWitnessEn, ReasonOf(silent), "certs/proof LogFollower::CheckHead"});
}

}  // namespace
}  // namespace birthseal::tests
