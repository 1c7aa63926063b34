// SPDX-License-Identifier: Apache-2.0
// A command of each kind, whatever it says. Thread-safe: pure.
#pragma once

#include "store/commands.h"
#include "store/keys.h"

namespace birthseal::tests {

template <class C>
C Some() {
  return C();
}
template <>
inline store::CommitIssue Some() {
  return store::CommitIssue(store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(0)));
}
template <>
inline store::CancelReservation Some() {
  return {"", "", "", "", {}, store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(0)), ""};
}

}  // namespace birthseal::tests
