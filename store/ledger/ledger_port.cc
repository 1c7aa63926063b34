// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/ledger_port.h"

#include <utility>

#include "store/ledger/ledger.h"

namespace birthseal::store {

template <class C>
absl::StatusOr<typename C::Answer> LedgerEntry<C>::Call(C command) const {
  return ledger_->Call(std::move(command));
}

template <class C>
std::vector<absl::StatusOr<typename C::Answer>> LedgerEntry<C>::CallAll(
    std::vector<C> commands) const {
  return ledger_->CallAll(std::move(commands));
}

template <class C>
void LedgerEntry<C>::Submit(C command,
                            std::function<void(absl::StatusOr<typename C::Answer>)> done) const {
  ledger_->Submit(std::move(command), std::move(done));
}

DurableRoot LedgerHead::Head() const { return ledger_->Head(); }

// In the order of the variant.
template class LedgerEntry<AcceptDelivery>;
template class LedgerEntry<ResolveReview>;
template class LedgerEntry<SubmitApplication>;
template class LedgerEntry<Approve>;
template class LedgerEntry<Misprint>;
template class LedgerEntry<Withdraw>;
template class LedgerEntry<Reserve>;
template class LedgerEntry<CommitIssue>;
template class LedgerEntry<CancelReservation>;
template class LedgerEntry<Revoke>;
template class LedgerEntry<PutInstitution>;
template class LedgerEntry<PutClient>;
template class LedgerEntry<PutOperator>;
template class LedgerEntry<PutSeal>;
template class LedgerEntry<ReceiveStock>;
template class LedgerEntry<Access>;
template class LedgerEntry<StoreReceipts>;
template class LedgerEntry<AnnounceProfile>;
template class LedgerEntry<RecoverLeaves>;
template class LedgerEntry<OpenEpoch>;
template class LedgerEntry<ConfirmStock>;

}  // namespace birthseal::store
