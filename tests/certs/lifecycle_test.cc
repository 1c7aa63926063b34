// SPDX-License-Identifier: Apache-2.0
#include "certs/lifecycle.h"

#include <set>

#include "gtest/gtest.h"

namespace birthseal::certs {
namespace {

constexpr int kFirstCase = 1, kLastCase = 8, kLastEvent = static_cast<int>(CaseEvent::kWithdraw);

// Rule E11.
TEST(LifecycleTest, EndedCasesHaveNoWayOut) {
  for (CaseState ended : {CaseState::kIssued, CaseState::kRefused, CaseState::kWithdrawn}) {
    for (int event = 0; event <= kLastEvent; ++event) {
      EXPECT_EQ(Next(ended, static_cast<CaseEvent>(event)), std::nullopt);
    }
  }
}

TEST(LifecycleTest, NothingIsIssuedThatWasNotApprovedAndReserved) {
  for (int i = kFirstCase; i <= kLastCase; ++i) {
    const auto from = static_cast<CaseState>(i);
    EXPECT_EQ(Next(from, CaseEvent::kIssue).has_value(), from == CaseState::kReserved);
    EXPECT_EQ(Next(from, CaseEvent::kReserve).has_value(), from == CaseState::kApproved);
    EXPECT_EQ(Next(from, CaseEvent::kApprove).has_value(), from == CaseState::kSubmitted);
  }
}

TEST(LifecycleTest, AReservedCaseCanOnlyBeIssuedOrCancelledByTwo) {
  std::set<int> lawful;
  for (int event = 0; event <= kLastEvent; ++event) {
    if (Next(CaseState::kReserved, static_cast<CaseEvent>(event))) lawful.insert(event);
  }
  EXPECT_EQ(lawful, (std::set<int>{static_cast<int>(CaseEvent::kIssue),
                                   static_cast<int>(CaseEvent::kCancel)}));
}

// Rule V1.
TEST(LifecycleTest, RevokedCertificateCannotBeResumed) {
  EXPECT_FALSE(MayBecome(CertificateState::kValid, CertificateState::kValid));
  for (CertificateState ended :
       {CertificateState::kExchanged, CertificateState::kReplaced, CertificateState::kRevoked}) {
    EXPECT_TRUE(MayBecome(CertificateState::kValid, ended));
    EXPECT_FALSE(MayBecome(ended, CertificateState::kValid));
    EXPECT_FALSE(MayBecome(ended, CertificateState::kRevoked));
  }
}

// Whatever a damaged record says.
// Rule V1.
TEST(LifecycleTest, ACertificateInForceEndsInOneOfThreeWays) {
  for (int to = 0; to <= 255; ++to) {
    EXPECT_EQ(MayBecome(CertificateState::kValid, static_cast<CertificateState>(to)),
              to >= 2 && to <= 4)
        << to;
  }
}

// Rule I4.
TEST(LifecycleTest, AUsedOrWastedNumberNeverComesBack) {
  for (NumberState ended : {NumberState::kUsed, NumberState::kWaste}) {
    for (int to = 0; to <= 3; ++to) EXPECT_FALSE(MayBecome(ended, static_cast<NumberState>(to)));
  }
}

}  // namespace
}  // namespace birthseal::certs
