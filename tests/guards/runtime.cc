// SPDX-License-Identifier: Apache-2.0
#include "tests/guards/runtime.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace birthseal::guards {
namespace {

using Byte = std::atomic<uint8_t>;
static_assert(sizeof(Byte) == 1 && Byte::is_always_lock_free);

struct Table {
  Byte* bytes = nullptr;
  uint32_t size = 0;
  uint32_t removed = 0;  // none has the number 0
};

Table Open() {
  Table table;
  if (const char* removed = std::getenv("BIRTHSEAL_GUARD_OFF")) {
    table.removed = static_cast<uint32_t>(std::strtoul(removed, nullptr, 10));
  }
  const char* path = std::getenv("BIRTHSEAL_GUARD_TABLE");
  if (path == nullptr) return table;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  struct stat info {};
  if (file < 0 || fstat(file, &info) != 0)
    std::abort();  // what is not recorded would look unreached
  const auto size = static_cast<size_t>(info.st_size);
  void* bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (bytes == MAP_FAILED) std::abort();
  table.bytes = static_cast<Byte*>(bytes);
  table.size = static_cast<uint32_t>(size);
  return table;
}

}  // namespace

bool Fires(uint32_t id, bool bad) noexcept {
  static const Table table = Open();
  if (id < table.size) {
    const uint8_t seen = bad ? kReached | kFired : kReached;
    Byte& byte = table.bytes[id];
    if ((byte.load(std::memory_order_relaxed) & seen) != seen) {
      byte.fetch_or(seen, std::memory_order_relaxed);
    }
  }
  return bad && id != table.removed;
}

}  // namespace birthseal::guards
