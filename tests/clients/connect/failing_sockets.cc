// SPDX-License-Identifier: Apache-2.0
#include "tests/clients/connect/failing_sockets.h"

#include <poll.h>
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
int Passed(const absl::Status& fault, long number, Arguments... arguments) {
  if (fault.ok()) return static_cast<int>(syscall(number, arguments...));
  errno = ENOBUFS;
  return -1;
}

absl::Status Next(const char* name) {
  Faults* const faults = the_faults;
  return faults == nullptr ? absl::OkStatus() : faults->Next(name);
}

// Of what the threads of a listener call.
absl::Status NextAside(const char* name) {
  Faults* const faults = the_faults;
  return faults == nullptr ? absl::OkStatus() : faults->NextAside(name);
}

}  // namespace

FailingSockets::FailingSockets(Faults* faults) { the_faults = faults; }
FailingSockets::~FailingSockets() { the_faults = nullptr; }

}  // namespace birthseal::tests

using birthseal::tests::Next;
using birthseal::tests::NextAside;
using birthseal::tests::Passed;

extern "C" {

int socket(int family, int type, int protocol) noexcept {
  return Passed(Next("socket"), SYS_socket, family, type, protocol);
}
int bind(int file, const sockaddr* address, socklen_t size) noexcept {
  return Passed(Next("bind"), SYS_bind, file, address, size);
}
int listen(int file, int waiting) noexcept {
  return Passed(Next("listen"), SYS_listen, file, waiting);
}
int getsockname(int file, sockaddr* address, socklen_t* size) noexcept {
  return Passed(Next("getsockname"), SYS_getsockname, file, address, size);
}
int eventfd(unsigned count, int flags) noexcept {
  return Passed(Next("eventfd"), SYS_eventfd2, count, flags);
}
int poll(pollfd* files, nfds_t count, int timeout) {
  return Passed(NextAside("poll"), SYS_poll, files, count, timeout);
}
int accept4(int file, sockaddr* address, socklen_t* size, int flags) {
  return Passed(NextAside("accept4"), SYS_accept4, file, address, size, flags);
}

}  // extern "C"
