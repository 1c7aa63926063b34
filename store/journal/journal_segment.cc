// SPDX-License-Identifier: Apache-2.0
#include "store/journal/journal_segment.h"

#include <libdeflate.h>

#include <optional>

#include "absl/strings/match.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

constexpr size_t kFrame = 8;   // length, CRC-32
constexpr size_t kFixed = 16;  // sequence, epoch
constexpr char kPut = 1, kErase = 2;
constexpr uint64_t kFar = 1u << 20;  // no segment has so many records

void Append32(std::string* out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}
uint32_t Read32(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}
uint64_t Read64(absl::string_view bytes) { return *ParseBigEndian64(bytes.substr(0, 8)); }

absl::Status Damaged() {
  return certs::Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                      "a journal record is damaged");
}

// Takes length-prefixed text off the front.
std::optional<absl::string_view> Take(absl::string_view* rest) {
  if (rest->size() < 4) return std::nullopt;
  const uint32_t size = Read32(*rest);
  if (rest->size() - 4 < size) return std::nullopt;
  const absl::string_view text = rest->substr(4, size);
  rest->remove_prefix(4 + size);
  return text;
}

// The size of the payload when a whole record starts here.
std::optional<size_t> WholeRecord(absl::string_view bytes, size_t longest) {
  if (bytes.size() < kFrame + kFixed) return std::nullopt;
  const size_t payload = Read32(bytes);
  if (payload < kFixed || payload > longest || payload > bytes.size() - kFrame) {
    return std::nullopt;
  }
  const uint32_t sum = libdeflate_crc32(0, bytes.data() + kFrame, payload);
  if (sum != Read32(bytes.substr(4))) return std::nullopt;
  return payload;
}

size_t SizeOfBatch(const WriteBatch& batch) {
  size_t size = 4;
  for (const WriteBatch::Change& change : batch.changes) {
    size += change.erase ? 6 + change.key.size() : 10 + change.key.size() + change.value.size();
  }
  return size;
}

}  // namespace

size_t SizeOfRecord(const WriteBatch& batch) { return kFrame + kFixed + SizeOfBatch(batch); }

std::string EncodeBatch(const WriteBatch& batch) {
  std::string bytes;
  bytes.reserve(SizeOfBatch(batch));
  Append32(&bytes, static_cast<uint32_t>(batch.changes.size()));
  for (const WriteBatch::Change& change : batch.changes) {
    bytes.push_back(static_cast<char>(change.family));
    bytes.push_back(change.erase ? kErase : kPut);
    Append32(&bytes, static_cast<uint32_t>(change.key.size()));
    bytes.append(change.key);
    if (change.erase) continue;
    Append32(&bytes, static_cast<uint32_t>(change.value.size()));
    bytes.append(change.value);
  }
  return bytes;
}

absl::StatusOr<WriteBatch> DecodeBatch(absl::string_view bytes) {
  if (bytes.size() < 4) return Damaged();
  const uint32_t count = Read32(bytes);
  bytes.remove_prefix(4);
  WriteBatch batch;
  for (uint32_t i = 0; i < count; ++i) {
    if (bytes.size() < 2) return Damaged();
    const auto family = static_cast<uint8_t>(bytes[0]);
    const char operation = bytes[1];
    bytes.remove_prefix(2);
    if (family >= kFamilyCount || (operation != kPut && operation != kErase)) return Damaged();
    const std::optional<absl::string_view> key = Take(&bytes);
    if (!key) return Damaged();
    if (operation == kErase) {
      batch.Erase(static_cast<Family>(family), std::string(*key));
      continue;
    }
    const std::optional<absl::string_view> value = Take(&bytes);
    if (!value) return Damaged();
    batch.Put(static_cast<Family>(family), std::string(*key), std::string(*value));
  }
  if (!bytes.empty()) return Damaged();
  return batch;
}

std::string FrameRecord(uint64_t sequence, FenceEpoch fencing_epoch, const WriteBatch& batch) {
  const std::string payload =
      BigEndian64(sequence) + BigEndian64(fencing_epoch.value()) + EncodeBatch(batch);
  std::string record;
  record.reserve(kFrame + payload.size());
  Append32(&record, static_cast<uint32_t>(payload.size()));
  Append32(&record, libdeflate_crc32(0, payload.data(), payload.size()));
  record.append(payload);
  return record;
}

absl::StatusOr<SegmentContent> ReadSegment(absl::string_view bytes, size_t longest) {
  if (!absl::StartsWith(bytes, kSegmentMagic)) return Damaged();
  SegmentContent content;
  size_t at = kSegmentMagic.size();
  while (const std::optional<size_t> payload = WholeRecord(bytes.substr(at), longest)) {
    const absl::string_view fixed = bytes.substr(at + kFrame, kFixed);
    content.entries.push_back({Read64(fixed), FenceEpoch(Read64(fixed.substr(8))),
                               at + kFrame + kFixed, *payload - kFixed});
    at += kFrame + *payload;
  }
  content.end = at;
  // One append at a time is under way, so a whole record behind a broken one is damage at rest,
  // wherever it begins: the length of the broken one may be what is damaged.
  const uint64_t last = content.entries.empty() ? 0 : content.entries.back().sequence;
  const absl::string_view rest = bytes.substr(at);
  for (size_t from = 1; from + kFrame + kFixed <= rest.size(); ++from) {
    const uint64_t sequence = Read64(rest.substr(from + kFrame));
    const bool follows = last == 0 ? sequence != 0 : sequence >= last && sequence - last <= kFar;
    if (follows && WholeRecord(rest.substr(from), longest)) return Damaged();
  }
  return content;
}

}  // namespace birthseal::store
