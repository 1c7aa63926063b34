// SPDX-License-Identifier: Apache-2.0
// A fixed number of threads over one bounded queue.
//
// Thread-safe. A task may post others, and may share its own work with ForEach; it must not wait
// for a task that is still queued. Tasks do not throw.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace birthseal::server {

class WorkerPool {
 public:
  // `threads` 0: one for each core.
  WorkerPool(size_t threads, size_t queue_limit);
  // Drains.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full or the pool drains: the caller answers RESOURCE_EXHAUSTED or
  // UNAVAILABLE; the task has not run and will not.
  bool Post(std::function<void()> task);
  // Takes nothing new, runs what is queued, joins the threads. Idempotent; not from a task.
  void Drain();
  bool draining() const;
  size_t queued() const;
  size_t threads() const { return threads_.size(); }

  // Calls `work` for 0 .. count-1, each once, on this thread and on idle workers; returns when all
  // are done. Never waits for a queued task, so that a task of the pool may call it.
  void ForEach(size_t count, const std::function<void(size_t)>& work);

 private:
  void Run();
  const size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;  // under mutex_
  bool draining_ = false;                    // under mutex_
  std::vector<std::thread> threads_;         // constructor and Drain only
  std::mutex join_mutex_;
};

}  // namespace birthseal::server
