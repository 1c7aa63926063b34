#include "tests/support/system_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <utility>

namespace birthseal::tests {
namespace {

struct Record {
  std::mutex mutex;
  bool on = false;
  int fail_next = 0;
  std::vector<SyncCall> calls;
};

Record& TheRecord() {
  static auto* const record = new Record;
  return *record;
}

int Called(const char* name, long number, int file) {
  {
    Record& record = TheRecord();
    const std::lock_guard<std::mutex> lock(record.mutex);
    if (record.on) {
      std::error_code ignored;
      const auto link = "/proc/self/fd/" + std::to_string(file);
      record.calls.push_back({name, std::filesystem::read_symlink(link, ignored).string()});
      if (const int error = std::exchange(record.fail_next, 0); error != 0) {
        errno = error;
        return -1;
      }
    }
  }
  return static_cast<int>(syscall(number, file));
}

}  // namespace

SyncCalls::SyncCalls() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().on = true;
  TheRecord().fail_next = 0;
  TheRecord().calls.clear();
}

SyncCalls::~SyncCalls() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().on = false;
}

std::vector<SyncCall> SyncCalls::Take() {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  return std::exchange(TheRecord().calls, {});
}

void SyncCalls::FailNext(int error) {
  const std::lock_guard<std::mutex> lock(TheRecord().mutex);
  TheRecord().fail_next = error;
}

}  // namespace birthseal::tests

extern "C" int fsync(int file) { return birthseal::tests::Called("fsync", SYS_fsync, file); }
extern "C" int fdatasync(int file) {
  return birthseal::tests::Called("fdatasync", SYS_fdatasync, file);
}
