// SPDX-License-Identifier: Apache-2.0
// The thread shell: lanes, group commit, unknown outcomes, reopening, the clock.
#include "store/ledger/ledger.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "store/journal/journal.h"
#include "store/ledger/clock_guard.h"
#include "store/ledger/command_queue.h"
#include "store/meta.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/store/ledger/some_command.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

class ShellTest : public LedgerTest {
 protected:
  std::string Unhealthy() { return ledger_->Unhealthy(); }
};

// Counts what is still to come. Thread-safe.
class Countdown {
 public:
  explicit Countdown(int count) : count_(count) {}
  void Done() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (--count_ == 0) zero_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    zero_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  int count_;
};

TEST_F(ShellTest, AnswersComeInTheOrderOfTheCommands) {
  std::vector<store::Command> commands;
  for (int i = 0; i < 600; ++i) {  // more than one batch, two lanes
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", i), birth.record = absl::StrCat("B", i);
    commands.push_back(driver_.Delivery(birth));
    commands.push_back(store::Access{kHospital, "GetDelivery", "test", {}});
  }
  std::vector<certs::DeliveryId> ids;
  for (const store::Command& command : commands) {
    if (const auto* delivery = std::get_if<store::AcceptDelivery>(&command)) {
      ids.push_back(delivery->delivery_id);
    }
  }
  const std::vector<store::AnyAnswer> answers = ledger_->CallAllAny(std::move(commands));
  ASSERT_EQ(answers.size(), 1200u);
  for (size_t i = 0; i < 600; ++i) EXPECT_EQ(DeliveryIn(answers[2 * i]).delivery_id, ids[i]);
}

TEST_F(ShellTest, NoCommandsGetNoAnswers) {
  EXPECT_TRUE(ledger_->CallAllAny({}).empty());
  EXPECT_TRUE(ledger_->CallAll(std::vector<store::Approve>()).empty());
}

TEST_F(ShellTest, AnAnswerOfOkHasTheValueThatItsCommandNames) {
  const store::AcceptDelivery record = driver_.Delivery(Birth());
  const absl::StatusOr<store::DeliveryAnswer> delivery = ledger_->Call(record);
  ASSERT_OK(delivery);
  EXPECT_EQ(delivery->delivery_id, record.delivery_id);
  const store::Approve approval = driver_.Approval(driver_.Filed(*delivery));
  const absl::StatusOr<store::CaseAnswer> approved = ledger_->Call(approval);
  ASSERT_OK(approved);
  const store::Reserve order = driver_.Order(approval, approved->certificate_number);
  const absl::StatusOr<store::ReservationAnswer> reserved = ledger_->Call(order);
  ASSERT_OK(reserved);
  EXPECT_EQ(reserved->reservation.licence_id(), order.licence_id);
  const absl::StatusOr<store::CertificateAnswer> issued =
      ledger_->Call(driver_.Issue(store::IntentKeyOf(reserved->reservation)));
  ASSERT_OK(issued);
  EXPECT_EQ(issued->certificate.reservation().SerializeAsString(),
            reserved->reservation.SerializeAsString());
  EXPECT_OK(ledger_->Call(store::Access{kHospital, "m", "c", {}}));
}

TEST_F(ShellTest, ARefusedCommandIsAnsweredWithItsStatusAlone) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  store::Reserve order = driver_.Order(approved.command, approved.number);
  const store::Reserve good = order;
  order.operator_id = approved.command.operator_id;
  EXPECT_THAT(ledger_->Call(order).status(),
              StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  // Beside one that is done, in the order of the commands.
  const auto answers = ledger_->CallAll(std::vector<store::Reserve>{order, good});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_THAT(answers[0].status(),
              StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  ASSERT_OK(answers[1]);
  EXPECT_EQ(answers[1]->reservation.document_id(), good.document_id);
}

TEST_F(ShellTest, AnAnswerThatComesLaterIsTyped) {
  const store::AcceptDelivery record = driver_.Delivery(Birth());
  std::promise<absl::StatusOr<store::DeliveryAnswer>> answered;
  ledger_->Submit(record, [&](absl::StatusOr<store::DeliveryAnswer> answer) {
    answered.set_value(std::move(answer));
  });
  const absl::StatusOr<store::DeliveryAnswer> answer = answered.get_future().get();
  ASSERT_OK(answer);
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kAccepted);
}

