// SPDX-License-Identifier: Apache-2.0
// A reservation belongs to the service: stopped at any step, it is finished, once, as ordered.
#include <atomic>
#include <thread>

#include "server/issuing/get_case.h"
#include "store/meta.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/failing_engine.h"

namespace birthseal::tests {
namespace {

using server::IssueStep;
using server::Role;

class FinisherTest : public UseCaseTest {
 protected:
  server::ApproveOutcome ApprovedBirth(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    return Approve(*filed, hospital());
  }
  void StopAt(IssueStep step) {
    SetStepHook([step](IssueStep reached) {
      return reached == step ? absl::UnavailableError("stopped by the test") : absl::OkStatus();
    });
  }
};

class StopAtStep : public FinisherTest, public testing::WithParamInterface<int> {};

// Rule G10.
TEST_P(StopAtStep, StoppedServiceFinishesWhatItReserved) {
  const auto step = static_cast<IssueStep>(GetParam());
  const server::ApproveOutcome approved = ApprovedBirth(1);
  StopAt(step);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  Restart();
  server::Finisher finisher(&house_->issuing);
  const server::Finisher::Pass pass = finisher.RunOnce();
  const bool reserved = step >= IssueStep::kReserved, committed = step >= IssueStep::kCommitted;
  EXPECT_EQ(pass.finished, reserved && !committed ? 1u : 0u);
  EXPECT_EQ(pass.failed, 0u);
  // The caller asks again and gets the certificate of the one reservation.
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(issued.certificate.number, approved.certificate_number);
  const std::string file = Download(issued.certificate.number);
  EXPECT_EQ(certs::Sm3Of(file), issued.certificate.file_sm3);
  EXPECT_EQ(verifier_->Verify(file, clock_.Now()).verdict,
            signer::Verdict::kGenuineStatusNotChecked);
  const auto summary = server::GetSummary(*house_);
  ASSERT_OK(summary);
  EXPECT_EQ(summary->certificates_issued, 1u);
  EXPECT_EQ(summary->numbers_wasted, 0u);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, StopAtStep, testing::Range(1, server::kIssueSteps + 1));

TEST_F(FinisherTest, WaitsLongerAfterEachFailureAndThenFinishes) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  StopAt(IssueStep::kSealed);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().failed, 1u);
  EXPECT_EQ(finisher.RunOnce().skipped, 1u);  // not due yet
  clock_.Advance(absl::Milliseconds(250));
  EXPECT_EQ(finisher.RunOnce().failed, 1u);
  clock_.Advance(absl::Milliseconds(250));
  EXPECT_EQ(finisher.RunOnce().skipped, 1u);
  SetStepHook(nullptr);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
}

TEST_F(FinisherTest, LeavesWhatACallIsSealing) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  StopAt(IssueStep::kReserved);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  SetStepHook(nullptr);
  const store::IntentKey position = store::IntentKeyOf(registry_.OpenReservations(1)->front());
  ASSERT_TRUE(open_issues_->TryClaim(position));
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().skipped, 1u);
  EXPECT_EQ(registry_.OpenReservations(1)->size(), 1u);
  open_issues_->Release(position);
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
}

// What a document says is fixed at the reservation; how it is drawn is up to whoever finishes it.
TEST_F(FinisherTest, AChangeOfFontsHoldsNothingUp) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  const std::string fonts = house_->issuing.font_version;
  house_->issuing.font_version = "those before";
  StopAt(IssueStep::kReserved);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  SetStepHook(nullptr);
  house_->issuing.font_version = fonts;
  EXPECT_EQ(server::Finisher(&house_->issuing).RunOnce().finished, 1u);
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(verifier_->Verify(Download(issued.certificate.number), clock_.Now()).verdict,
            signer::Verdict::kGenuineStatusNotChecked);
  EXPECT_EQ(registry_.Certificate(issued.certificate.status_index)->reservation().font_version(),
            "those before");
}

TEST_F(FinisherTest, ThreadFinishesAtStart) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  StopAt(IssueStep::kReserved);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  Restart();
  server::Finisher finisher(&house_->issuing);
  finisher.Start(absl::Milliseconds(5));
  while (!registry_.OpenReservations(1)->empty()) std::this_thread::yield();
  finisher.Stop();
  EXPECT_OK(Issue(approved, hospital()).status);
}

