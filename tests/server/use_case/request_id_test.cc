// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/request_id.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

TEST(RequestIdTest, RequestIdsArePrintableAndShort) {
  const std::string longest(64, '~');
  for (const std::string& good : {std::string("!"), std::string("request-1"), longest}) {
    EXPECT_OK(server::CheckRequestId(good)) << good;
  }
  for (const std::string& bad : {std::string(), longest + "~", std::string("a b"),
                                 std::string("a\x7f"), std::string("号"), std::string("a\n")}) {
    EXPECT_THAT(server::CheckRequestId(bad),
                StatusIs(StatusCode::kInvalidArgument, "REQUEST_ID_REQUIRED"))
        << bad;
  }
}

}  // namespace
}  // namespace birthseal::tests