TEST_F(ShellTest, RootsAreToldInLogOrderBeforeTheAnswers) {
  std::atomic<uint64_t> told{0};
  options_.on_durable = [&](const store::DurableRoot& root) {
    EXPECT_GE(root.size.value(), told.load());
    told = root.size.value();
  };
  Open();
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const storage::v1::Reservation reservation = driver_.Reserved(approved);
  EXPECT_GT(told.load(), reservation.intent_index());
  EXPECT_EQ(ledger_->Head().size.value(), told.load());
  ledger_.reset();
}

TEST_F(ShellTest, RacingApprovalsOfOneNewbornHaveOneWinner) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  std::vector<store::Approve> approvals;
  for (int i = 0; i < 64; ++i) approvals.push_back(driver_.Approval(driver_.Filed(delivery)));
  std::atomic<int> won{0}, refused{0};
  std::vector<std::thread> threads;
  for (const store::Approve& approval : approvals) {
    threads.emplace_back([&, approval] {
      const absl::Status status = ledger_->Call(approval).status();
      if (status.ok()) ++won;
      if (certs::ReasonOf(status) == "SLOT_TAKEN") ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won.load(), 1);
  EXPECT_EQ(refused.load(), 63);
  EXPECT_EQ(Meta().numbers_in_stock(), 99u);
}

TEST_F(ShellTest, FailedCommitLeavesTheOutcomeUnknownUntilReopened) {
  for (const bool applied : {false, true}) {
    Birth birth;
    birth.mother = applied ? "PASSPORT2" : "PASSPORT1";
    birth.record = applied ? "B2" : "B1";
    const store::AcceptDelivery command = driver_.Delivery(birth);
    engine_.FailCommit(applied);
    EXPECT_THAT(ledger_->Call(command).status(),
                StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
    EXPECT_EQ(Unhealthy(), "OUTCOME_UNKNOWN");
    EXPECT_FALSE(ledger_->CommitFailure().ok());
    EXPECT_THAT(ledger_->Call(command).status(),
                StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
    ledger_.reset();
    engine_.Crash();
    Open();
    EXPECT_EQ(Unhealthy(), "");
    const store::DeliveryAnswer answer = driver_.Accept(command);
    EXPECT_EQ(answer.verdict,
              applied ? store::FeedVerdict::kDuplicate : store::FeedVerdict::kAccepted);
    EXPECT_EQ(answer.delivery_id, command.delivery_id);
  }
}

TEST_F(ShellTest, SecondWriterFencesTheFirst) {
  auto second = store::Ledger::Open(&engine_, &clock_, options_);
  ASSERT_OK(second);
  EXPECT_THAT(ledger_->Call(driver_.Delivery(Birth())).status(),
              StatusIs(StatusCode::kAborted, "FENCED"));
  EXPECT_EQ(Unhealthy(), "FENCED");
  EXPECT_OK((*second)->Call(driver_.Delivery(Birth())).status());
}

// Asked for a reservation that only the new writer can have made, the old one must not try to prove
// it in a log that it remembers shorter.
TEST_F(ShellTest, FencedWriterDoesNotAnswerFromWhatItsSuccessorLeft) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  auto second = store::Ledger::Open(&engine_, &clock_, options_);
  ASSERT_OK(second);
  const store::Reserve order = driver_.Order(approved.command, approved.number);
  ASSERT_OK((*second)->Call(order).status());
  EXPECT_THAT(ledger_->Call(order).status(), StatusIs(StatusCode::kAborted, "FENCED"));
  EXPECT_EQ(Unhealthy(), "FENCED");
}

TEST_F(ShellTest, ReopenedLedgerGoesOnWhereItStood) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto approved = driver_.ApprovedCase(delivery);
  const storage::v1::Reservation reservation = driver_.Reserved(approved);
  const store::DurableRoot head = ledger_->Head();
  Open();
  EXPECT_EQ(ledger_->Head().root, head.root);
  EXPECT_EQ(ledger_->Head().size, head.size);
  EXPECT_OK(driver_.Do(driver_.Issue(reservation.intent_index())).status);
}

TEST_F(ShellTest, JournaledBatchIsReplayedIntoAnEngineThatLostIt) {
  TempDir dir;
  auto journal = store::Journal::Open(dir.path());
  ASSERT_OK(journal);
  store::MemoryEngine engine;
  options_.journal = journal->get();
  auto ledger = store::Ledger::Open(&engine, &clock_, options_);
  ASSERT_OK(ledger);
  RegistryDriver driver([&](store::Command c) { return (*ledger)->CallAny(std::move(c)); },
                        &clock_);
  driver.Enrol();
  const store::AcceptDelivery command = driver.Delivery(Birth());
  engine.FailCommit(false);  // in the journal, not in the engine
  EXPECT_THAT(driver.Do(command).status, StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  ledger->reset();
  engine.Crash();
  ledger = store::Ledger::Open(&engine, &clock_, options_);
  ASSERT_OK(ledger);
  EXPECT_EQ(driver.Accept(command).verdict, store::FeedVerdict::kDuplicate);
}

TEST_F(ShellTest, ReaderNeverSeesHalfABatch) {
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      const auto snapshot = engine_.NewSnapshot();
      storage::v1::Meta meta;
      ASSERT_TRUE(meta.ParseFromString(*snapshot->Get(Family::kMeta, store::MetaKey())));
      uint64_t deliveries = 0, leaves = 0;
      const auto count = [](uint64_t* n) {
        return [n](absl::string_view, absl::string_view) { return ++*n, true; };
      };
      ASSERT_OK(snapshot->Scan(Family::kDeliveries, "", "", count(&deliveries)));
      ASSERT_OK(snapshot->Scan(Family::kLeaves, "", "", count(&leaves)));
      EXPECT_EQ(deliveries, meta.deliveries_accepted());
      EXPECT_EQ(leaves, meta.log_size());
    }
  });
  for (int i = 0; i < 50; ++i) {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", i), birth.record = absl::StrCat("B", i);
    driver_.Issued(driver_.Accept(birth));
  }
  stop = true;
  reader.join();
}

