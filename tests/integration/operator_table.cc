// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/operator_table.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "gtest/gtest.h"

namespace birthseal::tests {
namespace {

std::vector<AttackRow>& Rows() {
  static auto* const rows = new std::vector<AttackRow>();
  return *rows;
}

int NumberOf(const AttackRow& row) { return std::atoi(row.id.c_str()); }

void Print(const AttackRow& row) {
  const char* const outcome = row.outcome == Outcome::kDetected
                                  ? "发现者 detected by"
                                  : "已声明的局限，控制措施 stated limit, covered by";
  std::printf("[attack %3s] %s | %s\n             %s: %s | %s\n             证据 proof: %s\n",
              row.id.c_str(), row.attack_zh.c_str(), row.attack_en.c_str(), outcome,
              row.by_zh.c_str(), row.by_en.c_str(), row.proof.c_str());
  std::printf("             检查处 where: %s\n", row.where.c_str());
}

// After all tests; only a run of all of them must have met all attacks.
class Table : public testing::Environment {
 public:
  void TearDown() override {
    std::vector<AttackRow>& rows = Rows();
    std::stable_sort(rows.begin(), rows.end(), [](const AttackRow& a, const AttackRow& b) {
      return std::pair(NumberOf(a), a.id) < std::pair(NumberOf(b), b.id);
    });
    std::printf("\n恶意运营者攻击与发现 Attacks of a malicious operator, and who detects them\n");
    for (const AttackRow& row : rows) Print(row);
    const testing::UnitTest& run = *testing::UnitTest::GetInstance();
    if (run.test_to_run_count() != run.total_test_count()) return;
    for (int number = 1; number <= kAttacks; ++number) {
      const bool met = std::any_of(rows.begin(), rows.end(), [number](const AttackRow& row) {
        return NumberOf(row) == number;
      });
      EXPECT_TRUE(met) << "attack " << number << " has no detector";
    }
  }
};
const testing::Environment* const kTable = testing::AddGlobalTestEnvironment(new Table());

}  // namespace

void Noted(AttackRow row) {
  EXPECT_FALSE(row.proof.empty()) << row.attack_en << ": nobody noticed";
  EXPECT_FALSE(row.by_zh.empty() || row.by_en.empty() || row.where.empty()) << row.attack_en;
  Print(row);
  Rows().push_back(std::move(row));
}

}  // namespace birthseal::tests
