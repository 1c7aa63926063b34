// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/full_disk.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "certs/errors.h"
#include "server/host/config.h"

namespace birthseal::server {
namespace {

// "store.directory" is named by itself and by what stands for all of "store"; "" names nothing.
bool Names(const std::string& field, const std::string& place) {
  return place == field || absl::StartsWith(place, field + ".");
}

std::optional<uint64_t> FreeAt(const std::string& path, const FreeSpace& free_space) {
  // A file, or a directory that could not even be made, stands where its parent does.
  for (std::filesystem::path at = path; !at.empty(); at = at.parent_path()) {
    const auto free = free_space(at.string());
    if (free.ok()) return *free;
    if (at == at.parent_path()) break;
  }
  const auto here = free_space(".");  // of a relative path
  return here.ok() ? std::optional<uint64_t>(*here) : std::nullopt;
}

}  // namespace

bool SaysFull(int error) { return error == ENOSPC || error == EDQUOT; }

std::vector<WrittenPlace> WrittenPlaces(const Config& config) {
  std::vector<WrittenPlace> places;
  const auto add = [&places](const char* field, const std::string& path) {
    if (!path.empty()) places.push_back({field, path});
  };
  add("store.directory", config.store.directory);
  add("store.journal_directory", config.store.journal_directory);
  add("keys.high_water_file", config.keys.high_water_file);
  add("port_file", config.port_file);
  return places;
}

FullDisk FindFullDisk(const std::vector<WrittenPlace>& places, const absl::Status& error,
                      FreeSpace free_space) {
  if (!free_space) free_space = AskFileSystem;
  const std::string field = certs::FieldOf(error);
  bool any_named = false;
  for (const WrittenPlace& place : places) any_named = any_named || Names(field, place.field);
  std::optional<FullDisk> fullest;
  for (const WrittenPlace& place : places) {
    if (any_named && !Names(field, place.field)) continue;
    FullDisk disk{place, FreeAt(place.path, free_space)};
    if (!fullest ||
        (disk.free_bytes && (!fullest->free_bytes || *disk.free_bytes < *fullest->free_bytes))) {
      fullest = std::move(disk);
    }
  }
  return *std::move(fullest);
}

}  // namespace birthseal::server
