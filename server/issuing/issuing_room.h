// SPDX-License-Identifier: Apache-2.0
// The keys of issuing: the only room that can use a seal.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "certs/ofd/certificate_document.h"
#include "server/use_case/basis.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/issue_step.h"
#include "server/use_case/operators.h"
#include "server/use_case/profile_set.h"
#include "server/use_case/worker_pool.h"
#include "server/witnessing/views.h"
#include "signer/sealing/approval.h"
#include "signer/sealing/document_sealer.h"
#include "signer/verify/document_verifier.h"
#include "store/ledger/ledger_port.h"

namespace birthseal::server {

using IssuingLedger =
    store::LedgerPort<store::SubmitApplication, store::Approve, store::Misprint, store::Withdraw,
                      store::Reserve, store::CommitIssue, store::CancelReservation, store::Revoke,
                      store::ConfirmStock>;

struct IssuingRoom : Basis {
  IssuingLedger ledger;
  const ClaimKeys& claims;
  Operators operators;
  signer::ApprovalVerifier& approvals;  // whom the document sealer trusts
  WorkerPool& workers;                  // shares the work of large batches
  const ProfileSet& profiles;
  const certs::ofd::Renderer& renderer;
  const signer::DocumentSealer& sealer;      // holds the seals
  const signer::DocumentVerifier& verifier;  // trust of this service, with the log key
  Checkpoints checkpoints;
  WitnessLinks desk;
  IssuingFreshness freshness;  // asked before anything is issued
  OpenIssues& open_issues;
  std::string font_version;  // FontSet::version(): noted in reservations
  bool ack_witnessed;        // issue and revocation say OK when a quorum has cosigned
  StepHook step_hook;        // null in production
  absl::Duration checkpoint_patience = absl::Seconds(10);  // with the log's keys
};

}  // namespace birthseal::server
