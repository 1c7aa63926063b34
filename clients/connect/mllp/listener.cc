// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/mllp/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "clients/connect/mllp/connection.h"
#include "clients/connect/mllp/fd.h"

namespace birthseal::connect::mllp {
namespace {

constexpr int kLeastPerPeer = 4;
constexpr int kPauseMillis = 100;

// A connection waits, and there is no descriptor or memory for it.
bool WantsRoom(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::string AddressOf(const sockaddr_in& peer) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
  return text;
}

absl::Status Unavailable(absl::string_view doing, const ListenerOptions& options) {
  return certs::Error(absl::StatusCode::kUnavailable, "MLLP_BIND",
                      absl::StrCat("cannot ", doing, " ", options.address, ":", options.port, ": ",
                                   std::strerror(errno)));
}

}  // namespace

struct Listener::State {
  ListenerOptions options;
  Handler handler;
  Fd listening, stop_event;
  uint16_t port;
  Notices notices;
  std::thread acceptor;
  std::list<Connection> connections;  // touched by the acceptor only, until it has ended

  State(ListenerOptions o, Handler h, Fd l, Fd s, uint16_t bound)
      : options(std::move(o)),
        handler(std::move(h)),
        listening(std::move(l)),
        stop_event(std::move(s)),
        port(bound),
        notices(absl::StrCat("MLLP ", options.address, ":", port), options.log) {}

  // Waits for a new connection; false when the listener stops or gives up.
  bool Wait() {
    pollfd fds[2] = {{listening.get(), POLLIN, 0}, {stop_event.get(), POLLIN, 0}};
    while (poll(fds, 2, -1) < 0) {
      if (errno != EINTR) {
        GiveUp(errno);
        return false;
      }
    }
    return fds[1].revents == 0;
  }

  // An open port that nobody looks at would leave senders waiting for answers, and nobody told.
  void GiveUp(int error) {
    listening.Close();
    notices.Write(Notice::kDeaf, absl::StrCat("cannot wait for connections: ", std::strerror(error),
                                              ": closed the port"));
    if (options.gave_up) options.gave_up();
  }

  // Of a connection that cannot be taken now: it stays where it is, and would be offered again at
  // once.
  void TellAndPause(int error) {
    notices.Write(Notice::kDeaf, absl::StrCat("cannot take a connection: ", std::strerror(error),
                                              ": tries again"));
    pollfd stop{stop_event.get(), POLLIN, 0};
    poll(&stop, 1, kPauseMillis);
  }

  void AcceptLoop() {
    while (Wait()) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      Fd fd(accept4(listening.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC));
      const int error = errno;
      connections.remove_if([](const Connection& c) { return c.Now().ended; });
      if (fd.get() < 0) {
        if (WantsRoom(error)) TellAndPause(error);
        continue;
      }
      const std::string peer = AddressOf(from);
      if (!RoomFor(peer)) continue;  // closing at once makes the sender try again
      connections.emplace_back(std::move(fd), peer, stop_event.get(), options, handler, &notices);
    }
    connections.clear();
  }

  // Those of `peer` that stay; of everyone when it is empty.
  int Taken(absl::string_view peer) const {
    return static_cast<int>(
        std::count_if(connections.begin(), connections.end(), [peer](const Connection& c) {
          return !c.Now().leaving && (peer.empty() || c.peer() == peer);
        }));
  }

  bool RoomFor(const std::string& peer) {
    const int most = options.max_connections;
    const int of_peer =
        options.max_connections_per_peer.value_or(std::max(kLeastPerPeer, most / 4));
    if (of_peer > 0 && Taken(peer) >= of_peer &&
        !MakeRoom(peer, absl::StrCat("all ", of_peer, " connections of ", peer,
                                     " taken (max_connections_per_peer)"))) {
      return false;
    }
    return Taken("") < most || MakeRoom("", absl::StrCat("all ", most, " connections taken"));
  }

  // Quiet connections are what a port dies of, whether a sender leaks them or someone holds them on
  // purpose. One of them or the new one must go, among those of `peer` if it is not empty: one that
  // has never sent a message that could be read goes at once, the oldest first, since its sender
  // loses nothing; one that has spoken only after a while, or two senders would push each other out
  // between message and answer.
  bool MakeRoom(absl::string_view peer, const std::string& full) {
    const auto long_ago = Steady::now() - absl::ToChronoNanoseconds(options.spare);
    Connection* victim = nullptr;
    std::pair<bool, Steady::time_point> of_victim;
    for (Connection& connection : connections) {
      if (!peer.empty() && connection.peer() != peer) continue;
      const Connection::Standing now = connection.Now();
      if (now.leaving || now.busy || (now.spoke && now.quiet_since > long_ago)) continue;
      const std::pair<bool, Steady::time_point> rank{now.spoke, now.quiet_since};
      if (victim != nullptr && of_victim <= rank) continue;
      victim = &connection;
      of_victim = rank;
    }
    if (victim == nullptr) {
      notices.Write(Notice::kRefused, full + " and none quiet for long: refused a new one");
      return false;
    }
    notices.Write(Notice::kMadeRoom, full + ": closed the longest quiet one for a new one");
    victim->Leave();
    return true;
  }
};

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(ListenerOptions options,
                                                          Handler handler) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return Unavailable("open a socket for", options);
  int one = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) {
    errno = EINVAL;
    return Unavailable("read address", options);
  }
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), generic, size) != 0 || listen(fd.get(), 64) != 0 ||
      getsockname(fd.get(), generic, &size) != 0) {
    return Unavailable("listen on", options);
  }
  Fd stop(eventfd(0, EFD_CLOEXEC));
  if (stop.get() < 0) return Unavailable("make a stop event for", options);
  auto state = std::make_unique<State>(std::move(options), std::move(handler), std::move(fd),
                                       std::move(stop), ntohs(address.sin_port));
  state->acceptor = std::thread([s = state.get()] { s->AcceptLoop(); });
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() {
  const uint64_t one = 1;
  // An eventfd that nobody drains stays readable: every waiting thread sees it.
  if (write(state_->stop_event.get(), &one, sizeof one) < 0) std::abort();
  state_->acceptor.join();
}

uint16_t Listener::port() const { return state_->port; }

}  // namespace birthseal::connect::mllp
