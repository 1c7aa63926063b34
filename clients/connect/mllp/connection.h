// SPDX-License-Identifier: Apache-2.0
// One sender's connection: reads frames, has each message handled, answers in order, on a thread of
// its own. Ends itself when nothing whole has come for too long, or a frame does not end.
//
// Only whole messages count as a sign of life: bytes outside a frame and a frame begun again do
// not, or a peer that drips would hold its place for ever.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "clients/connect/mllp/deframer.h"
#include "clients/connect/mllp/fd.h"
#include "clients/connect/mllp/listener.h"
#include "clients/connect/mllp/notices.h"

namespace birthseal::connect::mllp {

class Connection {
 public:
  // What is given outlives the connection. `stop` becomes readable when the listener stops.
  Connection(Fd socket, std::string peer, int stop, const ListenerOptions& options,
             const Handler& handler, Notices* notices);
  ~Connection();  // waits for the thread

  struct Standing {
    bool ended = false;    // the thread has nothing left to do
    bool leaving = false;  // Leave was called
    bool busy = false;     // a message is being handled
    bool spoke = false;    // a message has come that could be read
    // Since its begin, or, if it has spoken, since its last answer or the begin of a frame.
    Steady::time_point quiet_since;
  };
  Standing Now() const;
  const std::string& peer() const { return peer_; }  // its address
  // Ends the connection from outside, after the message in hand.
  void Leave();

 private:
  void Serve();
  bool Take(absl::string_view bytes);
  bool HandleWhole();
  bool HandleOne(const std::string& message);
  void WriteWhyLate();
  void Set(const std::function<void(Standing*)>& change);

  const std::string peer_;
  const int stop_;
  const ListenerOptions& options_;
  const Handler& handler_;
  Notices* const notices_;
  // Of the thread.
  Deframer deframer_;
  Steady::time_point last_message_;
  std::optional<Steady::time_point> frame_began_;

  mutable std::mutex mutex_;
  Fd socket_;  // closed under the mutex by the thread; read by it without
  Standing standing_;
  std::thread thread_;
};

}  // namespace birthseal::connect::mllp