// More open reservations than are listed at a time, older than any that a test makes.
class ManyWaitingTest : public FinisherTest {
 protected:
  static constexpr uint64_t kMany = 4097;
  // The log grows by as many leaves; the first of them are intents that wait for a person.
  void MakeMany() {
    std::vector<store::AnnounceProfile> leaves;
    for (uint64_t i = 1; i <= kMany; ++i) {
      leaves.push_back(store::AnnounceProfile{"grows", i, certs::Sm3Of("profile")});
    }
    for (const auto& answer : ledger_->CallAll(std::move(leaves))) ASSERT_OK(answer.status());
    storage::v1::Reservation old;
    old.set_case_id(std::string(16, 'x'));
    old.set_log_epoch(1);
    old.set_signing_time(absl::ToUnixSeconds(clock_.Now() - absl::Hours(25)));
    store::WriteBatch batch;
    for (uint64_t i = 0; i < kMany; ++i) {
      old.set_intent_index(i);
      old.set_status_index(1'000'000 + i);
      batch.Put(store::Family::kReservations, store::IndexKey(i), old.SerializeAsString());
    }
    CommitBehindTheLedger(engine_.get(), batch);
  }
  server::ApproveOutcome ReservedBirth(int n) {
    const server::ApproveOutcome approved = ApprovedBirth(n);
    StopAt(IssueStep::kReserved);
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    return approved;
  }
};

TEST_F(ManyWaitingTest, TheNewestIsFinishedHoweverManyWaitForAPersonBeforeIt) {
  MakeMany();
  const server::ApproveOutcome approved = ReservedBirth(1);
  server::Finisher finisher(&house_->issuing);
  server::Finisher::Pass pass = finisher.RunOnce();
  EXPECT_EQ(pass.finished, 1u);
  EXPECT_EQ(pass.failed, kMany);
  EXPECT_OK(Issue(approved, hospital()).status);
  // Those of every page are remembered: they are not due yet.
  pass = finisher.RunOnce();
  EXPECT_EQ(pass.failed, 0u);
  EXPECT_EQ(pass.skipped, kMany);
}

TEST_F(ManyWaitingTest, ACaseShowsTheDayThatWasReservedForItHoweverManyAreOpen) {
  MakeMany();
  const server::ApproveOutcome approved = ReservedBirth(1);
  clock_.Advance(absl::Hours(24));
  const auto shown = server::GetCase(*house_, Issuing(hospital()), {approved.case_id, "核对"});
  ASSERT_OK(shown);
  EXPECT_EQ(shown->issue_date, approved.issue_date);
  EXPECT_EQ(shown->face_digest, approved.face_digest);
  ASSERT_OK(Issue(approved, hospital()).status);
  EXPECT_EQ(server::GetCase(*house_, Issuing(hospital()), {approved.case_id, "核对"})->issue_date,
            approved.issue_date);
}

// Counted at each pass, told once, and again an hour later or when it was over in between.
TEST_F(FinisherTest, WhatItCannotListIsToldAndCounted) {
  Faults reads;
  FailingEngine failing(engine_.get(), &reads);
  registry_ = store::Registry(&failing, &value_sealer_);
  std::vector<std::string> told;
  server::Finisher finisher(&house_->issuing, nullptr, [&told](const absl::Status& why) {
    told.push_back(certs::ReasonOf(why));
  });
  const auto fail = [&] {
    reads.FailAfter(0);
    finisher.RunOnce();
    EXPECT_NE(reads.Stop(), "");
  };
  fail();
  fail();
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(finisher.counters().blind, 2u);
  clock_.Advance(absl::Hours(1));
  fail();
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(finisher.RunOnce().failed, 0u);
  fail();
  EXPECT_EQ(told.size(), 3u);
  EXPECT_EQ(finisher.counters().blind, 4u);
  registry_ = store::Registry(engine_.get(), &value_sealer_);
}

TEST_F(FinisherTest, CountsWhatItFinishedAndWhatFailed) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  StopAt(IssueStep::kSealed);
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  server::Finisher finisher(&house_->issuing);
  finisher.RunOnce();
  EXPECT_EQ(finisher.counters().failed, 1u);
  SetStepHook(nullptr);
  clock_.Advance(absl::Minutes(1));
  finisher.RunOnce();
  EXPECT_EQ(finisher.counters().failed, 1u);
  EXPECT_EQ(finisher.counters().finished, 1u);
  EXPECT_EQ(finisher.counters().blind, 0u);
}

}  // namespace
}  // namespace birthseal::tests
