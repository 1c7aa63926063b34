// Counts the calls that make bytes durable, with the path each was for, and makes the next of them
// fail. Linking system_calls.cc puts its fsync and fdatasync before those of the C library, for the
// whole program, shared libraries included; they pass everything on. Thread-safe.
#pragma once

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
  // The calls so far, oldest first; forgets them.
  std::vector<SyncCall> Take();
  // The next call does nothing but fail with this error number.
  void FailNext(int error);
};

inline bool operator==(const SyncCall& a, const SyncCall& b) {
  return a.name == b.name && a.path == b.path;
}

}  // namespace birthseal::tests
