// SPDX-License-Identifier: Apache-2.0
// Files of backups, too large to hold in memory: what a directory holds, digests, copies that
// survive a power cut.
//
// Thread-safe: each call stands alone. Errors: kResourceExhausted "DISK_FULL"; kNotFound and
// kUnavailable "FILE_IO" name the path; they hold no content.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::store {

// Paths below `directory` of all its regular files, "/" between parts, ascending. Errors: also
// kDataLoss "NOT_A_PLAIN_FILE" a link, socket or device stands there.
absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& directory);
// True also when there is no such directory.
absl::StatusOr<bool> IsEmptyDirectory(const std::string& directory);

struct FileDigest {
  uint64_t size = 0;
  certs::Digest sm3{};
};
absl::StatusOr<FileDigest> DigestOfFile(const std::string& path);
// At most `limit` bytes. Errors: also kDataLoss "FILE_TOO_LARGE".
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t limit);

// Durable when OK: bytes and name are synced. Folders above are made, readable by their owner
// alone.
absl::Status MakeDirectories(const std::string& directory);
absl::Status WriteDurably(const std::string& path, absl::string_view bytes);
// The bytes are synced, not the name: that is the folder's (SyncFile). Gives the digest of the
// bytes that were copied.
absl::StatusOr<FileDigest> CopyDurably(const std::string& from, const std::string& to);
absl::Status SyncFile(const std::string& path);  // also of a directory
absl::Status RemoveTree(const std::string& directory);

}  // namespace birthseal::store
