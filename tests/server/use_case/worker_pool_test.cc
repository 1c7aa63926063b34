// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "gtest/gtest.h"

namespace birthseal::server {
namespace {

TEST(WorkerPoolTest, RunsEverythingThatWasTakenBeforeItStops) {
  std::atomic<int> ran{0};
  WorkerPool pool(3, 1000);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool.Post([&] { ++ran; }));
  pool.Drain();
  EXPECT_EQ(ran.load(), 500);
  EXPECT_FALSE(pool.Post([&] { ++ran; }));
}

TEST(WorkerPoolTest, RefusesWhenTheQueueIsFull) {
  std::promise<void> started, go;
  std::shared_future<void> gate = go.get_future().share();
  WorkerPool pool(1, 2);  // last: its threads still use the others when the test ends
  ASSERT_TRUE(pool.Post([&] {
    started.set_value();
    gate.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.Post([] {}));
  EXPECT_TRUE(pool.Post([] {}));
  EXPECT_FALSE(pool.Post([] {}));
  go.set_value();
}

TEST(WorkerPoolTest, NeverMoreTasksAtOnceThanThreads) {
  constexpr int kThreads = 3;
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0, most = 0, ended = 0;
  WorkerPool pool(kThreads, 1000);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(pool.Post([&] {
      std::unique_lock<std::mutex> lock(mutex);
      most = std::max(most, ++running);
      changed.notify_all();
      // The first ones wait for each other, so that all threads are seen at work.
      changed.wait(lock, [&] { return most == kThreads; });
      --running;
      ++ended;
    }));
  }
  pool.Drain();
  EXPECT_EQ(most, kThreads);
  EXPECT_EQ(ended, 100);
}

TEST(WorkerPoolTest, TasksOfAFullPoolShareWorkWithoutWaitingForEachOther) {
  WorkerPool pool(2, 1000);
  std::vector<std::future<int>> sums;
  for (int task = 0; task < 8; ++task) {
    auto result = std::make_shared<std::promise<int>>();
    sums.push_back(result->get_future());
    ASSERT_TRUE(pool.Post([&pool, result] {
      std::atomic<int> sum{0};
      pool.ForEach(100, [&](size_t i) { sum += static_cast<int>(i); });
      result->set_value(sum.load());
    }));
  }
  for (std::future<int>& sum : sums) EXPECT_EQ(sum.get(), 4950);
}

}  // namespace
}  // namespace birthseal::server
