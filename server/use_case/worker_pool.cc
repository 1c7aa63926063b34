// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

namespace birthseal::server {
namespace {

// One ForEach: helpers that start late find nothing left and touch nothing else.
struct Share {
  explicit Share(size_t n, const std::function<void(size_t)>* w) : count(n), work(w) {}
  const size_t count;
  const std::function<void(size_t)>* const work;  // alive while an index is left
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable all_done;
  size_t done = 0;  // under mutex

  void TakePart() {
    size_t finished = 0;
    for (size_t i = next++; i < count; i = next++) {
      (*work)(i);
      ++finished;
    }
    if (finished == 0) return;
    const std::lock_guard<std::mutex> lock(mutex);
    done += finished;
    if (done == count) all_done.notify_all();
  }
};

}  // namespace

WorkerPool::WorkerPool(size_t threads, size_t queue_limit) : queue_limit_(queue_limit) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() { Drain(); }

bool WorkerPool::Post(std::function<void()> task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (draining_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::Drain() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
  const std::lock_guard<std::mutex> lock(join_mutex_);
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool WorkerPool::draining() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return draining_;
}

size_t WorkerPool::queued() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.size();
}

void WorkerPool::Run() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return draining_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

void WorkerPool::ForEach(size_t count, const std::function<void(size_t)>& work) {
  if (count == 0) return;
  const auto share = std::make_shared<Share>(count, &work);
  const size_t helpers = std::min(count - 1, threads_.size());
  for (size_t i = 0; i < helpers; ++i) {
    if (!Post([share] { share->TakePart(); })) break;
  }
  share->TakePart();
  std::unique_lock<std::mutex> lock(share->mutex);
  share->all_done.wait(lock, [&share] { return share->done == share->count; });
}

}  // namespace birthseal::server
