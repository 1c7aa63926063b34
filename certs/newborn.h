// SPDX-License-Identifier: Apache-2.0
// Identity of a newborn: the exact claims by which two records are known to be one birth.
//
// A claim is HMAC-SM3 under the store's index key: it says nothing without that key.
//   C1 mother id type + normalised number, birth date, birth order
//   C2 facility, mother's inpatient number, birth order
//   C3 facility, the baby's record number
//   C4 certificate number
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/delivery.h"
#include "certs/digest.h"

namespace birthseal::certs {

// `order` is 1..n; an unreported order of a single birth counts as 1.
// Normalised as mother_facts.h says.
Digest MotherClaim(absl::string_view index_key, IdType type, absl::string_view number,
                   absl::CivilDay birth_date, int order);
Digest InpatientClaim(absl::string_view index_key, absl::string_view facility,
                      absl::string_view inpatient_no, int order);
Digest BabyRecordClaim(absl::string_view index_key, absl::string_view facility,
                       absl::string_view record_no);
Digest NumberClaim(absl::string_view index_key, absl::string_view certificate_number);
// The mother alone, for the soft rules (same mother within 5 or 270 days).
Digest MotherKey(absl::string_view index_key, IdType type, absl::string_view number);

// The place in the order of births: unreported counts as the first of a single birth; 0: unknown.
inline int PlaceInBirth(int order, int plurality) {
  return order != 0 || plurality > 1 ? order : 1;
}

// What is known of a birth without reading its record: records are told apart and judged by it.
// 0: unknown.
struct BirthFacts {
  int64_t minute = 0;            // minutes since 1970, local
  int64_t day = 0;               // days since 1970, local
  int order = 0, plurality = 0;  // the place among siblings, and how many they are
  int sex = 0;                   // certs::Sex
};
BirthFacts BirthFactsOf(const Delivery& delivery);

// Siblings whom their facility keeps under one number: `record` came under the number of
// `numbered`, but it says the place of `placed`, which is another one.
bool IsOfThePlaced(const BirthFacts& record, const BirthFacts& numbered, const BirthFacts& placed);

struct Claim {
  char kind;  // '1' to '4'
  Digest hash;
  // C1: the label of the uniqueness map that these facts have (certs/proof/map_label.h), computed
  // by who holds the VRF key; zeros for the other kinds.
  Digest label{};
};
// The claims this record makes; none for what it does not report.
std::vector<Claim> ClaimsOf(absl::string_view index_key, const Delivery& delivery);

}  // namespace birthseal::certs
