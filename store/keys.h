// Keys of every family, fixed-width and big-endian so that byte order is number order (FORMAT.md).
//
// Thread-safe: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "store/commands.h"

namespace birthseal::store {

// Sequences, leaf indexes, status indexes: eight bytes.
inline std::string NumberKey(uint64_t number) {
  std::string key(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8) key[i] = static_cast<char>(number & 0xff);
  return key;
}
inline uint64_t NumberFromKey(absl::string_view key) {
  uint64_t number = 0;
  for (char c : key.substr(0, 8)) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

// kNewborns, kDeliveries, kApplications: the id. kClaims, kFeedAnswers, kRequests, kConstants: the
// digest. kNumbers, kLicences: the text. kCertificates, kDocuments, kReservations, kLeaves,
// kOutbox, kAudit: NumberKey.
inline std::string IdKey(const Id& id) { return std::string(View(id)); }
inline std::string DigestKey(const certs::Digest& digest) { return certs::Bytes(digest); }

// kMeta: the one record.
inline constexpr absl::string_view kMetaKey = "meta";

// kMothers: mother hash (32) || newborn id (16).
inline std::string MotherKeyOf(const certs::Digest& mother, absl::string_view newborn_id) {
  return absl::StrCat(certs::View(mother), newborn_id);
}

// kBodies: kind || id (16). The sealed value is bound to this key.
enum class BodyKind : char { kDelivery = 'D', kRaw = 'R', kApplication = 'A' };
inline std::string BodyKey(BodyKind kind, const Id& id) {
  return absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&kind), 1), View(id));
}

// kStock: institution code || 00 || first number. Codes and numbers hold no zero byte.
inline std::string StockPrefix(absl::string_view institution_code) {
  return absl::StrCat(institution_code, absl::string_view("\0", 1));
}
inline std::string StockKey(absl::string_view institution_code, absl::string_view first_number) {
  return absl::StrCat(StockPrefix(institution_code), first_number);
}

// kRegistry: kind || id (code, certificate SM3, operator id, institution code of the seal).
enum class RegistryKind : char { kInstitution = 'I', kClient = 'C', kOperator = 'O', kSeal = 'S' };
inline std::string RegistryKey(RegistryKind kind, absl::string_view id) {
  return absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&kind), 1), id);
}

// kNodes: level (1) || index (8), index counted within the level.
inline std::string NodeKey(int level, uint64_t index) {
  return absl::StrCat(std::string(1, static_cast<char>(level)), NumberKey(index));
}

// kReviews: facility code || 00 || accepted time, microseconds (8) || delivery id (16).
inline std::string ReviewPrefix(absl::string_view facility_code) {
  return absl::StrCat(facility_code, absl::string_view("\0", 1));
}
inline std::string ReviewKey(absl::string_view facility_code, int64_t accepted_micros,
                             absl::string_view delivery_id) {
  return absl::StrCat(ReviewPrefix(facility_code),
                      NumberKey(static_cast<uint64_t>(accepted_micros)), delivery_id);
}

}  // namespace birthseal::store
