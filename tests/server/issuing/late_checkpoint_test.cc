// SPDX-License-Identifier: Apache-2.0
// An issue whose root the log's key does not sign in time.
#include "store/commands.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/server/witnessing/slow_key.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

class LateCheckpointTest : public UseCaseTest {
 protected:
  LateCheckpointTest() { log_signer_ = key_; }
  void TearDown() override { key_->Allow(); }
  const std::shared_ptr<SlowKey> key_ = std::make_shared<SlowKey>(log_signer_);
};

// Whoever waits for it waits once, and asks for no newer one instead.
TEST_F(LateCheckpointTest, IsToldAsLateAndNoOtherIsAskedFor) {
  house_->issuing.checkpoint_patience = absl::ZeroDuration();
  const server::ApproveOutcome approved =
      Approve(*File(ApplicationFor(1, PushBirth(BirthOf(1)))), hospital());
  ASSERT_OK(approved.status);
  // The log goes on before the receipt is made, by a root that nobody has asked for.
  SetStepHook([this](server::IssueStep step) {
    if (step != server::IssueStep::kReserved) return absl::OkStatus();
    return ledger_->Call(store::AnnounceProfile{"national-default", 2, certs::Sm3Of("p")}).status();
  });
  EXPECT_THAT(Issue(approved, hospital()).status,
              StatusIs(StatusCode::kDeadlineExceeded, "CHECKPOINT_LATE"));
  SetStepHook(nullptr);
  key_->Allow();
  EXPECT_THAT(checkpoints_->WaitFor(ledger_->Head().size, absl::Seconds(30)),
              StatusIs(StatusCode::kNotFound, "CHECKPOINT_UNKNOWN"));
}

}  // namespace
}  // namespace birthseal::tests
