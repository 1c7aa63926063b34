// SPDX-License-Identifier: Apache-2.0
// MLLP framing: 0B message 1C 0D, on raw bytes (no byte of GB18030 or UTF-8 text collides).
//
// Tolerates junk before 0B, which it counts, and a 1C without the 0D after it, if the next frame
// follows or the caller says that nothing does (EndHere). Any other 1C is a byte of the message, or
// what stands before it would pass for a whole one. A 0B inside a frame begins it anew: the sender
// gave the first half up, and half a message is none. Not thread-safe: one a connection.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "certs/limits.h"

namespace birthseal::connect::mllp {

// A message in its frame is what the service takes as a raw message.
inline constexpr size_t kMaxFrameBytes = certs::kMaxRawMessage;

class Deframer {
 public:
  // Adds what was read. False when a frame outgrows the limit: close without an answer.
  bool Add(absl::string_view bytes);
  // The next whole message, if there is one.
  std::optional<std::string> Next();
  bool HasWhole() const { return !whole_.empty(); }
  // A 1C was the last byte: what follows it decides whether the frame has ended.
  bool AtEnd() const { return at_end_; }
  // Nothing follows: the frame has ended, if AtEnd.
  void EndHere();
  // A frame has begun and not ended.
  bool InFrame() const { return in_frame_; }
  // Bytes of halves that were given up since the last call.
  size_t TakeAbandoned() { return std::exchange(abandoned_, 0); }
  // Bytes between frames since the last call, line ends apart.
  size_t TakeJunk() { return std::exchange(junk_, 0); }

 private:
  bool in_frame_ = false, at_end_ = false;
  std::string frame_;
  std::deque<std::string> whole_;
  size_t abandoned_ = 0, junk_ = 0;
};

// One frame, to be written with one send: senders decode what a single read returns.
std::string Frame(absl::string_view message);

}  // namespace birthseal::connect::mllp
