// SPDX-License-Identifier: Apache-2.0
// What became of each attack of a malicious operator: one printed line each, and the whole table at
// the end of the program. Belongs to one thread.
#pragma once

#include <string>
#include <vector>

namespace birthseal::tests {

// How far an attack came.
enum class Outcome { kDetected, kStatedLimit };

struct AttackRow {
  std::string id;                    // "4b"; the number is that of kAttacks
  std::string attack_zh, attack_en;  // what was tried
  std::string by_zh, by_en;          // who notices
  std::string proof;                 // reason codes, as the detector gave them
  std::string where;                 // which check of the product
  Outcome outcome = Outcome::kDetected;
};

// Attacks 1 to kAttacks each have a row, or the program fails.
inline constexpr int kAttacks = 14;

// Prints the row. A row without proof fails the test.
void Noted(AttackRow row);

}  // namespace birthseal::tests
