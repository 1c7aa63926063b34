// SPDX-License-Identifier: Apache-2.0
// What every use case stands on, whatever its room. Each room adds its own keys (feed/feed_room.h,
// issuing/issuing_room.h, reading/reading_room.h, admin/admin_room.h); server/house.h furnishes
// them.
//
// A use case is a free function of a room, of the Caller where the right depends on it, and of its
// input. It may wait for the ledger, so call it from a worker thread, never from a network thread
// (GetStatus alone may run anywhere). Thread-safe: all of them. Every reference outlives the last
// call.
//
// Errors of every use case carry a reason code (certs/errors.h) and no personal data. Those of the
// ledger (kUnavailable, kResourceExhausted, kAborted) pass through, but where a use case asks again
// or says another word for them.
#pragma once

#include "certs/clock.h"
#include "server/access/caller.h"
#include "store/reads/registry.h"

namespace birthseal::server {

class AccessBook;

struct Basis {
  const store::Registry& registry;
  const certs::Clock& clock;
  AccessBook& accesses;  // who has read what
};

}  // namespace birthseal::server
