// SPDX-License-Identifier: Apache-2.0
// What the law allows, from commands and answers alone, and a store held against it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/lifecycle.h"
#include "store/engine.h"
#include "tests/support/naive_map.h"

namespace birthseal::tests {

struct LawModel {
  struct Certificate {
    std::string newborn, number;
    certs::CertificateState state = certs::CertificateState::kValid;
  };
  std::map<uint64_t, Certificate> certificates;       // by status index
  std::map<std::string, certs::NumberState> numbers;  // that left stock
  std::map<std::string, std::string> slots;           // newborn -> case
  std::map<std::string, std::string> births;          // mother, day, order -> newborn
  std::map<uint64_t, storage::v1::Reservation> open;  // by intent index
  LabelMap map;                                       // label -> live certificate, 0: void

  uint64_t ValidOf(const std::string& newborn) const {
    for (const auto& [index, certificate] : certificates) {
      if (certificate.newborn == newborn && certificate.state == certs::CertificateState::kValid) {
        return index;
      }
    }
    return 0;
  }
  void Allot(const std::string& number) {
    EXPECT_TRUE(numbers.emplace(number, certs::NumberState::kAllocated).second) << "I4: used twice";
  }
  void Waste(const std::string& number) {
    EXPECT_EQ(numbers.at(number), certs::NumberState::kAllocated);
    numbers[number] = certs::NumberState::kWaste;
  }
};

// Every record, the log, the map and the audit trail of the store say what the model says.
void CheckAgainst(const LawModel& model, const store::Engine& engine);

}  // namespace birthseal::tests
