// SPDX-License-Identifier: Apache-2.0
// Which disk had no room when the service could not start: what an operator needs to mend it.
//
// Thread-safe: no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/at_rest/disk_watch.h"

namespace birthseal::server {

struct Config;

// Of errno: that there is no room, or none for this user.
bool SaysFull(int error);

// A place that the service writes to.
struct WrittenPlace {
  std::string field, path;
};
std::vector<WrittenPlace> WrittenPlaces(const Config& config);

struct FullDisk {
  WrittenPlace place;
  std::optional<uint64_t> free_bytes;  // nothing: its file system does not say
};

// Of `places`, which are not none, the one that the error names by its field; if it names none of
// them, the one with the least room. `free_space` null: asks the file system.
FullDisk FindFullDisk(const std::vector<WrittenPlace>& places, const absl::Status& error,
                      FreeSpace free_space = nullptr);

}  // namespace birthseal::server
