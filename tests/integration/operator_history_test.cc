// SPDX-License-Identifier: Apache-2.0
// A malicious operator who back-dates, deletes, goes back, or tells two stories (operator_test.cc).
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "server/witnessing/high_water.h"
#include "server/witnessing/store_position.h"
#include "signer/sealing/log_signer.h"
#include "tests/integration/operator_fixture.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::LeafKind;
using certs::ReasonOf;
using store::Family;
using testing::Contains;
using testing::HasSubstr;

constexpr char kWitnessZh[] = "每一见证方", kWitnessEn[] = "every witness";
constexpr char kFollower[] = "certs/proof/log_update LogFollower, clients/witness Witness::Offer";

// 6
TEST_F(OperatorTest, BackDatedByALeafInThePast) {
  Issue(Birth());
  Something(&driver_);
  ShowAll(engine_);
  clock_.Advance(absl::Hours(24));
  Attacker attacker(&engine_);
  std::vector<LogEntry> log = attacker.Log();
  LogEntry past{log.front().leaf, {}};
  past.leaf.commitment = certs::Sm3Of("an operator who approved yesterday");
  log.insert(log.begin() + 1, past);
  attacker.SetLog(log);
  const absl::Status seen = Show(0, engine_).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  Noted({"6", "倒签：在过去插入叶子", "back-date: a leaf inserted in the past", kWitnessZh,
         kWitnessEn, ReasonOf(seen), kFollower});
}

TEST_F(OperatorTest, BackDatedByAnOldMinute) {
  Issue(Birth());
  const std::string seen_before = ShowAll(engine_);
  const certs::TreeHead witnessed = certs::ParseCheckpoint(seen_before)->head;
  Attacker attacker(&engine_);
  std::vector<LogEntry> log = attacker.Log();
  clock_.Advance(absl::Hours(48));
  certs::Leaf intent = LeafOf(LeafKind::kIntent, 2);
  intent.log_minute = absl::ToUnixSeconds(witnessed.time - absl::Hours(24)) / 60;
  const certs::ReceiptSubject subject{certs::Sm3Of("face"), "licence", std::string(32, 'd')};
  const std::string salt(16, 's');
  intent.commitment = certs::Commit(
      salt, certs::IntentOpening(subject.face_digest, subject.licence_id, subject.document_id));
  log.push_back({intent, {}});
  attacker.SetLog(log);
  const auto found = Monitored(engine_);
  EXPECT_THAT(found, Contains("LOG_TIME_BACK"));
  Noted({"6b", "倒签：新叶子写旧时间", "back-date: a new leaf with an old minute", "监测方",
         "the monitor", Joined(found), "clients/witness Monitor: minutes never go back"});

  const store::Registry registry(&engine_, nullptr);
  const uint64_t size = log.size();
  certs::Receipt r1{certs::Canonical(intent),
                    size - 1,
                    salt,
                    *registry.InclusionPath(certs::LeafIndex(size - 1), certs::LogSize(size),
                                            certs::kCurrentEpoch),
                    NoteOf(engine_),
                    seen_before,
                    *registry.ConsistencyPath(certs::LogSize(witnessed.size), certs::LogSize(size),
                                              certs::kCurrentEpoch)};
  const auto facts = certs::CheckReceipt(r1, subject, log_checks_[0], Policy());
  ASSERT_OK(facts);
  EXPECT_EQ(facts->after_size, witnessed.size);
  EXPECT_GT(absl::ToUnixSeconds(witnessed.time) / 60, facts->leaf.log_minute);
  Noted({"6c", "倒签：同上", "back-date: the same", "持有文件者，凭 R1", "who has the file, by R1",
         absl::StrCat("R1: accepted after size ", facts->after_size, ", which witnesses saw at ",
                      absl::FormatTime(witnessed.time, absl::UTCTimeZone()),
                      "; the leaf says an earlier minute"),
         "certs/proof CheckReceipt: after_size"});
}

// 7
TEST_F(OperatorTest, TheNewestLeavesDeleted) {
  Issue(Birth());
  store::MemoryEngine yesterday;
  CopyStore(engine_, &yesterday);
  Birth second;
  second.mother = "PASSPORT002", second.record = "B0002";
  Issue(second);
  ShowAll(engine_);
  const TempDir dir;
  auto mark = server::HighWater::Create(dir.Join("mark"), HeadOf(engine_));
  ASSERT_OK(mark);
  clock_.Advance(absl::Minutes(1));

  const absl::Status seen = Show(0, yesterday).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss, "LOG_ROLLED_BACK"));
  Noted({"7", "删除最新的叶子（回滚数据库）", "the newest leaves deleted (database rolled back)",
         kWitnessZh, kWitnessEn, ReasonOf(seen), "clients/witness Witness::Offer"});
  const absl::Status start =
      server::CheckStorePosition((*mark)->head(), kTestLogName, *yesterday.NewSnapshot());
  EXPECT_THAT(start, StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  const absl::Status sign =
      signer::LogSigner(log_keys_, (*mark)->head()).Sign(HeadOf(yesterday)).status();
  EXPECT_THAT(sign, StatusIs(StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
  Noted({"7b", "同上，重新启动服务", "the same, with the service started again",
         "服务本身，凭高水位标记", "the service itself, by its high-water file",
         Joined({ReasonOf(start), ReasonOf(sign)}),
         "server/witnessing/store_position, signer/sealing/log_signer"});
}

TEST_F(OperatorTest, OneLeafDeleted) {
  Issue(Birth());
  Something(&driver_);
  ShowAll(engine_);
  clock_.Advance(absl::Minutes(1));
  Branch crude(engine_, &clock_);
  crude.ledger.reset();
  Attacker(&crude.engine).Erase(Family::kLeaves, store::IndexKey(1));
  const auto found = Checked(crude.engine);
  EXPECT_THAT(found, Contains(HasSubstr("leaves/0000000000000001")));
  Noted(
      {"7c", "删除一片叶子", "one leaf deleted", "fsck", "fsck", Joined(found), "store/fsck/fsck"});

  Attacker attacker(&engine_);
  std::vector<LogEntry> log = attacker.Log();
  log.erase(log.begin() + 1);
  attacker.SetLog(log);
  const absl::Status seen = Show(0, engine_).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss, "LOG_ROLLED_BACK"));
  Noted({"7d", "删除一片叶子并重算整棵树", "one leaf deleted, the whole tree made anew", kWitnessZh,
         kWitnessEn, ReasonOf(seen), "clients/witness Witness::Offer"});
}

