// SPDX-License-Identifier: Apache-2.0
// The few file operations that durable, append-only files need: POSIX, or a simulated disk.
//
// Thread-safety: a file system any thread; one caller at a time for each open file.
// Durability: what was appended survives a power loss after Sync of the file; that the file is
// there, or gone, or renamed, after SyncDirectory.
// Errors: kResourceExhausted "DISK_FULL"; kUnavailable "DISK_IO"; kNotFound no such file. After an
// error of Append or Sync nobody knows what the file holds behind what was synced before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::store {

// A file open for appending; closed when it goes.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  virtual absl::Status Append(absl::string_view bytes) = 0;
  virtual absl::Status Sync() = 0;
  // Cuts off what stands behind `size` bytes.
  virtual absl::Status Truncate(size_t size) = 0;
};

// Held until it goes.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // The files of this machine. Lives for ever.
  static FileSystem* Posix();

  // No error when it is there.
  virtual absl::Status MakeDirectory(const std::string& path) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // Names without path, in no order.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const = 0;
  virtual absl::StatusOr<std::string> Read(const std::string& path) const = 0;
  // A file that must not be there yet.
  virtual absl::StatusOr<std::unique_ptr<AppendFile>> Create(const std::string& path) = 0;
  virtual absl::StatusOr<std::unique_ptr<AppendFile>> OpenToAppend(const std::string& path) = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;
  // Against a second process. Errors: kAborted "FILE_IN_USE" it is held already.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

}  // namespace birthseal::store
