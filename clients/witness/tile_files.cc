// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/tile_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::witness {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kForAll = 0644;
constexpr char kHidden[] = ".new";

absl::Status Trouble(const std::string& path, const std::string& why) {
  return certs::Error(absl::StatusCode::kUnavailable, "TILES_FILE", absl::StrCat(path, ": ", why));
}

absl::Status MakeFolderOf(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  return error ? Trouble(path, error.message()) : absl::OkStatus();
}

absl::Status Write(const std::string& path, const std::string& content) {
  RETURN_IF_ERROR(MakeFolderOf(path));
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kForAll));
  if (file.get() < 0) return Trouble(path, std::strerror(errno));
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = write(file.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Trouble(path, std::strerror(errno));
    done += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus()
                                               : Trouble(to, std::strerror(errno));
}

absl::StatusOr<std::string> ReadIfThere(const std::string& path) {
  absl::StatusOr<std::string> content = ReadWhole(path);
  if (content.ok()) return content;
  if (absl::IsNotFound(content.status())) {
    return certs::Error(absl::StatusCode::kNotFound, "TILES_FILE", path);
  }
  return Trouble(path, std::string(content.status().message()));
}

}  // namespace

absl::StatusOr<TileFiles> TileFiles::Open(const std::string& directory) {
  const std::string lock = absl::StrCat(directory, "/.lock");
  RETURN_IF_ERROR(MakeFolderOf(lock));
  File file(open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kForAll));
  if (file.get() < 0) return Trouble(lock, std::strerror(errno));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "TILES_IN_USE",
                        absl::StrCat(directory, ": another export runs here"));
  }
  std::error_code error;
  fs::remove_all(absl::StrCat(directory, "/", kHidden), error);
  if (error) return Trouble(directory, error.message());
  return TileFiles(directory, std::move(file));
}

std::string TileFiles::Hidden(const std::string& path) const {
  return absl::StrCat(directory_, "/", kHidden, "/", path);
}

absl::StatusOr<std::string> TileFiles::Read(const std::string& path) const {
  return ReadIfThere(Public(path));
}

absl::Status TileFiles::Stage(const std::string& path, const std::string& content) {
  RETURN_IF_ERROR(Write(Hidden(path), content));
  staged_.push_back(path);
  return absl::OkStatus();
}

// One sync of the file system costs less than two for each of thousands of files.
absl::Status TileFiles::Sync() const {
  return syncfs(lock_.get()) == 0 ? absl::OkStatus() : Trouble(directory_, std::strerror(errno));
}

absl::Status TileFiles::PublishOne(const std::string& path) const {
  const absl::StatusOr<std::string> there = Read(path);
  if (absl::IsNotFound(there.status())) {
    RETURN_IF_ERROR(MakeFolderOf(Public(path)));
    return Rename(Hidden(path), Public(path));
  }
  RETURN_IF_ERROR(there.status());
  // An export that was killed while it published left it.
  ASSIGN_OR_RETURN(const std::string made, ReadIfThere(Hidden(path)));
  if (made == *there) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kDataLoss, "TILES_DAMAGED",
                      absl::StrCat(Public(path), ": holds other bytes than the log"));
}

absl::Status TileFiles::Publish() {
  RETURN_IF_ERROR(Sync());
  for (const std::string& path : staged_) RETURN_IF_ERROR(PublishOne(path));
  RETURN_IF_ERROR(Sync());
  staged_.clear();
  std::error_code error;
  fs::remove_all(Hidden(""), error);
  return error ? Trouble(directory_, error.message()) : absl::OkStatus();
}

absl::Status TileFiles::Replace(const std::string& path, const std::string& content) {
  RETURN_IF_ERROR(Write(Hidden(path), content));
  RETURN_IF_ERROR(Sync());
  RETURN_IF_ERROR(MakeFolderOf(Public(path)));
  RETURN_IF_ERROR(Rename(Hidden(path), Public(path)));
  RETURN_IF_ERROR(Sync());
  std::error_code error;
  fs::remove_all(Hidden(""), error);
  return error ? Trouble(directory_, error.message()) : absl::OkStatus();
}

}  // namespace birthseal::witness
