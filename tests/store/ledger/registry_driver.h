// SPDX-License-Identifier: Apache-2.0
// Commands of an invented maternity hospital, with defaults; a test changes what it is about.
// Deterministic: ids are counted. Belongs to one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/newborn.h"
#include "certs/proof/map_label.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/engine.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline constexpr char kIndexKey[] = "index key of the tests";
inline constexpr char kHospital[] = "11220000013544541J";
inline constexpr char kOtherHospital[] = "11330105002500287C";

// One birth as a test tells it.
struct Birth {
  std::string facility = kHospital;
  std::string record = "B0001";        // the baby's number there; empty: none
  std::string mother = "PASSPORT001";  // passport number; empty: unknown
  int64_t day = 20000;                 // days since 1970
  int minute = 600;                    // of the day
  int order = 1, plurality = 1, sex = 1;
};

// The label that the driver gives a C1.
certs::MapLabel LabelOf(const certs::Digest& mother_claim);

class RegistryDriver {
 public:
  using Call = std::function<store::AnyAnswer(store::Command)>;
  RegistryDriver(Call call, const SimulatedClock* clock) : call_(std::move(call)), clock_(clock) {}

  template <class Id>
  Id NewId() {
    return *Id::FromBytes(certs::Bytes(NewKey()).substr(0, Id::kSize));
  }
  certs::Digest NewKey();
  absl::Status Call1(store::Command command) { return call_(std::move(command)).status; }
  store::AnyAnswer Do(store::Command command) { return call_(std::move(command)); }

  // Institution, seal and stock of A520000001 to A520000000 + `numbers`, once for each institution.
  void Enrol(const std::string& institution = kHospital, int numbers = 100,
             const std::string& first = "A520000001");

  std::vector<certs::Claim> ClaimsOf(const Birth& birth) const;
  store::AcceptDelivery Delivery(const Birth& birth);
  store::DeliveryAnswer Accept(store::AcceptDelivery command);
  store::DeliveryAnswer Accept(const Birth& birth) { return Accept(Delivery(birth)); }

  store::SubmitApplication Application(const store::DeliveryAnswer& delivery);
  store::Approve Approval(const store::SubmitApplication& filed);
  store::Reserve Order(const store::Approve& approved, const std::string& number);
  // Of log epoch 1.
  store::CommitIssue Issue(uint64_t intent_index);  // in the first log epoch
  store::CommitIssue Issue(store::IntentKey intent);

  // The whole cycle. Fails the test when a step is refused.
  store::SubmitApplication Filed(const store::DeliveryAnswer& delivery);
  struct Approved {
    store::Approve command;
    std::string number;
  };
  Approved ApprovedCase(const store::DeliveryAnswer& delivery);
  storage::v1::Reservation Reserved(const Approved& approved);
  storage::v1::CertificateHead Issued(const store::DeliveryAnswer& delivery);
  storage::v1::CertificateHead IssuedFrom(const store::SubmitApplication& filed);

 private:
  Call call_;
  const SimulatedClock* clock_;
  uint64_t next_ = 1;
};

// Two people give this reservation up.
store::CancelReservation CancellationOf(const storage::v1::Reservation& reservation,
                                        const std::string& reason = "cancelled");

storage::v1::Reservation ReservationIn(const store::AnyAnswer& answer);
storage::v1::CertificateHead CertificateIn(const store::AnyAnswer& answer);
const store::DeliveryAnswer& DeliveryIn(const store::AnyAnswer& answer);
const store::CaseAnswer& CaseIn(const store::AnyAnswer& answer);

// Reads for assertions; a missing or unreadable record fails the test.
template <typename Record>
Record Stored(const store::Engine& engine, store::Family family, const std::string& key) {
  Record record;
  const absl::StatusOr<std::string> bytes = engine.NewSnapshot()->Get(family, key);
  EXPECT_OK(bytes);
  if (bytes.ok()) EXPECT_TRUE(record.ParseFromString(*bytes));
  return record;
}

}  // namespace birthseal::tests
