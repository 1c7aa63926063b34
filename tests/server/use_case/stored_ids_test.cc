// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/stored_ids.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

TEST(StoredIdsTest, AnIdHasSixteenBytesThatAreNotAllZero) {
  EXPECT_OK(server::IdFrom<certs::CaseId>(std::string(15, '\0') + "x", "field"));
  for (const std::string& bad :
       {std::string(), std::string(15, 'x'), std::string(17, 'x'), std::string(16, '\0')}) {
    EXPECT_THAT(server::IdFrom<certs::CaseId>(bad, "field"),
                StatusIs(StatusCode::kInvalidArgument, "ID_FORM"));
    EXPECT_THAT(server::StoredId<certs::CaseId>(bad, "field"),
                StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"));
  }
}

TEST(StoredIdsTest, OfAPromisedRecordOnlyItsAbsenceBecomesDamage) {
  const auto read = [](absl::StatusOr<int> result) {
    return server::Promised("case_id", std::move(result));
  };
  EXPECT_THAT(read(absl::NotFoundError("no such key")),
              StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"));
  EXPECT_THAT(read(absl::UnavailableError("away")), StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(*read(7), 7);
}

}  // namespace
}  // namespace birthseal::tests
