// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program (LD_PRELOAD): its wall clock stands aside by the seconds that the first
// eight bytes of the file SHIFTED_CLOCK hold, as a number of this machine, at each moment. The
// monotonic clock goes on as it does.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

const volatile int64_t* MapShift() {
  const char* path = std::getenv("SHIFTED_CLOCK");
  const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* const mapped =
      fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (fd >= 0) close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<const volatile int64_t*>(mapped);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const volatile int64_t* const shift = MapShift();
  const int result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (result == 0 && clock == CLOCK_REALTIME && shift != nullptr) now->tv_sec += *shift;
  return result;
}
