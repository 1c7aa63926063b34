// SPDX-License-Identifier: Apache-2.0
// One segment file of the journal: framing of records, apart from files. Format: FORMAT.md §5.
//
// Thread-safe: pure functions. Private to the journal and its tests.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/journal/journal.h"

namespace birthseal::store {

inline constexpr absl::string_view kSegmentMagic("BSJRNL\0\1", 8);  // the last byte is the format
inline constexpr size_t kMaxRecord = 256u << 20;

// length || CRC-32 || sequence || epoch || batch.
std::string FrameRecord(uint64_t sequence, FenceEpoch fencing_epoch, const WriteBatch& batch);
// Its size, without making it.
size_t SizeOfRecord(const WriteBatch& batch);

// What a segment holds: whole records from the front and where they end.
struct SegmentContent {
  struct Entry {
    uint64_t sequence;
    FenceEpoch fencing_epoch;
    size_t offset, size;  // of the encoded batch
  };
  std::vector<Entry> entries;
  size_t end = 0;  // first byte after the last whole record
};
// A broken record ends the segment when nothing whole follows it: that is what a crash leaves.
// Errors: kDataLoss no segment, or a broken record before a whole one.
// `longest`: a payload of more bytes was never written.
absl::StatusOr<SegmentContent> ReadSegment(absl::string_view bytes, size_t longest = kMaxRecord);

}  // namespace birthseal::store
