// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/mllp/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace birthseal::connect::mllp {
namespace {

enum class Woke { kData, kLate, kStopped };

// Waits for data on `fd` until `deadline`. What comes after it is late, even if it is there.
Woke WaitFor(int fd, int stop, Steady::time_point deadline) {
  pollfd fds[2] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    if (left.count() <= 0) return Woke::kLate;
    const int ready = poll(fds, 2, static_cast<int>(std::min<int64_t>(left.count(), 60'000)));
    if (ready < 0 && errno != EINTR) return Woke::kStopped;
    if (ready > 0) return fds[1].revents != 0 ? Woke::kStopped : Woke::kData;
  }
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

// How long the 0D after a 1C may take. Some senders never send it: they wait so long for an answer.
constexpr std::chrono::milliseconds kAfterEnd(100);

Steady::duration Of(absl::Duration duration) { return absl::ToChronoNanoseconds(duration); }

}  // namespace

Connection::Connection(Fd socket, std::string peer, int stop, const ListenerOptions& options,
                       const Handler& handler, Notices* notices)
    : peer_(std::move(peer)),
      stop_(stop),
      options_(options),
      handler_(handler),
      notices_(notices),
      last_message_(Steady::now()),
      socket_(std::move(socket)) {
  standing_.quiet_since = last_message_;
  thread_ = std::thread([this] {
    Serve();
    std::lock_guard<std::mutex> lock(mutex_);
    socket_.Close();
    standing_.ended = true;
  });
}

Connection::~Connection() { thread_.join(); }

Connection::Standing Connection::Now() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return standing_;
}

void Connection::Leave() {
  std::lock_guard<std::mutex> lock(mutex_);
  standing_.leaving = true;
  if (socket_.get() >= 0) shutdown(socket_.get(), SHUT_RD);  // wakes the thread
}

void Connection::Set(const std::function<void(Standing*)>& change) {
  std::lock_guard<std::mutex> lock(mutex_);
  change(&standing_);
}

void Connection::Serve() {
  int one = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  timeval send_limit{30, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
  char buffer[64 * 1024];
  while (true) {
    const Steady::time_point deadline =
        frame_began_ ? *frame_began_ + Of(options_.frame) : last_message_ + Of(options_.idle);
    const Woke woke = WaitFor(socket_.get(), stop_, deadline);
    if (woke == Woke::kLate) WriteWhyLate();
    if (woke != Woke::kData) return;
    const ssize_t got = recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {  // it may still read the answer to its last message
      deframer_.EndHere();
      HandleWhole();
      return;
    }
    if (!Take({buffer, static_cast<size_t>(got)})) return;
  }
}

// False when the connection ends.
bool Connection::Take(absl::string_view bytes) {
  const bool fits = deframer_.Add(bytes);
  if (const size_t lost = deframer_.TakeAbandoned(); lost > 0) {
    notices_->Write(Notice::kBegunAnew,
                    absl::StrCat("a frame was begun anew; the ", lost,
                                 " bytes before are dropped, what follows is answered alone"));
  }
  if (const size_t junk = deframer_.TakeJunk(); junk > 0) {
    notices_->Write(Notice::kJunk, absl::StrCat(junk, " bytes between frames are dropped"));
  }
  if (!fits) {
    notices_->Write(Notice::kUnfinished, "closed a connection: its frame outgrew 1 MiB");
    return false;
  }
  if (deframer_.AtEnd() &&
      WaitFor(socket_.get(), stop_, Steady::now() + kAfterEnd) == Woke::kLate) {
    deframer_.EndHere();
  }
  const bool whole = deframer_.HasWhole();
  if (!HandleWhole()) return false;
  if (!deframer_.InFrame()) {
    frame_began_.reset();
  } else if (whole || !frame_began_) {
    frame_began_ = Steady::now();
    Set([this](Standing* s) {
      if (s->spoke) s->quiet_since = *frame_began_;
    });
  }
  return true;
}

// False when the connection ends.
bool Connection::HandleWhole() {
  while (const std::optional<std::string> message = deframer_.Next()) {
    if (!HandleOne(*message)) return false;
  }
  return true;
}

bool Connection::HandleOne(const std::string& message) {
  Set([](Standing* s) { s->busy = true; });
  const Reply reply = handler_(message);
  last_message_ = Steady::now();
  // Before the answer is sent, so that whoever has read it finds the connection as it will be.
  // Leave does not stop what is being sent.
  Set([&](Standing* s) {
    s->busy = false;
    s->spoke |= reply.understood;
    if (reply.understood) s->quiet_since = last_message_;
  });
  if (reply.close) {
    notices_->Write(
        Notice::kService,
        absl::StrCat("service_unreachable ", reply.trouble,
                     ": closed a connection without an answer, its sender sends again"));
    return false;
  }
  return reply.answer.empty() || SendAll(socket_.get(), Frame(reply.answer));
}

void Connection::WriteWhyLate() {
  if (frame_began_) {
    notices_->Write(Notice::kUnfinished,
                    absl::StrCat("closed a connection: its frame did not end within ",
                                 absl::FormatDuration(options_.frame)));
  } else {
    notices_->Write(Notice::kIdle,
                    absl::StrCat("closed a connection: no message for ",
                                 absl::FormatDuration(options_.idle), " (idle_seconds)"));
  }
}

}  // namespace birthseal::connect::mllp
