// SPDX-License-Identifier: Apache-2.0
// Scenario 10 and promise 1: many at once, one newborn, exactly one certificate.
#include <atomic>
#include <chrono>
#include <thread>

#include "store/keys.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

class RaceTest : public UseCaseTest {};

// Rule I1.
TEST_F(RaceTest, SixtyFourAttemptsOfTwoCasesGiveOneCertificate) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  // Two cases of one birth, filed before either was approved.
  const auto first = File(ApplicationFor(1, newborn));
  certs::Application other = ApplicationFor(1, newborn);
  other.newborn_name = "云知秋";
  const auto second = File(other);
  ASSERT_OK(first);
  ASSERT_OK(second);
  std::atomic<int> issued{0}, refused{0}, strange{0};
  std::vector<std::string> numbers(64);
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      const server::ApproveOutcome approved = Approve(i % 2 == 0 ? *first : *second, hospital());
      if (!approved.status.ok()) {
        const std::string reason = certs::ReasonOf(approved.status);
        const bool clear = reason == "SLOT_TAKEN" || reason == "CERTIFICATE_EXISTS";
        ++(clear ? refused : strange);
        return;
      }
      const server::IssueOutcome outcome = Issue(approved, hospital());
      if (outcome.status.ok()) {
        ++issued;
        numbers[i] = outcome.certificate.number;
      } else {
        ++strange;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(strange.load(), 0);
  EXPECT_EQ(issued.load(), 32);  // the holders of the slot all get the same certificate
  EXPECT_EQ(refused.load(), 32);
  std::string number;
  for (const std::string& got : numbers) {
    if (got.empty()) continue;
    if (number.empty()) number = got;
    EXPECT_EQ(got, number);
  }
  const auto summary = server::GetSummary(*house_);
  ASSERT_OK(summary);
  EXPECT_EQ(summary->certificates_issued, 1u);
}

// The finisher may take a fresh reservation before its checkpoint is signed, fail, and let go.
TEST_F(RaceTest, ACallGoesOnWithWhatAnotherGaveUp) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  const auto filed = File(ApplicationFor(1, newborn));
  ASSERT_OK(filed);
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  std::thread other;
  SetStepHook([&](server::IssueStep step) {
    if (step != server::IssueStep::kReserved) return absl::OkStatus();
    const certs::LeafIndex newest(house_->issuing.ledger.Head().size.value() - 1);
    const store::IntentKey intent = store::IntentKeyAt(certs::LogEpoch(1), newest);
    EXPECT_TRUE(house_->issuing.open_issues.TryClaim(intent));
    other = std::thread([this, intent] {
      // Only once the call has found the claim taken: sooner, it would claim the issue itself.
      while (house_->issuing.open_issues.waiting() == 0) std::this_thread::yield();
      house_->issuing.open_issues.Release(intent);
    });
    return absl::OkStatus();
  });
  const server::IssueOutcome outcome = Issue(approved, hospital());
  other.join();
  EXPECT_OK(outcome.status);
  EXPECT_FALSE(outcome.certificate.number.empty());
}

TEST_F(RaceTest, TwoInstitutionsWithTwoRecordsOfOneBirthIssueOnce) {  // scenario 10
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  // The second hospital reports the same birth: its record joins the newborn.
  certs::Delivery elsewhere = BirthOf(1);
  elsewhere.facility_code = kOtherHospital;
  elsewhere.facility_name = "云岭县妇幼保健院";
  elsewhere.baby_record_no = "X-77";
  elsewhere.mother_inpatient_no = "Y-77";
  const auto joined = Push(MessageOf(elsewhere));
  ASSERT_OK(joined);
  EXPECT_EQ(joined->newborn_id, newborn);
  const auto here = File(ApplicationFor(1, newborn));
  certs::Application there = ApplicationFor(1, newborn);
  there.institution_code = kOtherHospital;
  const auto filed_there = File(there);
  for (const auto& filed : {here, filed_there}) {
    ASSERT_OK(filed);
    ASSERT_EQ(filed->state, certs::CaseState::kSubmitted);
  }
  std::atomic<int> issued{0}, refused{0};
  const auto attempt = [&](const server::SubmitApplicationResult& filed, const std::string& code) {
    const server::ApproveOutcome approved = Approve(filed, code);
    if (approved.status.ok()) {
      EXPECT_OK(Issue(approved, code).status);
      ++issued;
      return;
    }
    const std::string reason = certs::ReasonOf(approved.status);
    EXPECT_TRUE(reason == "SLOT_TAKEN" || reason == "CERTIFICATE_EXISTS") << approved.status;
    ++refused;
  };
  std::thread one([&] { attempt(*here, hospital()); });
  std::thread two([&] { attempt(*filed_there, kOtherHospital); });
  one.join();
  two.join();
  EXPECT_EQ(issued.load(), 1);
  EXPECT_EQ(refused.load(), 1);
  EXPECT_EQ(registry_.Meta()->certificates_issued(), 1u);
}

}  // namespace
}  // namespace birthseal::tests
