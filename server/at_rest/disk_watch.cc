// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/disk_watch.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "server/host/config.h"

namespace birthseal::server {

absl::StatusOr<uint64_t> AskFileSystem(const std::string& directory) {
  struct statvfs info {};
  if (statvfs(directory.c_str(), &info) != 0) {
    return certs::Error(absl::StatusCode::kUnavailable, "DISK_NOT_ASKED", std::strerror(errno));
  }
  return uint64_t{info.f_bavail} * info.f_frsize;
}

DiskWatch::DiskWatch(const StoreConfig& config, FreeSpace free_space)
    : min_free_(config.min_free_bytes),
      free_space_(free_space ? std::move(free_space) : FreeSpace(AskFileSystem)) {
  if (min_free_ == 0) return;
  if (!config.in_memory) places_.push_back({"store.directory", config.directory});
  if (!config.journal_directory.empty()) {
    places_.push_back({"store.journal_directory", config.journal_directory});
  }
}

void DiskWatch::Measure() {
  for (Place& place : places_) {
    const absl::StatusOr<uint64_t> free = free_space_(place.directory);
    if (!free.ok()) continue;
    place.free = *free;
    place.known = true;
  }
}

absl::Status DiskWatch::Judge() const {
  // A little space that comes and goes shall not switch the service on and off.
  const uint64_t enough = state_.ok() ? min_free_ : min_free_ + min_free_ / 4;
  for (const Place& place : places_) {
    if (!place.known || place.free >= enough) continue;
    return certs::Error(
        absl::StatusCode::kResourceExhausted, "DISK_NEARLY_FULL",
        absl::StrCat("the registry takes no new work: its disk is nearly full (", place.field,
                     ": below ", min_free_ >> 20, " MiB free); what is reserved is finished and ",
                     "reading goes on; try again later"));
  }
  return absl::OkStatus();
}

DiskWatch::Found DiskWatch::Look() {
  std::lock_guard<std::mutex> lock(mutex_);
  Measure();
  absl::Status now = Judge();
  const bool changed = now.ok() != state_.ok();
  state_ = std::move(now);
  return {state_, changed};
}

absl::Status DiskWatch::state() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

std::vector<DiskWatch::Reading> DiskWatch::readings() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Reading> readings;
  for (const Place& place : places_) {
    if (place.known) readings.push_back({place.field, static_cast<int64_t>(place.free >> 20)});
  }
  return readings;
}

}  // namespace birthseal::server
