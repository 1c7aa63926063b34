// SPDX-License-Identifier: Apache-2.0
// Any number of synthetic births, each with its own mother, father and names. Invented people and
// places; citizen numbers have right check digits and the division 529901 of no real place.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"

namespace birthseal::bench {

// Thread-safe: pure. Same index and day, same birth.
class Births {
 public:
  explicit Births(absl::Time now);
  v1::PushDeliveriesRequest Message(uint64_t index) const;
  v1::SubmitApplicationRequest Application(uint64_t index, absl::string_view newborn_id) const;

 private:
  absl::CivilDay day_;  // of all births: yesterday
};

}  // namespace birthseal::bench
