// SPDX-License-Identifier: Apache-2.0
#include "tests/support/failing_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace birthseal::tests {
namespace {

struct Watch {
  std::mutex mutex;
  Faults* faults = nullptr;  // null: nothing is watched
  std::string folder;
};

Watch& TheWatch() {
  static auto* const watch = new Watch;
  return *watch;
}

enum class Call { kElsewhere, kWatched, kFails };

Call Asked(const char* name, absl::string_view path) {
  Watch& watch = TheWatch();
  const std::lock_guard<std::mutex> lock(watch.mutex);
  if (watch.faults == nullptr || !absl::StartsWith(path, watch.folder)) return Call::kElsewhere;
  if (watch.faults->Next(absl::StrCat(name, " ", path)).ok()) return Call::kWatched;
  errno = EIO;
  return Call::kFails;
}

Call Asked(const char* name, int file) {
  {
    const std::lock_guard<std::mutex> lock(TheWatch().mutex);
    if (TheWatch().faults == nullptr) return Call::kElsewhere;
  }
  std::array<char, 32> link;
  std::array<char, 4096> path;
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link.data(), path.data(), path.size());
  return size <= 0 ? Call::kElsewhere
                   : Asked(name, absl::string_view(path.data(), static_cast<size_t>(size)));
}

template <typename Of, typename... Arguments>
long Passed(const char* name, Of of, long number, Arguments... arguments) {
  return Asked(name, of) == Call::kFails ? -1 : syscall(number, arguments...);
}

int Synced(const char* name, long number, int file) {
  const Call call = Asked(name, file);
  if (call == Call::kElsewhere) return static_cast<int>(syscall(number, file));
  return call == Call::kFails ? -1 : 0;
}

}  // namespace

FailingCalls::FailingCalls(const std::string& folder, Faults* faults) {
  const std::lock_guard<std::mutex> lock(TheWatch().mutex);
  TheWatch().folder = folder;
  TheWatch().faults = faults;
}

FailingCalls::~FailingCalls() {
  const std::lock_guard<std::mutex> lock(TheWatch().mutex);
  TheWatch().faults = nullptr;
}

}  // namespace birthseal::tests

using birthseal::tests::Passed;
using birthseal::tests::Synced;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return static_cast<int>(
      Passed("open", absl::string_view(path), SYS_openat, AT_FDCWD, path, flags, mode));
}
int mkdir(const char* path, mode_t mode) noexcept {
  return static_cast<int>(
      Passed("mkdir", absl::string_view(path), SYS_mkdirat, AT_FDCWD, path, mode));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(
      Passed("rename", absl::string_view(to), SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int unlinkat(int folder, const char* name, int flags) noexcept {
  return static_cast<int>(
      name[0] == '/'
          ? Passed("unlinkat", absl::string_view(name), SYS_unlinkat, folder, name, flags)
          : Passed("unlinkat", folder, SYS_unlinkat, folder, name, flags));
}
int fstat(int file, struct stat* facts) noexcept {
  return static_cast<int>(Passed("fstat", file, SYS_fstat, file, facts));
}
int ftruncate(int file, off_t size) noexcept {
  return static_cast<int>(Passed("ftruncate", file, SYS_ftruncate, file, size));
}
ssize_t pread(int file, void* bytes, size_t size, off_t at) {
  return Passed("pread", file, SYS_pread64, file, bytes, size, at);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return Passed("pwrite", file, SYS_pwrite64, file, bytes, size, at);
}
ssize_t write(int file, const void* bytes, size_t size) {
  return Passed("write", file, SYS_write, file, bytes, size);
}
int fsync(int file) { return Synced("fsync", SYS_fsync, file); }
int fdatasync(int file) { return Synced("fdatasync", SYS_fdatasync, file); }
int syncfs(int file) noexcept { return Synced("syncfs", SYS_syncfs, file); }

}  // extern "C"
