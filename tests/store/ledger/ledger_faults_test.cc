// SPDX-License-Identifier: Apache-2.0
// The ledger over an engine and a journal that fail: what is refused, what it goes on with.
#include "store/journal/journal.h"
#include "store/ledger/ledger_core.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/support/failing_engine.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/faults.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

class LedgerFaultsTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    OpenOver(&failing_);
  }
  void TearDown() override { ledger_.reset(); }
  static Birth BirthNo(int n) {
    Birth birth;
    birth.mother += std::to_string(n), birth.record += std::to_string(n);
    return birth;
  }
  std::string Unhealthy() { return ledger_->Unhealthy(); }

  Faults reads_, commits_;
  FailingEngine failing_{&engine_, &reads_, &commits_};
};

TEST_F(LedgerFaultsTest, AReadThatFailsRefusesItsCommandAndNoOtherOfTheBatch) {
  // The fence is read first, then what the first command asks for.
  const store::AcceptDelivery one = driver_.Delivery(BirthNo(1)),
                              two = driver_.Delivery(BirthNo(2));
  reads_.FailAfter(1);
  const std::vector<store::AnyAnswer> answers = ledger_->CallAllAny({one, two});
  reads_.Stop();
  EXPECT_THAT(answers[0].status, StatusIs(StatusCode::kInternal, kInjected));
  EXPECT_OK(answers[1].status);
  EXPECT_EQ(Unhealthy(), "");
  EXPECT_EQ(driver_.Accept(one).verdict, store::FeedVerdict::kAccepted);
  EXPECT_EQ(driver_.Accept(two).verdict, store::FeedVerdict::kDuplicate);
}

TEST_F(LedgerFaultsTest, AFenceThatCannotBeReadIsNotTakenForItsOwn) {
  reads_.FailAfter(0);
  EXPECT_THAT(driver_.Call1(driver_.Delivery(Birth())), StatusIs(StatusCode::kAborted, "FENCED"));
  reads_.Stop();
  EXPECT_EQ(Unhealthy(), "FENCED");
}

// Nothing of a batch is done when the proof of one reservation cannot be made, and the next is.
TEST_F(LedgerFaultsTest, AStepThatFailsRefusesItsBatchAndTheLedgerGoesOn) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  driver_.Reserved(approved);
  const std::string node = store::NodeKey(0, 0);  // beside the INTENT
  const std::string good = *engine_.NewSnapshot()->Get(Family::kNodes, node);
  const auto put = [&](const std::string& value) {
    store::WriteBatch batch;
    batch.Put(Family::kNodes, node, value);
    const std::optional<uint64_t> epoch =
        store::ParseBigEndian64(*engine_.NewSnapshot()->Get(Family::kMeta, store::FenceKey()));
    ASSERT_TRUE(epoch.has_value());
    ASSERT_OK(engine_.Commit(batch, store::FenceEpoch(*epoch)));
  };
  put("short");
  const store::Reserve again = driver_.Order(approved.command, approved.number);
  const store::AcceptDelivery other = driver_.Delivery(BirthNo(2));
  for (const store::AnyAnswer& answer : ledger_->CallAllAny({again, other})) {
    EXPECT_THAT(answer.status, StatusIs(StatusCode::kDataLoss, "LOG_NODE_DAMAGED"));
  }
  EXPECT_EQ(Unhealthy(), "");
  put(good);
  EXPECT_OK(driver_.Call1(again));
  EXPECT_EQ(driver_.Accept(other).verdict, store::FeedVerdict::kAccepted);
}

TEST_F(LedgerFaultsTest, AfterOneFailedCommitNothingIsTakenThoughTheEngineWould) {
  const store::AcceptDelivery command = driver_.Delivery(Birth());
  commits_.FailAfter(0);
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  commits_.Stop();
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_THAT(ledger_->CommitFailure(), StatusIs(StatusCode::kInternal, kInjected));
  OpenOver(&failing_);
  EXPECT_EQ(driver_.Accept(command).verdict, store::FeedVerdict::kAccepted);
}

TEST_F(LedgerFaultsTest, ALedgerThatClosesTakesNothingMore) {
  ledger_.reset();
  auto core = store::LedgerCore::Open(&engine_, options_);
  ASSERT_OK(core);
  (*core)->Close();
  const auto refused = (*core)->Add({store::Access{}}, [](std::vector<store::AnyAnswer>) {});
  ASSERT_EQ(refused.answers.size(), 1u);
  EXPECT_THAT(refused.answers[0].status, StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_TRUE((*core)->idle());
}

TEST_F(LedgerFaultsTest, ALedgerOpensOverAWholeStoreOrNotAtAll) {
  driver_.Issued(driver_.Accept(Birth()));
  ledger_.reset();
  ExpectEveryFaultComesOut(
      &reads_, [this] { return store::LedgerCore::Open(&failing_, options_).status(); });
  ExpectEveryFaultComesOut(
      &commits_, [this] { return store::LedgerCore::Open(&failing_, options_).status(); });
}

TEST_F(LedgerFaultsTest, ALedgerDoesNotOpenWithoutTheIndexKey) {
  options_.index_key.clear();
  EXPECT_THAT(store::LedgerCore::Open(&engine_, options_).status(),
              StatusIs(StatusCode::kInvalidArgument, "INDEX_KEY_MISSING"));
  // The writer that was there still is the one.
  EXPECT_OK(driver_.Call1(driver_.Delivery(Birth())));
}

class JournalFaultsTest : public LedgerFaultsTest {
 protected:
  void SetUp() override {
    auto opened = store::Journal::Open(dir_.path(), &files_);
    ASSERT_OK(opened);
    journal_ = *std::move(opened);
    options_.journal = journal_.get();
    LedgerFaultsTest::SetUp();
  }
  TempDir dir_;
  Faults disk_;
  FailingFileSystem files_{store::FileSystem::Posix(), &disk_};
  std::unique_ptr<store::Journal> journal_;
};

TEST_F(JournalFaultsTest, WhatTheJournalDoesNotHaveTheEngineDoesNotGet) {
  const store::AcceptDelivery command = driver_.Delivery(Birth());
  disk_.FailAfter(0);
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_NE(disk_.Stop(), "");
  EXPECT_EQ(Unhealthy(), "OUTCOME_UNKNOWN");
  EXPECT_THAT(engine_.NewSnapshot()->Get(Family::kDeliveries, store::IdKey(command.delivery_id)),
              StatusIs(StatusCode::kNotFound));
}

TEST_F(JournalFaultsTest, ALedgerDoesNotOpenOverAnEngineThatItsJournalCouldNotComplete) {
  const store::AcceptDelivery command = driver_.Delivery(Birth());
  commits_.FailAfter(0);  // in the journal, not in the engine
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  commits_.Stop();
  ledger_.reset();
  commits_.FailAfter(1);  // the fence is taken, the batch is not
  EXPECT_THAT(store::LedgerCore::Open(&failing_, options_).status(),
              StatusIs(StatusCode::kInternal, kInjected));
  commits_.Stop();
  OpenOver(&failing_);
  EXPECT_EQ(driver_.Accept(command).verdict, store::FeedVerdict::kDuplicate);
}

}  // namespace
}  // namespace birthseal::tests
