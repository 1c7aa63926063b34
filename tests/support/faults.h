// SPDX-License-Identifier: Apache-2.0
// One call after the other fails: the first, then the second, until there is none left to fail.
//
// The method of SQLite's tests for want of memory and broken disks: whatever an act asks of what
// lies below it may fail, and the failure must come out of the act. A test names the act once and
// every call that it makes is tried. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/errors.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline constexpr char kInjected[] = "INJECTED_FAULT";

class Faults {
 public:
  // From now on `good` calls succeed and the one after them fails; no other.
  void FailAfter(int good) {
    const std::lock_guard<std::mutex> lock(mutex_);
    left_ = good;
    struck_.clear();
  }
  // From now on every call of this name fails.
  void FailEach(std::string call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    each_ = std::move(call);
    struck_.clear();
  }
  // No call fails any more. Gives the call that failed; empty: none did.
  std::string Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    left_ = -1;
    each_.clear();
    return struck_;
  }
  // What fails asks here at each call, and says which it is.
  absl::Status Next(absl::string_view call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (call != each_ && (left_ < 0 || left_-- > 0)) return absl::OkStatus();
    return Struck(call);
  }
  // The same of a call that comes when it pleases, on another thread: it has no turn, and fails
  // with FailEach alone.
  absl::Status NextAside(absl::string_view call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return call == each_ ? Struck(call) : absl::OkStatus();
  }

 private:
  absl::Status Struck(absl::string_view call) {
    struck_ = std::string(call);
    return certs::Error(absl::StatusCode::kInternal, kInjected, struck_);
  }

  std::mutex mutex_;
  int left_ = -1;  // good calls before the one that fails; below zero: none fails
  std::string each_;
  std::string struck_;
};

// `act` gives a status. It is done again and again, each time with the next of its calls failing,
// and must then give just that failure, or the one named; at last it succeeds. What it changes, it
// changes with its last call only, or `act` itself begins anew each time.
template <typename Act>
void ExpectEveryFaultComesOut(Faults* faults, const Act& act,
                              absl::StatusCode code = absl::StatusCode::kInternal,
                              const char* reason = kInjected) {
  constexpr int kTooMany = 10'000;
  for (int good = 0; good < kTooMany; ++good) {
    faults->FailAfter(good);
    const absl::Status status = act();
    const std::string struck = faults->Stop();
    if (struck.empty()) {
      EXPECT_GT(good, 0) << "the act makes no call that could fail";
      EXPECT_OK(status);
      return;
    }
    EXPECT_THAT(status, StatusIs(code, reason)) << "call " << good << ": " << struck;
  }
  ADD_FAILURE() << "the act never ends";
}

}  // namespace birthseal::tests
