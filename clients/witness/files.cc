// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::witness {

absl::Status FileError(absl::string_view what, const std::string& path) {
  return certs::Error(absl::StatusCode::kUnavailable, "WITNESS_FILE",
                      absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  const std::filesystem::path above = std::filesystem::path(path).parent_path();
  if (!above.empty()) std::filesystem::create_directories(above, error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return FileError("cannot make", path);
  return above.empty() ? absl::OkStatus() : SyncFolder(above.string());
}

absl::Status SyncFolder(const std::string& path) {
  const File folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || fsync(folder.get()) != 0) return FileError("cannot sync", path);
  return absl::OkStatus();
}

absl::Status WriteAt(const File& file, const std::string& path, uint64_t at,
                     absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return FileError("cannot write", path);
    bytes.remove_prefix(static_cast<size_t>(wrote));
    at += static_cast<uint64_t>(wrote);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAt(const File& file, const std::string& path, uint64_t at,
                                   size_t size) {
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = pread(file.get(), &bytes[done], size - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("cannot read", path);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) {
    return certs::Error(absl::StatusCode::kNotFound, "WITNESS_FILE",
                        absl::StrCat("there is no ", path));
  }
  struct stat facts {};
  if (file.get() < 0 || fstat(file.get(), &facts) != 0) return FileError("cannot read", path);
  return ReadAt(file, path, 0, static_cast<size_t>(facts.st_size));
}

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes) {
  const std::string beside = path + ".new";
  {
    const File file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return FileError("cannot write", beside);
    RETURN_IF_ERROR(WriteAt(file, beside, 0, bytes));
    if (fsync(file.get()) != 0) return FileError("cannot sync", beside);
  }
  if (rename(beside.c_str(), path.c_str()) != 0) return FileError("cannot replace", path);
  return SyncFolder(std::filesystem::path(path).parent_path().string());
}

}  // namespace birthseal::witness
