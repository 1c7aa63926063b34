// SPDX-License-Identifier: Apache-2.0
// The directory of a tile export: published files, and a hidden folder where they are made.
// Errors: kUnavailable "TILES_FILE" names the file and what the system said. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/witness/files.h"

namespace birthseal::witness {

class TileFiles {
 public:
  // Empties the hidden folder. Errors: kFailedPrecondition "TILES_IN_USE".
  static absl::StatusOr<TileFiles> Open(const std::string& directory);
  // A published file. Errors: kNotFound there is none.
  absl::StatusOr<std::string> Read(const std::string& path) const;
  // Made, but not to be seen yet.
  absl::Status Stage(const std::string& path, const std::string& content);
  // Gives everything staged its name, durably. Errors: kDataLoss "TILES_DAMAGED" a name is taken by
  // other bytes; what was named before stays.
  absl::Status Publish();
  // Replaces a file whole, durably.
  absl::Status Replace(const std::string& path, const std::string& content);
  size_t staged() const { return staged_.size(); }

 private:
  TileFiles(std::string directory, File lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}
  std::string Hidden(const std::string& path) const;
  std::string Public(const std::string& path) const { return directory_ + "/" + path; }
  absl::Status PublishOne(const std::string& path) const;
  absl::Status Sync() const;

  std::string directory_;
  File lock_;
  std::vector<std::string> staged_;
};

}  // namespace birthseal::witness
