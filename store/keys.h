// SPDX-License-Identifier: Apache-2.0
// The keys of every family, in one place. Layouts: FORMAT.md §2.
//
// Numbers are big-endian and of fixed width, so byte order is number order. Codes that stand before
// something else in a key are padded with NUL to their width; a longer code is replaced by the head
// of its SM3, so two codes share a key only if these collide. Thread-safe: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/ids.h"
#include "certs/newborn.h"
#include "certs/proof/log_place.h"
#include "store/commands.h"

namespace birthseal::store {

inline constexpr size_t kCodeWidth = 18;    // unified social credit code
inline constexpr size_t kNumberWidth = 16;  // certificate number

std::string BigEndian64(uint64_t value);
// Nothing unless the bytes are exactly eight.
[[nodiscard]] std::optional<uint64_t> ParseBigEndian64(absl::string_view bytes);

// A leaf's place in all log epochs: epoch - 1 in the upper 24 bits, leaf index in the lower 40. So
// places order by epoch, then index, and the tree of each epoch is an aligned subtree of one
// space of nodes: NodeKey takes places too. Status is ordered by it, never by the clock.
inline constexpr int kPlaceBits = 40;
// Of a leaf of no epoch: after all others, where none can stand.
inline constexpr uint64_t kNoPlace = ~uint64_t{0};
constexpr uint64_t PlaceOf(certs::LogEpoch epoch, certs::LeafIndex index) {
  if (epoch == certs::LogEpoch()) return kNoPlace;
  return ((epoch.value() - 1) << kPlaceBits) | index.value();
}
// Of a checkpoint.
constexpr uint64_t PlaceOf(const certs::LogPosition& position) {
  return PlaceOf(position.epoch, certs::LeafIndex(position.size.value()));
}
constexpr certs::LogEpoch EpochAt(uint64_t place) {
  return certs::LogEpoch((place >> kPlaceBits) + 1);
}
constexpr certs::LeafIndex IndexAt(uint64_t place) {
  return certs::LeafIndex(place & ((uint64_t{1} << kPlaceBits) - 1));
}

// The key of the reservation whose INTENT stands there.
IntentKey IntentKeyAt(certs::LogEpoch epoch, certs::LeafIndex index);
// Nothing unless the bytes are a key of kReservations.
[[nodiscard]] std::optional<IntentKey> ParseIntentKey(absl::string_view key);

// kMeta
std::string MetaKey();   // storage.v1.Meta
std::string FenceKey();  // the fence, 8 bytes; written by the engine alone

// kNewborns, kDeliveries, kCases
template <class Tag>
std::string IdKey(const certs::Id<Tag>& id) {
  return std::string(View(id));
}
// kClaims, kFeedAnswers, kRequests, kConstants
std::string DigestKey(const certs::Digest& digest);
// kMothers: all newborns of a mother stand under MotherPrefix.
std::string MotherPrefix(const certs::Digest& mother);
std::string MotherKey(const certs::Digest& mother, const NewbornId& newborn);
// kCertificates, kDocuments, kReceipts (status index); kReservations, kLeaves (place); kCheckpoints
// (position, written as a place); kOutbox, kAudit (sequence).
std::string IndexKey(uint64_t index);
std::string IndexKey(IntentKey intent);
std::string IndexKey(certs::StatusIndex index);
// kNumbers
std::string NumberKey(absl::string_view number);
// kLicences
std::string LicenceKey(absl::string_view number_or_licence_id);

// kBodies. Values are persisted.
enum class BodyKind : uint8_t { kDelivery = 1, kRawMessage = 2, kCase = 3 };
std::string BodyKey(BodyKind kind, const DeliveryId& id);  // kDelivery, kRawMessage
std::string BodyKey(BodyKind kind, const CaseId& id);      // kCase

// kStock: the ranges of an institution stand under StockPrefix, by first number.
std::string StockPrefix(absl::string_view institution_code);
std::string StockKey(absl::string_view institution_code, absl::string_view first_number);

// kRegistry. Values are persisted.
enum class RegistryKind : uint8_t {
  kInstitution = 1,
  kClient = 2,
  kOperator = 3,
  kSeal = 4,
  kProfile = 5,
};
std::string RegistryPrefix(RegistryKind kind);
std::string RegistryKey(RegistryKind kind, absl::string_view id);

// kNodes: `level` 0 holds leaf hashes; node `index` of a level covers leaves
// [index << level, (index + 1) << level).
std::string NodeKey(uint8_t level, uint64_t index);

// kMapPages: depth in nibbles (1) || the first `depth` nibbles of the label, two in a byte, the
// last byte filled with zeros.
std::string MapPageKey(int depth, const certs::MapLabel& label);
// kMapChanges: the changes of a leaf stand under its IndexKey, in order.
std::string MapChangeKey(uint64_t place, uint16_t sequence);
struct MapChangePlace {
  uint64_t place = 0;  // of the leaf
  uint16_t sequence = 0;
};
// Nothing unless the bytes are such a key.
[[nodiscard]] std::optional<MapChangePlace> ParseMapChangeKey(absl::string_view key);

// kReviews: the open reviews of a facility stand under ReviewPrefix, oldest first.
std::string ReviewPrefix(absl::string_view facility_code);
std::string ReviewKey(absl::string_view facility_code, int64_t accepted_micros,
                      const DeliveryId& delivery_id);
// The delivery a review key ends with; nothing: it is no such key.
[[nodiscard]] std::optional<DeliveryId> ParseReviewKey(absl::string_view key);

}  // namespace birthseal::store
