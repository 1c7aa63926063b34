// SPDX-License-Identifier: Apache-2.0
// The keys of the feed: what a hospital's message may reach. No approval, no seal, no document.
#pragma once

#include "server/use_case/basis.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/operators.h"
#include "server/use_case/worker_pool.h"
#include "store/ledger/ledger_port.h"

namespace birthseal::server {

using FeedLedger = store::LedgerPort<store::AcceptDelivery, store::ResolveReview>;

struct FeedRoom : Basis {
  FeedLedger ledger;
  const ClaimKeys& claims;
  Operators operators;  // who decides a review
  WorkerPool& workers;
};

}  // namespace birthseal::server
