// SPDX-License-Identifier: Apache-2.0
// The keys of administration: registers, stock and backups.
// Nothing here approves, seals or voids.
#pragma once

#include "server/use_case/basis.h"
#include "server/use_case/operators.h"
#include "server/use_case/profile_set.h"
#include "signer/sealing/seal_check.h"
#include "store/ledger/ledger_port.h"

namespace birthseal::server {

class BackupPlace;

using AdminLedger = store::LedgerPort<store::PutInstitution, store::PutClient, store::PutOperator,
                                      store::PutSeal, store::ReceiveStock>;

struct AdminRoom : Basis {
  AdminLedger ledger;
  OperatorChanges operators;  // forgets whom an act changes
  const ProfileSet& profiles;
  const signer::SealCheck& seal_check;  // a seal is put in use only if it is there and opens
  const BackupPlace* backups;           // null: none
};

}  // namespace birthseal::server
