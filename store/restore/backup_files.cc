// SPDX-License-Identifier: Apache-2.0
#include "store/restore/backup_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::store {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1u << 20;

absl::Status IoError(absl::string_view doing, const std::string& path, int error) {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  if (error == ENOENT) code = absl::StatusCode::kNotFound;
  const bool full = error == ENOSPC || error == EDQUOT;
  if (full) code = absl::StatusCode::kResourceExhausted;
  return certs::Error(code, full ? "DISK_FULL" : "FILE_IO",
                      absl::StrCat(doing, " ", path, ": ", std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  int get() const { return value_; }
  bool ok() const { return value_ >= 0; }

 private:
  const int value_;
};

// Gives the bytes of the file in blocks.
absl::Status ReadBlocks(const std::string& path,
                        const std::function<absl::Status(absl::string_view block)>& visit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.ok()) return IoError("open", path, errno);
  std::string block(kBlock, '\0');
  while (true) {
    const ssize_t got = read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return IoError("read", path, errno);
    if (got == 0) return absl::OkStatus();
    RETURN_IF_ERROR(visit(absl::string_view(block.data(), static_cast<size_t>(got))));
  }
}

absl::Status WriteAll(int descriptor, const std::string& path, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return IoError("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

std::string ParentOf(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entries(directory, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const fs::file_status status = entries->symlink_status(error);
    if (error) break;
    if (fs::is_directory(status)) continue;
    std::string path = entries->path().lexically_relative(directory).generic_string();
    if (!fs::is_regular_file(status)) {
      return certs::Error(absl::StatusCode::kDataLoss, "NOT_A_PLAIN_FILE",
                          absl::StrCat(path, " is not a plain file"));
    }
    paths.push_back(std::move(path));
  }
  if (error) return IoError("list", directory, error.value());
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<bool> IsEmptyDirectory(const std::string& directory) {
  std::error_code error;
  const bool empty = fs::is_empty(directory, error);
  if (error == std::errc::no_such_file_or_directory) return true;
  if (error) return IoError("look at", directory, error.value());
  return empty;
}

absl::StatusOr<FileDigest> DigestOfFile(const std::string& path) {
  FileDigest digest;
  certs::Sm3 sm3;
  RETURN_IF_ERROR(ReadBlocks(path, [&](absl::string_view block) {
    digest.size += block.size();
    sm3.Add(block);
    return absl::OkStatus();
  }));
  digest.sm3 = sm3.Finish();
  return digest;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t limit) {
  std::string bytes;
  RETURN_IF_ERROR(ReadBlocks(path, [&](absl::string_view block) {
    bytes.append(block.data(), block.size());
    if (bytes.size() <= limit) return absl::OkStatus();
    return certs::Error(absl::StatusCode::kDataLoss, "FILE_TOO_LARGE",
                        absl::StrCat(path, " is larger than ", limit, " bytes"));
  }));
  return bytes;
}

absl::Status MakeDirectories(const std::string& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return absl::OkStatus();
  const std::string parent = ParentOf(directory);
  if (parent != directory) RETURN_IF_ERROR(MakeDirectories(parent));
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return IoError("make", directory, errno);
  }
  return SyncFile(parent);
}

absl::Status WriteDurably(const std::string& path, absl::string_view bytes) {
  const std::string fresh = path + ".new";
  {
    const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.ok()) return IoError("make", fresh, errno);
    RETURN_IF_ERROR(WriteAll(file.get(), fresh, bytes));
    if (fsync(file.get()) != 0) return IoError("sync", fresh, errno);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return IoError("rename", fresh, errno);
  return SyncFile(ParentOf(path));
}

absl::StatusOr<FileDigest> CopyDurably(const std::string& from, const std::string& to) {
  const Descriptor file(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.ok()) return IoError("make", to, errno);
  FileDigest digest;
  certs::Sm3 sm3;
  RETURN_IF_ERROR(ReadBlocks(from, [&](absl::string_view block) {
    digest.size += block.size();
    sm3.Add(block);
    return WriteAll(file.get(), to, block);
  }));
  if (fsync(file.get()) != 0) return IoError("sync", to, errno);
  digest.sm3 = sm3.Finish();
  return digest;
}

absl::Status SyncFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() || fsync(file.get()) != 0) return IoError("sync", path, errno);
  return absl::OkStatus();
}

absl::Status RemoveTree(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return error ? IoError("remove", directory, error.value()) : absl::OkStatus();
}

}  // namespace birthseal::store
