// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/stated_reason.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

TEST(StatedReasonTest, TextsHaveTheirBounds) {
  const std::string longest(200, 'x');
  for (const std::string& good : {std::string("x"), std::string("户口登记"), longest}) {
    EXPECT_OK(server::CheckUseCause(good)) << good;
    EXPECT_OK(server::CheckReason(good)) << good;
  }
  for (const std::string& bad : {std::string(), longest + "x", std::string("a\x1f"),
                                 std::string("\n"), std::string("a\x7f"), std::string(1, '\0')}) {
    EXPECT_THAT(server::CheckUseCause(bad),
                StatusIs(StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED"))
        << bad;
    EXPECT_THAT(server::CheckReason(bad), StatusIs(StatusCode::kInvalidArgument, "REASON_REQUIRED"))
        << bad;
  }
}

}  // namespace
}  // namespace birthseal::tests