// 8
TEST_F(OperatorTest, ACertificateRecordDeleted) {
  Issue(Birth());
  Attacker(&engine_).Erase(Family::kCertificates, store::IndexKey(1));
  const auto found = Checked(engine_);
  EXPECT_THAT(found, Contains(HasSubstr("certificates/0000000000000001 MISSING")));
  Noted({"8", "删除证照记录", "a certificate record deleted", "fsck；持有文件者仍有 R1–R3",
         "fsck; who has the file still has R1 to R3", Joined(OfCertificates(found)),
         "store/fsck/fsck"});
}

// 9
TEST_F(OperatorTest, TwoHistoriesForTwoWitnesses) {
  const auto head = Issue(Birth());
  ShowAll(engine_);
  clock_.Advance(absl::Minutes(1));
  Branch other(engine_, &clock_);
  Revoke(head.reservation().certificate_number());  // the police are shown the revocation
  Something(&other.driver);                         // the health commission never hears of it
  const auto police = Show(0, engine_), health = Show(1, other.engine);
  ASSERT_OK(police);
  ASSERT_OK(health);
  const absl::Status alone = certs::CheckQuorum(*certs::ParseCheckpoint(*police), Policy());
  EXPECT_THAT(alone, StatusIs(StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED"));
  EXPECT_THAT(certs::CheckQuorum(*certs::ParseCheckpoint(*health), Policy()),
              StatusIs(StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED"));
  Noted({"9", "向两个见证方展示不同历史", "two histories shown to two witnesses",
         "任何要求法定见证数者", "whoever asks for a quorum", ReasonOf(alone),
         "certs/proof CheckQuorum"});

  Noted({"9b", "同上，两份检查点放在一起", "the same, both checkpoints side by side",
         "任何人：birthseal audit compare", "anyone: birthseal audit compare",
         ForkProof(*police, *health), "clients/witness Compare"});

  // The third can only join one of the two.
  ASSERT_OK(Show(2, engine_));
  const absl::Status third = Show(2, other.engine).status();
  EXPECT_THAT(third, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  Noted({"9c", "同上，再拉拢第三方", "the same, and the third witness is asked", "第三见证方",
         "the third witness", ReasonOf(third), kFollower});
}

// 12
TEST_F(OperatorTest, ARecoveryThatForgetsARevocation) {
  const auto head = Issue(Birth());
  store::MemoryEngine yesterday;
  CopyStore(engine_, &yesterday);
  Revoke(head.reservation().certificate_number());
  ShowAll(engine_);
  clock_.Advance(absl::Minutes(1));
  const certs::TreeHead lost = HeadOf(engine_);
  Attacker(&yesterday).BeginEpoch(lost.size, lost.root);
  const absl::Status seen = Show(0, yesterday).status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kDataLoss, "RECOVERY_LOSES_KNOWN"));
  Noted({"12", "借恢复遗忘已知的作废", "a RECOVERY that forgets a revocation witnesses know",
         kWitnessZh, kWitnessEn, ReasonOf(seen), "certs/proof LogFollower::StartEpoch"});
}

// 14
TEST_F(OperatorTest, OneOfTheTwoLogSignaturesMissing) {
  Issue(Birth());
  certs::Checkpoint note = *certs::ParseCheckpoint(NoteOf(engine_));
  ASSERT_EQ(note.signatures.size(), 2u);
  note.signatures.pop_back();  // Ed25519
  const auto never = [](certs::LogEpoch, certs::LeafIndex,
                        int) -> absl::StatusOr<std::vector<witness::Update>> {
    return absl::InternalError("asked for leaves of an unsigned checkpoint");
  };
  const absl::Status seen =
      witnesses_[0]
          .witness->Offer(certs::FormatCheckpoint(note.body, note.signatures), never)
          .status();
  EXPECT_THAT(seen, StatusIs(StatusCode::kUnauthenticated));
  EXPECT_TRUE(witnesses_[0].witness->memory().refusal.empty()) << "no evidence against the log";
  Noted({"14", "检查点缺 Ed25519 签名（只有 SM2 密钥失窃）",
         "checkpoint without the Ed25519 signature (only the SM2 key was stolen)", kWitnessZh,
         kWitnessEn, ReasonOf(seen), "clients/witness Witness::Authentic"});
}

}  // namespace
}  // namespace birthseal::tests
