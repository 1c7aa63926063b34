// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

namespace birthseal::store {
namespace {

std::string FixedText(absl::string_view text, size_t width) {
  if (text.size() > width) return certs::Bytes(certs::Sm3Of(text)).substr(0, width);
  std::string fixed(text);
  fixed.resize(width, '\0');
  return fixed;
}

}  // namespace

std::string BigEndian64(uint64_t value) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value & 0xff);
  return bytes;
}

std::optional<uint64_t> ParseBigEndian64(absl::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

IntentKey IntentKeyAt(certs::LogEpoch epoch, certs::LeafIndex index) {
  return IntentKey(PlaceOf(epoch, index));
}

std::optional<IntentKey> ParseIntentKey(absl::string_view key) {
  const std::optional<uint64_t> place = ParseBigEndian64(key);
  if (!place) return std::nullopt;
  return IntentKey(*place);
}

std::string MetaKey() { return "\x01"; }
std::string FenceKey() { return "\x02"; }

std::string DigestKey(const certs::Digest& digest) { return certs::Bytes(digest); }

std::string MotherPrefix(const certs::Digest& mother) { return certs::Bytes(mother); }
std::string MotherKey(const certs::Digest& mother, const NewbornId& newborn) {
  return MotherPrefix(mother) + IdKey(newborn);
}

std::string IndexKey(uint64_t index) { return BigEndian64(index); }
std::string IndexKey(IntentKey intent) { return BigEndian64(intent.value()); }
std::string IndexKey(certs::StatusIndex index) { return BigEndian64(index.value()); }
std::string NumberKey(absl::string_view number) { return FixedText(number, kNumberWidth); }
std::string LicenceKey(absl::string_view number_or_licence_id) {
  return std::string(number_or_licence_id);
}

std::string BodyKey(BodyKind kind, const DeliveryId& id) {
  return std::string(1, static_cast<char>(kind)) + IdKey(id);
}
std::string BodyKey(BodyKind kind, const CaseId& id) {
  return std::string(1, static_cast<char>(kind)) + IdKey(id);
}

std::string StockPrefix(absl::string_view institution_code) {
  return FixedText(institution_code, kCodeWidth);
}
std::string StockKey(absl::string_view institution_code, absl::string_view first_number) {
  return StockPrefix(institution_code) + NumberKey(first_number);
}

std::string RegistryPrefix(RegistryKind kind) { return std::string(1, static_cast<char>(kind)); }
std::string RegistryKey(RegistryKind kind, absl::string_view id) {
  return RegistryPrefix(kind).append(id.data(), id.size());
}

std::string NodeKey(uint8_t level, uint64_t index) {
  return std::string(1, static_cast<char>(level)) + BigEndian64(index);
}

std::string MapPageKey(int depth, const certs::MapLabel& label) {
  std::string key(1, static_cast<char>(depth));
  key += certs::Bytes(label).substr(0, static_cast<size_t>((depth + 1) / 2));
  if (depth % 2 != 0) key.back() = static_cast<char>(key.back() & 0xf0);
  return key;
}

std::string MapChangeKey(uint64_t place, uint16_t sequence) {
  std::string key = IndexKey(place);
  key.push_back(static_cast<char>(sequence >> 8));
  key.push_back(static_cast<char>(sequence));
  return key;
}
std::optional<MapChangePlace> ParseMapChangeKey(absl::string_view key) {
  if (key.size() != 10) return std::nullopt;
  const auto sequence =
      static_cast<uint16_t>(static_cast<uint8_t>(key[8]) << 8 | static_cast<uint8_t>(key[9]));
  return MapChangePlace{*ParseBigEndian64(key.substr(0, 8)), sequence};
}

std::string ReviewPrefix(absl::string_view facility_code) {
  return FixedText(facility_code, kCodeWidth);
}
std::string ReviewKey(absl::string_view facility_code, int64_t accepted_micros,
                      const DeliveryId& delivery_id) {
  return ReviewPrefix(facility_code) + BigEndian64(static_cast<uint64_t>(accepted_micros)) +
         IdKey(delivery_id);
}
std::optional<DeliveryId> ParseReviewKey(absl::string_view key) {
  constexpr size_t kFixed = kCodeWidth + 8;
  if (key.size() <= kFixed) return std::nullopt;
  return DeliveryId::FromBytes(key.substr(kFixed));
}

}  // namespace birthseal::store
