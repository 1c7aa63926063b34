#include "clients/connect/mllp/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "clients/connect/mllp/deframer.h"

namespace birthseal::connect::mllp {
namespace {

// A file descriptor with an owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&&) = delete;
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status Unavailable(absl::string_view doing, const ListenerOptions& options) {
  return certs::Error(absl::StatusCode::kUnavailable, "MLLP_BIND",
                      absl::StrCat("cannot ", doing, " ", options.address, ":", options.port, ": ",
                                   std::strerror(errno)));
}

bool SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

struct Listener::State {
  struct Connection {
    std::thread thread;
    std::atomic<bool> done{false};
  };

  ListenerOptions options;
  Handler handler;
  Fd listening, stop_event;
  uint16_t port = 0;
  std::thread acceptor;
  std::list<Connection> connections;  // touched by the acceptor only, until it has ended

  State(ListenerOptions o, Handler h, Fd l, Fd s)
      : options(std::move(o)),
        handler(std::move(h)),
        listening(std::move(l)),
        stop_event(std::move(s)) {}

  // Waits for data on `fd`; false when the listener stops or the wait fails.
  bool Wait(int fd) const {
    pollfd fds[2] = {{fd, POLLIN, 0}, {stop_event.get(), POLLIN, 0}};
    while (poll(fds, 2, -1) < 0) {
      if (errno != EINTR) return false;
    }
    return fds[1].revents == 0;
  }

  void AcceptLoop() {
    while (Wait(listening.get())) {
      Fd fd(accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
      connections.remove_if([](Connection& c) {
        if (c.done) c.thread.join();
        return c.done.load();
      });
      const bool full = connections.size() >= static_cast<size_t>(options.max_connections);
      if (fd.get() < 0 || full) continue;  // closing at once makes the sender try again
      Connection& connection = connections.emplace_back();
      connection.thread = std::thread([this, &connection, fd = std::move(fd)] {
        Serve(fd.get());
        connection.done = true;
      });
    }
    for (Connection& c : connections) c.thread.join();
  }

  void Serve(int fd) const {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    timeval send_limit{30, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
    Deframer deframer;
    char buffer[64 * 1024];
    while (Wait(fd)) {
      ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || !deframer.Add({buffer, static_cast<size_t>(got)})) return;
      std::string message;
      while (deframer.Next(&message)) {
        Reply reply = handler(message);
        if (reply.close) return;
        if (!reply.answer.empty() && !SendAll(fd, Frame(reply.answer))) return;
      }
    }
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
                                       std::move(stop));
  state->port = ntohs(address.sin_port);
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
