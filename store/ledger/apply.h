// SPDX-License-Identifier: Apache-2.0
// Applies one command to a view: the rules of the registry, in one place.
//
// Pure: no threads, no clock, no randomness; the same commands over the same view give the same
// changes. A refused command leaves the view as it was, except for its audit entry, and where its
// refusal itself must be kept (a conflict of claims opens reviews). Errors: store/commands.h.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/reads/view.h"

namespace birthseal::store {

// Suspect: nothing is approved or reserved.
enum class LedgerClock { kSuspect, kTrusted };
// Closed: whether this store is the newest state of the log is not proven, and a leaf more would
// make another log of it. What needs one is refused, kUnavailable "FRESHNESS_NOT_PROVEN".
enum class LogGrowth { kClosed, kOpen };

struct ApplyContext {
  absl::Time time;              // ledger time
  absl::string_view index_key;  // for the claims made inside (C4)
  LedgerClock clock;
  LogGrowth log;
};

// Takes sealed values out of `command`: apply it once. An answer of OK holds the value that the
// command names.
AnyAnswer Apply(Command& command, LedgerView& view, const ApplyContext& context);

}  // namespace birthseal::store
