// SPDX-License-Identifier: Apache-2.0
// Accepts MLLP connections and answers each message, in order, one answer a message.
//
// One thread a connection: a hospital has a few long-lived ones, and MLLP is strictly request and
// answer. Connections are bounded in number and in idleness; when all places are taken, one that
// has long been quiet makes room, so that idle connections never shut the port. MLLP has no
// security of its own: bind to loopback or the site's network and put TLS with client certificates
// in front (deploy/README.md, "MLLP").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/connect/mllp/notices.h"

namespace birthseal::connect::mllp {

struct ListenerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: a free one
  int max_connections = 64;
  // Of one address. None given: a quarter of max_connections, at least 4. 0: no limit of its own.
  std::optional<int> max_connections_per_peer;
  // A connection without a whole message for so long is closed. An hour: engines keep connections
  // through quiet nights, and firewalls on the way drop what is idle for longer anyway.
  absl::Duration idle = absl::Hours(1);
  absl::Duration frame = absl::Minutes(1);  // from the first byte of a frame to its last
  // When all places are taken, the longest quiet connection is closed in favour of a new one: first
  // those that have never sent a message that could be read, then those quiet for so long.
  absl::Duration spare = absl::Seconds(5);
  Notices::Sink log;  // empty: none
  // Called once, from a thread of the listener, when it takes no more connections because the
  // system will not let it wait for them: its port is closed then, which every sender notices. Ask
  // for a new start. Empty: none.
  std::function<void()> gave_up;
};

// What to do with one message. Called from connection threads.
struct Reply {
  bool close = false;  // our own trouble: no answer, the sender keeps the message and sends again
  std::string answer;  // empty: nothing is sent (ACKs, and senders that want no answer)
  std::string trouble{};   // with `close`: what kept the service from taking it, as a status code
  bool understood = true;  // its header was read and is served here: the sender has spoken
};
using Handler = std::function<Reply(const std::string& message)>;

class Listener {
 public:
  // Errors: kUnavailable the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(ListenerOptions options, Handler handler);
  // Closes every connection after the message in hand and joins its threads.
  ~Listener();
  uint16_t port() const;

 private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::connect::mllp
