// SPDX-License-Identifier: Apache-2.0
#include "store/journal/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::store {
namespace {

absl::Status DiskError(absl::string_view doing, int error) {
  const std::string message = absl::StrCat(doing, ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) {
    return certs::Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", message);
  }
  return certs::Error(
      error == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable, "DISK_IO",
      message);
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  int get() const { return value_; }
  bool ok() const { return value_ >= 0; }

 private:
  int value_;
};

class PosixFile : public AppendFile {
 public:
  explicit PosixFile(Descriptor file) : file_(std::move(file)) {}

  absl::Status Append(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t wrote = write(file_.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return DiskError("write", errno);
      bytes.remove_prefix(static_cast<size_t>(wrote));
    }
    return absl::OkStatus();
  }
  // The size is among what fdatasync makes durable.
  absl::Status Sync() override {
    return fdatasync(file_.get()) == 0 ? absl::OkStatus() : DiskError("sync", errno);
  }
  absl::Status Truncate(size_t size) override {
    return ftruncate(file_.get(), static_cast<off_t>(size)) == 0 ? absl::OkStatus()
                                                                 : DiskError("cut a file", errno);
  }

 private:
  Descriptor file_;
};

class PosixLock : public FileLock {
 public:
  explicit PosixLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

class PosixFileSystem : public FileSystem {
 public:
  absl::Status MakeDirectory(const std::string& path) override {
    if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
    return DiskError("make a directory", errno);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file.ok() && fsync(file.get()) == 0) return absl::OkStatus();
    return DiskError("sync a directory", errno);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override;
  absl::StatusOr<std::string> Read(const std::string& path) const override;
  absl::StatusOr<std::unique_ptr<AppendFile>> Create(const std::string& path) override {
    return Open(path, O_CREAT | O_EXCL, "make a file");
  }
  absl::StatusOr<std::unique_ptr<AppendFile>> OpenToAppend(const std::string& path) override {
    return Open(path, 0, "open a file");
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return DiskError("rename a file", errno);
  }
  absl::Status Remove(const std::string& path) override {
    return unlink(path.c_str()) == 0 ? absl::OkStatus() : DiskError("remove a file", errno);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  static absl::StatusOr<std::unique_ptr<AppendFile>> Open(const std::string& path, int flags,
                                                          absl::string_view doing) {
    Descriptor file(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0600));
    if (!file.ok()) return DiskError(doing, errno);
    return std::unique_ptr<AppendFile>(std::make_unique<PosixFile>(std::move(file)));
  }
};

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) const {
  DIR* listing = opendir(directory.c_str());
  if (listing == nullptr) return DiskError("list a directory", errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(listing)) names.emplace_back(entry->d_name);
  closedir(listing);
  return names;
}

absl::StatusOr<std::string> PosixFileSystem::Read(const std::string& path) const {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.ok() || fstat(file.get(), &info) != 0) return DiskError("open a file", errno);
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return DiskError("read a file", errno);
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixFileSystem::Lock(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.ok()) return DiskError("open a lock", errno);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return certs::Error(absl::StatusCode::kAborted, "FILE_IN_USE",
                        "another process has the file open");
  }
  return std::unique_ptr<FileLock>(std::make_unique<PosixLock>(std::move(file)));
}

}  // namespace

FileSystem* FileSystem::Posix() {
  static PosixFileSystem* const posix = new PosixFileSystem();
  return posix;
}

}  // namespace birthseal::store
