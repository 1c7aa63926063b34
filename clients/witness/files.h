// SPDX-License-Identifier: Apache-2.0
// Files that survive a power cut: whole or not at all, synced with their folder. Errors:
// kUnavailable "WITNESS_FILE" names the file and what the system said.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::witness {

absl::Status FileError(absl::string_view what, const std::string& path);
// Errors besides: kNotFound "WITNESS_FILE" there is no such file. Nothing else says so: what cannot
// be read may be there.
absl::StatusOr<std::string> ReadWhole(const std::string& path);
bool Exists(const std::string& path);
// The folder and those above it, for the owner alone.
absl::Status MakeFolder(const std::string& path);
absl::Status SyncFolder(const std::string& path);
// Replaces the file through a neighbour and a rename.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes);

// An open file, closed at the end.
class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  File& operator=(File&& other) noexcept;
  ~File();
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};
absl::Status WriteAt(const File& file, const std::string& path, uint64_t at,
                     absl::string_view bytes);
// Exactly `size` bytes, or fewer at the end of the file.
absl::StatusOr<std::string> ReadAt(const File& file, const std::string& path, uint64_t at,
                                   size_t size);

}  // namespace birthseal::witness
