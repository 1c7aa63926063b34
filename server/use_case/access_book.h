// SPDX-License-Identifier: Apache-2.0
// What a reader may ask of the ledger: that an access is recorded, and where the log stands. The
// rest of the ledger's write side is out of a reader's reach.
//
// Thread-safe. Errors: those of the ledger.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/caller.h"
#include "store/ledger/ledger_port.h"

namespace birthseal::server {

using AccessLedger = store::LedgerPort<store::Access>;

class AccessBook {
 public:
  explicit AccessBook(AccessLedger ledger) : ledger_(ledger) {}
  // Every disclosing read is recorded, durably, before anything is released. `subject` is the id,
  // the status index or the map label read, as bytes; empty: it is in the cause. Errors: those of
  // the ledger; then nothing may be released.
  absl::Status Record(const Caller& caller, absl::string_view method, absl::string_view use_cause,
                      std::string subject);
  // The newest durable root.
  store::DurableRoot Head() const;

 private:
  const AccessLedger ledger_;
};

}  // namespace birthseal::server
