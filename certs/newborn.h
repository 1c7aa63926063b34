// SPDX-License-Identifier: Apache-2.0
// Identity of a newborn: the exact claims by which two records are known to be one birth.
//
// A claim is HMAC-SM3 under the store's index key: it says nothing without that key.
//   C1 mother id type + normalised number, birth date, birth order
//   C2 facility, mother's inpatient number, birth order
//   C3 facility, the baby's record number
//   C4 certificate number
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
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

// A label of the uniqueness map (标签), as certs/proof/map_label.h says.
// No digest becomes a label unless it is written so: the hash of a claim is none. Bit 0 is the most
// significant bit of byte 0.
class MapLabel {
 public:
  constexpr MapLabel() = default;  // all zero: none
  constexpr explicit MapLabel(const Digest& vrf_output) : bytes_(vrf_output) {}

  static constexpr size_t size() { return std::tuple_size_v<Digest>; }
  constexpr uint8_t operator[](size_t i) const { return bytes_[i]; }
  constexpr uint8_t& operator[](size_t i) { return bytes_[i]; }

  friend absl::string_view View(const MapLabel& label);
  friend bool operator==(const MapLabel& a, const MapLabel& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const MapLabel& a, const MapLabel& b) { return a.bytes_ != b.bytes_; }
  friend bool operator<(const MapLabel& a, const MapLabel& b) { return a.bytes_ < b.bytes_; }
  template <class H>
  friend H AbslHashValue(H state, const MapLabel& label) {
    return H::combine(std::move(state), label.bytes_);
  }

 private:
  Digest bytes_{};
};
inline absl::string_view View(const MapLabel& label) { return View(label.bytes_); }
inline std::string Bytes(const MapLabel& label) { return std::string(View(label)); }
// As stored; nothing unless the bytes are as many as a label has.
[[nodiscard]] inline std::optional<MapLabel> MapLabelFrom(absl::string_view bytes) {
  const std::optional<Digest> digest = DigestFrom(bytes);
  if (!digest) return std::nullopt;
  return MapLabel(*digest);
}

enum class ClaimKind { kMother = 1, kInpatient = 2, kBabyRecord = 3, kNumber = 4 };  // C1 to C4

struct Claim {
  ClaimKind kind;
  Digest hash;
  // C1: the label of the uniqueness map that these facts have, computed by who holds the VRF key;
  // none for the other kinds.
  MapLabel label;
};
// The claims this record makes; none for what it does not report.
std::vector<Claim> ClaimsOf(absl::string_view index_key, const Delivery& delivery);

}  // namespace birthseal::certs
