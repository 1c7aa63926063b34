// SPDX-License-Identifier: Apache-2.0
// What use cases stand on. Built once by the wiring in main (or a test fixture); every reference
// outlives the last use case call. A use case is a free function (Services, Caller, Input); it
// blocks on the ledger, so call it from a worker thread, never from a network thread (GetStatus
// alone may run anywhere). Thread-safe: all functions of server/*.h that take Services.
//
// Errors of every use case carry a reason code (certs/errors.h) and no personal data; those of the
// ledger (kUnavailable, kResourceExhausted, kAborted) pass through unchanged.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/clock.h"
#include "certs/ofd/certificate_document.h"
#include "certs/profile.h"
#include "server/access/caller.h"
#include "server/use_case/issue_step.h"
#include "server/use_case/operator_directory.h"
#include "server/use_case/worker_pool.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/witness_desk.h"
#include "signer/sealing/document_sealer.h"
#include "signer/sealing/key_provider.h"
#include "signer/verify/document_verifier.h"
#include "store/ledger/ledger.h"
#include "store/reads/registry.h"

namespace birthseal::server {

// Jurisdiction profiles by name. Immutable once the service runs.
struct ProfileSet {
  std::map<std::string, certs::Profile> by_name;
  std::string default_name;
  // The profile of this name; of the default when empty. Null: there is none.
  const certs::Profile* Find(absl::string_view name) const;
  // The profile of an institution's cases filed on `day`: the one its record names; else, of those
  // in force whose division holds its own, that of the smallest area, the newest of these; else the
  // default. Null: its record names one that is not loaded.
  const certs::Profile* Of(const storage::v1::Institution& institution, absl::CivilDay day) const;
};

// Where CreateBackup makes its folders.
struct BackupPlace {
  const store::Engine* engine = nullptr;
  std::string directory;  // empty: none
  std::mutex running;     // one backup at a time
};

class ClaimLabels;

struct Services {
  store::Ledger& ledger;
  const store::Registry& registry;
  const certs::ofd::Renderer& renderer;
  const signer::DocumentSealer& sealer;
  signer::KeyProvider& keys;
  const signer::DocumentVerifier& verifier;  // trust of this service, with the log key
  const certs::NoteVerifier& log_key;        // the public half of the checkpoint signer's key
  CheckpointSigner& checkpoints;
  OperatorDirectory& operators;
  WorkerPool& workers;  // shares the work of large batches
  OpenIssues& open_issues;
  const ProfileSet& profiles;
  const certs::Clock& clock;
  Freshness& freshness;  // asked before anything is issued, and before answers about status
  WitnessDesk& desk;
  ClaimLabels& labels;       // of the uniqueness map
  std::string index_key;     // 32 bytes: keyed hashes of claims
  std::string font_version;  // FontSet::version()
  bool ack_witnessed;        // issue and revocation are answered when a quorum has cosigned
  StepHook step_hook;        // null in production
  BackupPlace* backups = nullptr;
  // Where files of strangers are verified, and how much of them may wait and run there at once.
  WorkerPool* verifications = nullptr;  // null: on `workers`
  size_t verification_bytes = std::numeric_limits<size_t>::max();
  absl::Duration checkpoint_patience = absl::Seconds(10);  // of an issue, with the log's keys
};

}  // namespace birthseal::server
