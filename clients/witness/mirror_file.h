// SPDX-License-Identifier: Apache-2.0
// One epoch of a mirror: an append-only file of updates.
//
// A record is length (4, big-endian) || first 8 bytes of the SM3 of the body || body; the body is
// canonical "birthseal/mirror-record/v1" {nested 1 leaf, nested 2 repeated: changes}. What a power
// cut left of the last record is cut off at the next write. Belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/witness/files.h"
#include "clients/witness/storage.h"

namespace birthseal::witness {

std::string MirrorRecord(const Update& update);
// Of one whole record. Errors: kDataLoss "MIRROR_RECORD".
absl::StatusOr<Update> ParseMirrorRecord(absl::string_view record);

class MirrorFile {
 public:
  // Makes the file when it is not there, unless `read_only`.
  static absl::StatusOr<MirrorFile> Open(const std::string& path, bool read_only);
  uint64_t size() const { return starts_.size(); }
  // See Storage::Mirror and ReadMirror. Errors: kDataLoss "MIRROR_RECORD" a record is damaged.
  absl::Status Replace(uint64_t first, const std::vector<Update>& updates);
  absl::StatusOr<std::vector<Update>> Read(uint64_t first, int count) const;

 private:
  MirrorFile(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}
  absl::Status FindRecords();
  uint64_t StartOf(uint64_t index) const { return index < size() ? starts_[index] : end_; }

  std::string path_;
  File file_;
  std::vector<uint64_t> starts_;  // 8 bytes a leaf
  uint64_t end_ = 0;              // behind the last whole record
};

}  // namespace birthseal::witness
