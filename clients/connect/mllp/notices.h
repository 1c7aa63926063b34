// SPDX-License-Identifier: Apache-2.0
// What an operator should know of a listener's connections, as lines of a log: never what they
// carried. A flood of one kind writes a few lines a minute and then says how many it left out.
//
// Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"

namespace birthseal::connect::mllp {

using Steady = std::chrono::steady_clock;

enum class Notice {
  kRefused,
  kMadeRoom,
  kIdle,
  kUnfinished,
  kBegunAnew,
  kJunk,
  kService,
  kDeaf,
  kLast = kDeaf
};

class Notices {
 public:
  using Sink = std::function<void(const std::string& line)>;
  static constexpr int kLinesAMinute = 10;  // of each kind

  // `listener` begins each line; an empty sink keeps silent.
  Notices(std::string listener, Sink sink)
      : listener_(std::move(listener)), sink_(std::move(sink)) {}
  void Write(Notice kind, absl::string_view what, Steady::time_point now = Steady::now());

 private:
  struct Minute {
    Steady::time_point began;
    int lines = 0, left_out = 0;
  };
  const std::string listener_;
  const Sink sink_;
  std::mutex mutex_;
  std::array<Minute, static_cast<size_t>(Notice::kLast) + 1> minutes_;
};

}  // namespace birthseal::connect::mllp
