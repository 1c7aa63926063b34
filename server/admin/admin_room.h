// SPDX-License-Identifier: Apache-2.0
// The keys of administration: registers, stock and backups.
// Nothing here approves, seals or voids.
#pragma once

#include <mutex>
#include <string>

#include "server/use_case/basis.h"
#include "server/use_case/operator_directory.h"
#include "server/use_case/profile_set.h"
#include "signer/sealing/seal_check.h"
#include "store/ledger/ledger_port.h"

namespace birthseal::store {
class Engine;
}

namespace birthseal::server {

// Where CreateBackup makes its folders.
struct BackupPlace {
  const store::Engine* engine = nullptr;
  std::string directory;  // empty: none
  std::mutex running;     // one backup at a time
};

using AdminLedger = store::LedgerPort<store::PutInstitution, store::PutClient, store::PutOperator,
                                      store::PutSeal, store::ReceiveStock>;

struct AdminRoom : Basis {
  AdminLedger ledger;
  OperatorDirectory& operators;  // forgets whom an act changes
  const ProfileSet& profiles;
  const signer::SealCheck& seal_check;  // a seal is put in use only if it is there and opens
  BackupPlace* backups;                 // null: none
};

}  // namespace birthseal::server
