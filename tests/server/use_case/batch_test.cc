// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/batch.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

struct Doubling {
  using Answer = int;
  int of = 0;
};

// Refuses 5, and keeps what it was asked.
struct Port {
  std::vector<absl::StatusOr<int>> CallAll(std::vector<Doubling> commands) const {
    std::vector<absl::StatusOr<int>> answers;
    for (const Doubling& command : commands) {
      asked->push_back(command.of);
      answers.push_back(2 * command.of);
      if (command.of == 5) answers.back() = absl::AbortedError("five");
    }
    return answers;
  }
  std::vector<int>* asked;
};

TEST(BatchTest, EachAnswerStandsAtThePlaceOfItsItemAndWhatIsUnfitIsNotAsked) {
  server::WorkerPool workers(2, 8);
  std::vector<int> asked;
  const auto even_is_unfit = [](size_t i) -> absl::StatusOr<Doubling> {
    if (i % 2 == 0) return absl::NotFoundError("even");
    return Doubling{static_cast<int>(i)};
  };
  const auto answers = server::CallBatch<Doubling>(workers, Port{&asked}, 8, even_is_unfit);
  EXPECT_THAT(asked, testing::ElementsAre(1, 3, 5, 7));
  ASSERT_EQ(answers.size(), 8u);
  for (const size_t even : {0, 2, 4, 6}) {
    EXPECT_EQ(answers[even].status().code(), StatusCode::kNotFound);
  }
  for (const size_t odd : {1, 3, 7}) EXPECT_EQ(*answers[odd], static_cast<int>(2 * odd));
  EXPECT_EQ(answers[5].status().code(), StatusCode::kAborted);
}

TEST(BatchTest, TheLedgerIsNotAskedForNothing) {
  server::WorkerPool workers(1, 8);
  const auto unfit = [](size_t) { return absl::StatusOr<Doubling>(absl::NotFoundError("unfit")); };
  const auto answers = server::CallBatch<Doubling>(workers, Port{nullptr}, 2, unfit);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace birthseal::tests
