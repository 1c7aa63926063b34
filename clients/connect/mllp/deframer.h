// MLLP framing: 0B message 1C 0D, on raw bytes (no byte of GB18030 or UTF-8 text collides).
//
// Tolerates junk before 0B and a 1C without the 0D after it. Not thread-safe: one a connection.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace birthseal::connect::mllp {

inline constexpr size_t kMaxFrameBytes = 1u << 20;

class Deframer {
 public:
  // Adds what was read. False when a frame outgrows the limit: close without an answer.
  bool Add(absl::string_view bytes);
  // The next whole message, or false.
  bool Next(std::string* message);

 private:
  std::string buffer_;  // starts with 0B when a frame has begun
};

// One frame, to be written with one send: senders decode what a single read returns.
std::string Frame(absl::string_view message);

}  // namespace birthseal::connect::mllp
