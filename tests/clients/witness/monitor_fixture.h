// SPDX-License-Identifier: Apache-2.0
// A monitor over a SmallLog, and what it found.
#pragma once

#include <string>
#include <vector>

#include "clients/witness/monitor.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

constexpr char kHospital[] = "12520000MB0000001X";  // SmallLog's

class MonitorFixture : public ::testing::Test {
 protected:
  MonitorFixture() { log.Add(SmallLog::LeafOf(certs::LeafKind::kSealEnrolled, 0)); }
  // Rules of the findings in order, from a fresh monitor over the whole log.
  std::vector<std::string> Rules(const SmallLog& over) {
    witness::Monitor monitor(rules);
    return Found(over, &monitor);
  }
  std::vector<std::string> Found(const SmallLog& over, witness::Monitor* monitor) {
    findings.clear();
    for (const SmallUpdate& update : over.updates) {
      monitor->Follow(certs::LogEpoch(over.epoch), {update.leaf, update.changes}, &findings);
    }
    std::vector<std::string> names;
    for (const auto& finding : findings) names.push_back(finding.rule);
    return names;
  }
  SmallLog log;
  witness::Rules rules;
  witness::Findings findings;
};

using Names = std::vector<std::string>;

}  // namespace birthseal::tests
