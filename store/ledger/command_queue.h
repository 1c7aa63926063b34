// SPDX-License-Identifier: Apache-2.0
// Commands that wait for the ledger, in lanes of different urgency (commands.h, Lane).
//
// Belongs to one thread at a time; the ledger locks.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "store/answers.h"
#include "store/commands.h"

namespace birthseal::store {

// One Submit: its answers, complete when none is missing.
struct Submission {
  std::vector<AnyAnswer> answers;
  size_t missing = 0;
  std::function<void(std::vector<AnyAnswer>)> done;
};

struct QueuedCommand {
  Command command;
  std::shared_ptr<Submission> submission;
  size_t position = 0;
};

class CommandQueue {
 public:
  explicit CommandQueue(size_t limit_per_lane) : limit_(limit_per_lane) {}

  // False when its lane is full. Finishing always has room.
  [[nodiscard]] bool Add(QueuedCommand& item);
  // The next batch: most urgent lane first, up to the caps; one command at least.
  std::vector<QueuedCommand> Take(size_t max_commands, size_t max_bytes);
  std::vector<QueuedCommand> TakeAll() { return Take(SIZE_MAX, SIZE_MAX); }
  bool empty() const;

 private:
  size_t limit_;
  std::array<std::deque<QueuedCommand>, kLanes> lanes_;
};

// What a command adds to a batch, roughly.
size_t SizeOf(const Command& command);

}  // namespace birthseal::store
