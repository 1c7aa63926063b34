// SPDX-License-Identifier: Apache-2.0
// A port of the ledger: the commands that one room of the server may give, and no other. A command
// that the port does not name does not compile.
//
// Only the wiring sees the Ledger and makes ports of it; who holds a port cannot come to the ledger
// behind it, nor to another port. Errors and durability: store/ledger/ledger.h.
// Thread-safe; copied by value. The ledger outlives every port.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/durable_root.h"

namespace birthseal::store {

class Ledger;  // never its header: a room includes this file

// The way in of one kind of command; defined for every one (ledger_port.cc).
template <class C>
class LedgerEntry {
 public:
  explicit LedgerEntry(Ledger& ledger) : ledger_(&ledger) {}
  // Blocks until durable.
  absl::StatusOr<typename C::Answer> Call(C command) const;
  // One answer for each command, in order; commands of one call may fall into several batches.
  std::vector<absl::StatusOr<typename C::Answer>> CallAll(std::vector<C> commands) const;
  // Answers later, on the ledger's answer thread: keep `done` short.
  void Submit(C command, std::function<void(absl::StatusOr<typename C::Answer>)> done) const;

 private:
  Ledger* ledger_;
};

// Where the log stands.
class LedgerHead {
 public:
  explicit LedgerHead(const Ledger& ledger) : ledger_(&ledger) {}
  // The newest durable root.
  DurableRoot Head() const;

 private:
  const Ledger* ledger_;
};

template <class... Commands>
class LedgerPort : private LedgerEntry<Commands>..., private LedgerHead {
 public:
  explicit LedgerPort(Ledger& ledger) : LedgerEntry<Commands>(ledger)..., LedgerHead(ledger) {}

  using LedgerEntry<Commands>::Call...;
  using LedgerEntry<Commands>::CallAll...;
  using LedgerEntry<Commands>::Submit...;
  using LedgerHead::Head;
};

}  // namespace birthseal::store
