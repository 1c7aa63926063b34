// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/command_queue.h"

#include <algorithm>
#include <utility>

namespace birthseal::store {
namespace {

constexpr size_t kHeads = 1024;  // heads, indexes, audit

struct SizeVisitor {
  size_t operator()(const AcceptDelivery& c) const {
    return c.sealed_body.size() + c.sealed_raw.size();
  }
  size_t operator()(const ResolveReview& c) const { return c.sealed_body.size(); }
  size_t operator()(const SubmitApplication& c) const { return c.sealed_body.size(); }
  size_t operator()(const CommitIssue& c) const {
    size_t size = c.sealed_recipe.size();
    for (const auto& constant : c.constants) size += constant.second.size();
    return size;
  }
  size_t operator()(const StoreReceipts& c) const {
    size_t size = c.checkpoint.size();
    for (const StoreReceipts::Item& item : c.items) size += item.map_proof.size();
    return size;
  }
  template <typename Other>
  size_t operator()(const Other&) const {
    return 0;
  }
};

}  // namespace

size_t SizeOf(const Command& command) { return kHeads + std::visit(SizeVisitor(), command); }

bool CommandQueue::Add(QueuedCommand& item) {
  const Lane lane = LaneOf(item.command);
  std::deque<QueuedCommand>& queue = lanes_[static_cast<size_t>(lane)];
  if (lane != Lane::kFinishing && queue.size() >= limit_) return false;
  queue.push_back(std::move(item));
  return true;
}

std::vector<QueuedCommand> CommandQueue::Take(size_t max_commands, size_t max_bytes) {
  std::vector<QueuedCommand> batch;
  size_t bytes = 0;
  for (std::deque<QueuedCommand>& queue : lanes_) {
    while (!queue.empty() && batch.size() < max_commands) {
      const size_t size = SizeOf(queue.front().command);
      if (!batch.empty() && size > max_bytes - bytes) return batch;
      bytes += std::min(size, max_bytes - bytes);
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  return batch;
}

bool CommandQueue::empty() const {
  for (const std::deque<QueuedCommand>& queue : lanes_) {
    if (!queue.empty()) return false;
  }
  return true;
}

}  // namespace birthseal::store
