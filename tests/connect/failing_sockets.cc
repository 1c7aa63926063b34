#include "tests/connect/failing_sockets.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace birthseal::tests {
namespace {

std::atomic<Faults*> the_faults{nullptr};

template <typename... Arguments>
int Passed(const char* name, long number, Arguments... arguments) {
  Faults* const faults = the_faults;
  if (faults == nullptr || faults->Next(name).ok()) {
    return static_cast<int>(syscall(number, arguments...));
  }
  errno = ENOBUFS;
  return -1;
}

}  // namespace

FailingSockets::FailingSockets(Faults* faults) { the_faults = faults; }
FailingSockets::~FailingSockets() { the_faults = nullptr; }

}  // namespace birthseal::tests

using birthseal::tests::Passed;

extern "C" {

int socket(int family, int type, int protocol) noexcept {
  return Passed("socket", SYS_socket, family, type, protocol);
}
int bind(int file, const sockaddr* address, socklen_t size) noexcept {
  return Passed("bind", SYS_bind, file, address, size);
}
int listen(int file, int waiting) noexcept { return Passed("listen", SYS_listen, file, waiting); }
int getsockname(int file, sockaddr* address, socklen_t* size) noexcept {
  return Passed("getsockname", SYS_getsockname, file, address, size);
}
int eventfd(unsigned count, int flags) noexcept {
  return Passed("eventfd", SYS_eventfd2, count, flags);
}

}  // extern "C"
