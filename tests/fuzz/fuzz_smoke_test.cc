// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its seeds and a few thousand seeded mutations: quick, the same each time.
#include <random>

#include "gtest/gtest.h"
#include "tests/fuzz/targets.h"

namespace birthseal::tests {
namespace {

class FuzzSmokeTest : public testing::TestWithParam<FuzzTarget> {
 protected:
  size_t Below(size_t n) { return n == 0 ? 0 : random_() % n; }
  // One to four small changes: a bit, a byte, a piece gone, doubled, or of another seed.
  std::string Mutated(std::string input, const std::vector<std::string>& seeds) {
    for (size_t n = 1 + Below(4); n > 0; --n) {
      const size_t at = Below(input.size() + 1), length = Below(1 + Below(64));
      const std::string& other = seeds[Below(seeds.size())];
      switch (input.empty() ? 4 : Below(6)) {
        case 0:
          input[Below(input.size())] ^= static_cast<char>(1 << Below(8));
          break;
        case 1:
          input[Below(input.size())] = static_cast<char>(random_());
          break;
        case 2:
          input.erase(at, length);
          break;
        case 3:
          input.insert(at, input.substr(at, length));
          break;
        case 4:
          input.insert(at, other.substr(Below(other.size()), length));
          break;
        default:
          input.resize(at);
      }
    }
    return input;
  }

  std::mt19937 random_{38540};
};

TEST_P(FuzzSmokeTest, SurvivesSeedsAndTheirMutations) {
  const FuzzTarget& target = GetParam();
  const std::vector<std::string> seeds = target.seeds();
  ASSERT_FALSE(seeds.empty());
  target.run("");
  for (const std::string& seed : seeds) {
    ASSERT_FALSE(seed.empty());
    target.run(seed);
  }
  for (int i = 0; i < target.mutations; ++i) {
    target.run(Mutated(seeds[static_cast<size_t>(i) % seeds.size()], seeds));
  }
}

INSTANTIATE_TEST_SUITE_P(Parsers, FuzzSmokeTest, testing::ValuesIn(FuzzTargets()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace birthseal::tests