TEST_F(ShellTest, DestructorFinishesWhatWasQueued) {
  Countdown left(100);
  std::atomic<int> good{0};
  for (int i = 0; i < 100; ++i) {
    ledger_->SubmitAny({store::Access{kHospital, "m", "c", {}}},
                       [&](std::vector<store::AnyAnswer> a) {
                         if (a[0].status.ok()) ++good;
                         left.Done();
                       });
  }
  ledger_.reset();
  left.Wait();
  EXPECT_EQ(good.load(), 100);
}

TEST(CommandQueueTest, FullLaneRefusesButFinishingIsNeverRefused) {
  store::CommandQueue queue(2);
  const auto add = [&](store::Command command) {
    store::QueuedCommand item{std::move(command), nullptr, 0};
    return queue.Add(item);
  };
  EXPECT_TRUE(add(store::AcceptDelivery()));
  EXPECT_TRUE(add(store::AcceptDelivery()));
  EXPECT_FALSE(add(store::AcceptDelivery()));
  EXPECT_TRUE(add(store::Approve()));  // another lane
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(add(Some<store::CommitIssue>()));
  EXPECT_EQ(queue.TakeAll().size(), 13u);
}

template <size_t... kIndex>
std::set<store::Lane> LanesOf(std::index_sequence<kIndex...>) {
  return {store::LaneOf(Some<std::variant_alternative_t<kIndex, store::Command>>())...};
}

TEST(CommandQueueTest, EveryLaneIsThatOfSomeCommand) {
  const auto all = std::make_index_sequence<std::variant_size_v<store::Command>>();
  EXPECT_EQ(LanesOf(all).size(), store::kLanes);
}

