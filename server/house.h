// SPDX-License-Identifier: Apache-2.0
// The rooms of the service, furnished once: each use case gets the keys of its own room and no
// more.
//
// Of the service only the wiring (server_app) sees a house; it gives each adapter its room. Of the
// ledger a room gets a port (store/ledger/ledger_port.h), of the witnessing and of the operators
// views (witnessing/views.h, use_case/operators.h).
// Whatever the furnishing points to outlives the house. Thread-safe as the rooms are.
#pragma once

#include "server/admin/admin_room.h"
#include "server/feed/feed_room.h"
#include "server/issuing/issuing_room.h"
#include "server/reading/reading_room.h"
#include "server/use_case/access_book.h"

namespace birthseal::server {

struct Furnishing {
  store::Ledger& ledger;
  const store::Registry& registry;
  const certs::Clock& clock;
  const ProfileSet& profiles;
  OperatorDirectory& operators;
  signer::ApprovalVerifier& approvals;  // over `operators`
  WorkerPool& workers;
  OpenIssues& open_issues;
  CheckpointSigner& checkpoints;
  WitnessDesk& desk;
  Freshness& freshness;
  ClaimLabels& labels;
  const certs::ofd::Renderer& renderer;
  const signer::DocumentVerifier& verifier;
  const signer::DocumentSealer& sealer;  // trusts `approvals`
  signer::SealBook& seals;
  const signer::SealCheck& seal_check;
  std::string index_key, font_version;
  bool ack_witnessed = false;
  StepHook step_hook = {};
  const BackupPlace* backups = nullptr;
};

class House {
 public:
  explicit House(Furnishing with);
  House(const House&) = delete;

  operator const FeedRoom&() const { return feed; }
  operator const IssuingRoom&() const { return issuing; }
  operator const ReadingRoom&() const { return reading; }
  operator const AdminRoom&() const { return admin; }

 private:
  AccessBook accesses_;
  const ClaimKeys claims_;

 public:
  // Behind the rooms: the wiring's own, and a test's that acts as no room may.
  store::Ledger& ledger;
  CheckpointSigner& checkpoints;

  FeedRoom feed;
  IssuingRoom issuing;
  ReadingRoom reading;
  AdminRoom admin;
};

}  // namespace birthseal::server
