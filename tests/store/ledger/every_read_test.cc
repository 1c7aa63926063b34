// SPDX-License-Identifier: Apache-2.0
// Whatever a command reads may fail or be damaged: the command is refused with just that, and what
// it was about to change is not changed.
#include <set>
#include <utility>

#include "tests/store/ledger/every_command.h"
#include "tests/support/altered_snapshot.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

class EveryReadTest : public EveryCommandTest {};

TEST_F(EveryReadTest, ACommandIsRefusedWhicheverOfItsReadsFails) {
  Faults faults;
  const FailingEngine failing(&engine_, &faults);
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    ExpectEveryFaultComesOut(&faults, [&] { return Try(*failing.NewSnapshot(), row); });
  }
}

// Families whose values are records, nodes or pages: a damaged one is seen wherever it is read.
bool IsChecked(Family family) {
  switch (family) {
    case Family::kNewborns:
    case Family::kDeliveries:
    case Family::kFeedAnswers:
    case Family::kCases:
    case Family::kRequests:
    case Family::kCertificates:
    case Family::kNumbers:
    case Family::kLicences:
    case Family::kStock:
    case Family::kReservations:
    case Family::kLeaves:
    case Family::kNodes:
    case Family::kMapPages:
    case Family::kCheckpoints:
      return true;
    default:
      return false;
  }
}

TEST_F(EveryReadTest, ACommandIsRefusedWhicheverOfTheRecordsItReadsIsDamaged) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    std::set<std::pair<Family, std::string>> seen;
    const AlteredSnapshot watched(engine_.NewSnapshot(),
                                  [&](Family family, const std::string& key, std::string*) {
                                    if (IsChecked(family)) seen.emplace(family, key);
                                  });
    ASSERT_OK(Try(watched, row));
    for (const auto& damaged : seen) {
      const AlteredSnapshot altered(engine_.NewSnapshot(),
                                    [&](Family family, const std::string& key, std::string* value) {
                                      if (family == damaged.first && key == damaged.second)
                                        *value = "\xff\xff\xff";
                                    });
      EXPECT_THAT(Try(altered, row), StatusIs(StatusCode::kDataLoss)) << store::Name(damaged.first);
    }
  }
}

}  // namespace
}  // namespace birthseal::tests
