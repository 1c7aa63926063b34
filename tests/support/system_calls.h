// SPDX-License-Identifier: Apache-2.0
// Counts the calls that make bytes durable, with the path each was for, and makes calls fail:
// those, and a few that are hard to let fail otherwise. Linking system_calls.cc puts its functions
// before those of the C library, for the whole program, shared libraries included; they pass
// everything on. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace birthseal::tests {

struct SyncCall {
  std::string name;  // "fsync" or "fdatasync"
  std::string path;  // of the open file
};

class SyncCalls {
 public:
  SyncCalls();  // from now on; one at a time
  ~SyncCalls();
  SyncCalls(const SyncCalls&) = delete;
  SyncCalls& operator=(const SyncCalls&) = delete;
  // The calls that sync so far, oldest first; forgets them.
  std::vector<SyncCall> Take();
  // The next call that syncs does nothing but fail with this error number.
  void FailNext(int error) { FailAfter(0, error); }
  // The one behind `good` more of them. `name`: not a sync but a call of "fstat", "open", "pwrite",
  // "rename" or "unlinkat".
  void FailAfter(int good, int error, const std::string& name = "");
  // No call fails any more. False: none has.
  bool Stop();
  // Done once, before the next call that syncs.
  void BeforeNext(std::function<void()> act);
};

inline bool operator==(const SyncCall& a, const SyncCall& b) {
  return a.name == b.name && a.path == b.path;
}

}  // namespace birthseal::tests
