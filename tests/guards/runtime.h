// SPDX-License-Identifier: Apache-2.0
// What the instrumented copy of the sources calls at each guard. Never part of the product.
//
// Environment: BIRTHSEAL_GUARD_OFF is the number of the guard that is removed;
// BIRTHSEAL_GUARD_TABLE a file with one byte for each guard, mapped by the test and by every
// process it starts, so that even a process that is killed has told what it reached. Thread-safe.
#pragma once

#include <cstdint>

namespace birthseal::guards {

constexpr uint8_t kReached = 1, kFired = 2;

// `bad`, or false when this guard is removed.
bool Fires(uint32_t id, bool bad) noexcept;
// `good`, or true when this guard is removed.
inline bool Holds(uint32_t id, bool good) noexcept { return !Fires(id, !good); }

}  // namespace birthseal::guards

// RETURN_IF_ERROR of certs/status_macros.h: removed, the expression is evaluated and its error
// lost.
#define GUARDED_RETURN_IF_ERROR(id, ...)                                                     \
  do {                                                                                       \
    if (absl::Status _status = (__VA_ARGS__); ::birthseal::guards::Fires(id, !_status.ok())) \
      return _status;                                                                        \
  } while (false)
