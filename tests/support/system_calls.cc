// SPDX-License-Identifier: Apache-2.0
#include "tests/support/system_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <filesystem>
#include <mutex>
#include <utility>

namespace birthseal::tests {
namespace {

struct Record {
  std::mutex mutex;
  bool on = false, struck = false;
  int good = -1;  // calls before the one that fails; below zero: none fails
  int error = 0;
  std::string failing;  // empty: those that sync
  std::function<void()> before_next;
  std::vector<SyncCall> calls;
};

Record& TheRecord() {
  static auto* const record = new Record;
  return *record;
}

// Whether this call is the one that fails; errno says why. Under the mutex.
bool Fails(Record& record, const std::string& name) {
  if (!record.on || record.good < 0 || record.failing != name || record.good-- > 0) return false;
  record.struck = true;
  errno = record.error;
  return true;
}

int Called(const char* name, long number, int file) {
  std::function<void()> before;
  {
    const std::lock_guard<std::mutex> lock(TheRecord().mutex);
    before = std::exchange(TheRecord().before_next, nullptr);
  }
  if (before) before();
  {
    Record& record = TheRecord();
    const std::lock_guard<std::mutex> lock(record.mutex);
    if (record.on) {
      std::error_code ignored;
      const auto link = "/proc/self/fd/" + std::to_string(file);
      record.calls.push_back({name, std::filesystem::read_symlink(link, ignored).string()});
    }
    if (Fails(record, "")) return -1;
  }
  return static_cast<int>(syscall(number, file));
}

// Whether the call of this name is the one that fails; errno says why.
bool Failed(const char* name) {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  return TheRecord().on && Fails(TheRecord(), name);
}

}  // namespace

SyncCalls::SyncCalls() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().on = true;
  TheRecord().good = -1;
  TheRecord().struck = false;
  TheRecord().calls.clear();
}

SyncCalls::~SyncCalls() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().on = false;
  TheRecord().before_next = nullptr;
}

std::vector<SyncCall> SyncCalls::Take() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  return std::exchange(TheRecord().calls, {});
}

void SyncCalls::FailAfter(int good, int error, const std::string& name) {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().good = good;
  TheRecord().error = error;
  TheRecord().failing = name;
  TheRecord().struck = false;
}

bool SyncCalls::Stop() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().good = -1;
  return TheRecord().struck;
}

void SyncCalls::BeforeNext(std::function<void()> act) {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().before_next = std::move(act);
}

}  // namespace birthseal::tests

using birthseal::tests::Called;
using birthseal::tests::Failed;

extern "C" int fsync(int file) { return Called("fsync", SYS_fsync, file); }
extern "C" int fdatasync(int file) { return Called("fdatasync", SYS_fdatasync, file); }
extern "C" int fstat(int file, struct stat* info) noexcept {
  return Failed("fstat") ? -1 : fstatat(file, "", info, AT_EMPTY_PATH);
}
extern "C" int open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  const mode_t mode = makes ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (Failed("open")) return -1;
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return Failed("pwrite") ? -1 : syscall(SYS_pwrite64, file, bytes, size, at);
}
extern "C" int rename(const char* from, const char* to) noexcept {
  if (Failed("rename")) return -1;
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
extern "C" int unlinkat(int folder, const char* path, int flags) noexcept {
  if (Failed("unlinkat")) return -1;
  return static_cast<int>(syscall(SYS_unlinkat, folder, path, flags));
}