TEST(CommandQueueTest, UrgentLanesGoFirstWithinTheCaps) {
  store::CommandQueue queue(100);
  const auto add = [&](store::Command command) {
    store::QueuedCommand item{std::move(command), nullptr, 0};
    ASSERT_TRUE(queue.Add(item));
  };
  store::AcceptDelivery large;
  large.sealed_raw.resize(10'000);
  add(store::Access());
  add(large);
  add(large);
  add(store::Approve());
  add(Some<store::CommitIssue>());
  std::vector<std::string> names;
  for (const store::QueuedCommand& item : queue.Take(3, SIZE_MAX)) {
    names.emplace_back(store::NameOf(item.command));
  }
  EXPECT_THAT(names, testing::ElementsAre("CommitIssue", "Approve", "AcceptDelivery"));
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.Take(100, 100).size(), 1u);  // one always, however large
  EXPECT_EQ(queue.Take(100, SIZE_MAX).size(), 1u);
  EXPECT_TRUE(queue.empty());
}

TEST_F(ShellTest, FullLaneAnswersResourceExhausted) {
  options_.queue_limit = 1;
  options_.batch_commands = 1;
  Open();
  std::vector<store::Access> commands(50, store::Access{kHospital, "m", "c", {}});
  int refused = 0;
  for (const absl::StatusOr<store::Done>& answer : ledger_->CallAll(std::move(commands))) {
    if (answer.ok()) continue;
    EXPECT_THAT(answer.status(), StatusIs(StatusCode::kResourceExhausted, "QUEUE_FULL"));
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

TEST_F(ShellTest, NewWorkIsRefusedAndFinishingAndAccessAreNot) {
  const store::DeliveryAnswer birth = driver_.Accept(Birth());
  const auto reserved = driver_.Reserved(driver_.ApprovedCase(birth));
  ledger_->RefuseNewWork(absl::ResourceExhaustedError("no room"));
  Birth other;
  other.mother = "PASSPORT2", other.record = "B2";
  EXPECT_TRUE(absl::IsResourceExhausted(ledger_->Call(driver_.Delivery(other)).status()));
  storage::v1::Client client;
  client.set_certificate_sm3(std::string(32, 'c'));
  EXPECT_TRUE(absl::IsResourceExhausted(
      ledger_->Call(store::PutClient{kHospital, client.SerializeAsString()}).status()));
  EXPECT_OK(ledger_->Call(store::Access{kHospital, "m", "c", {}}).status());
  EXPECT_OK(ledger_->Call(CancellationOf(reserved)).status());
  EXPECT_OK(ledger_->CommitFailure());
  ledger_->RefuseNewWork(absl::OkStatus());
  EXPECT_OK(ledger_->Call(driver_.Delivery(other)).status());
}

class ClockTest : public LedgerTest {
 protected:
  ClockTest() {
    options_.monotonic = [this] { return absl::Microseconds(monotonic_.load()); };
  }
  void Pass(absl::Duration time) {  // both clocks
    clock_.Advance(time);
    monotonic_ += absl::ToInt64Microseconds(time);
  }
  absl::Status ApproveOne() {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", ++births_), birth.record = absl::StrCat("B", births_);
    return driver_.Do(driver_.Approval(driver_.Filed(driver_.Accept(birth)))).status;
  }
  std::atomic<int64_t> monotonic_{0};
  int births_ = 0;
};

TEST_F(ClockTest, ClockThatFallsBehindStopsIssuingUntilConfirmed) {
  Pass(absl::Minutes(1));
  ASSERT_OK(ApproveOne());
  const int64_t before = Meta().ledger_time();
  clock_.Advance(-absl::Seconds(1));
  EXPECT_OK(ApproveOne());  // small steps are slept over
  EXPECT_EQ(Meta().ledger_time(), before);
  clock_.Advance(-absl::Seconds(2));
  EXPECT_THAT(ApproveOne(), StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  EXPECT_EQ(ledger_->Unhealthy(), "CLOCK_SUSPECT");
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(ApproveOne(), StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  ledger_->ConfirmClock();
  EXPECT_OK(ApproveOne());
  EXPECT_EQ(ledger_->Unhealthy(), "");
  EXPECT_GE(Meta().ledger_time(), before);
}

TEST_F(ClockTest, JumpAheadStopsIssuingAndIsNotTakenOver) {
  ASSERT_OK(ApproveOne());
  const int64_t before = Meta().ledger_time();
  Pass(absl::Hours(3));  // idle is no jump
  ASSERT_OK(ApproveOne());
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_THAT(ApproveOne(), StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  Pass(absl::Minutes(1));
  EXPECT_THAT(ApproveOne(), StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  EXPECT_EQ(Meta().ledger_time() - before, absl::ToInt64Microseconds(absl::Minutes(181)));
  clock_.Advance(-absl::Hours(24 * 365));
  ledger_->ConfirmClock();
  EXPECT_OK(ApproveOne());
}

TEST_F(ClockTest, ConfirmedClockBehindTheLedgerLetsItsTimeStand) {
  ASSERT_OK(ApproveOne());
  const int64_t before = Meta().ledger_time();
  clock_.Advance(-absl::Minutes(2));
  EXPECT_THAT(ApproveOne(), StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  ledger_->ConfirmClock();
  EXPECT_OK(ApproveOne());
  EXPECT_EQ(Meta().ledger_time(), before);
}

// A store that may be behind its witnesses takes no leaf: another log would come of it.
class UnprovenTest : public LedgerTest {
 protected:
  UnprovenTest() {
    options_.may_log = [this] { return may_log_.load(); };
  }
  std::atomic<bool> may_log_{true};
};

TEST_F(UnprovenTest, ALedgerThatIsNotToldAddsNoLeaf) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  options_.may_log = nullptr;
  Open();
  EXPECT_THAT(driver_.Do(driver_.Order(approved.command, approved.number)).status,
              StatusIs(StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
}

TEST_F(UnprovenTest, WhatNeedsALeafIsRefusedWithoutATraceAndTheRestGoesOn) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  Birth other;
  other.mother = "PASSPORT88", other.record = "B88";
  const store::DeliveryAnswer delivery = driver_.Accept(other);
  const auto issued = driver_.Issued(delivery);
  const uint64_t size = Meta().log_size();
  may_log_ = false;
  const store::Reserve order = driver_.Order(approved.command, approved.number);
  EXPECT_THAT(driver_.Do(order).status, StatusIs(StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  // A further mother number of a newborn with a certificate would need CLAIM_ADDED.
  Birth corrected;
  corrected.mother = "PASSPORT89", corrected.record = "B88";
  store::AcceptDelivery feed = driver_.Delivery(corrected);
  feed.base = delivery.delivery_id;
  EXPECT_THAT(driver_.Do(feed).status, StatusIs(StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  Birth another;
  another.mother = "PASSPORT90", another.record = "B90";
  EXPECT_EQ(driver_.Accept(another).verdict, store::FeedVerdict::kAccepted);
  EXPECT_EQ(Meta().log_size(), size);
  EXPECT_EQ(CertificateOf(issued.reservation().status_index()).state(), issued.state());
  may_log_ = true;
  EXPECT_OK(driver_.Do(order).status);
  EXPECT_EQ(Meta().log_size(), size + 1);
}

// Rule G9.
TEST_F(ClockTest, ReservationNeedsATrustedClockAndFinishingDoesNot) {
  Birth other;
  other.mother = "PASSPORT77", other.record = "B77";
  const auto waiting = driver_.ApprovedCase(driver_.Accept(other));
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const storage::v1::Reservation reservation = driver_.Reserved(approved);
  clock_.Advance(-absl::Hours(1));
  EXPECT_THAT(driver_.Do(driver_.Order(waiting.command, waiting.number)).status,
              StatusIs(StatusCode::kUnavailable, "CLOCK_SUSPECT"));
  EXPECT_OK(driver_.Do(driver_.Issue(reservation.intent_index())).status);
}

}  // namespace
}  // namespace birthseal::tests
