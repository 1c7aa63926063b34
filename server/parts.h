// SPDX-License-Identifier: Apache-2.0
// What the service is made of, and how each part is made: parts_*.cc, one for each kind of part.
//
// For server_app alone, which says in which order. Thread-safety: as ServerApp; OnAlarm from any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"
#include "server/admin/backup_place.h"
#include "server/api/feed_streams.h"
#include "server/at_rest/disk_watch.h"
#include "server/door/rpc_gate.h"
#include "server/door/rpc_server.h"
#include "server/host/config.h"
#include "server/host/system_clock.h"
#include "server/house.h"
#include "server/issuing/finisher.h"
#include "server/server_app.h"
#include "server/use_case/operator_directory.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/high_water.h"
#include "server/witnessing/witness_desk.h"
#include "signer/sealing/key_provider.h"
#include "signer/sealing/note_signer.h"
#include "store/engine.h"
#include "store/journal/journal.h"
#include "store/ledger/ledger.h"
#include "store/sealed_value.h"

namespace grpc {
class Service;
}

namespace birthseal::server {

// In the order of making; each stands on those above it, and they go in reverse.
struct ServerApp::Parts {
  Config config;
  SystemClock system_clock;
  const certs::Clock* clock = nullptr;
  std::unique_ptr<store::Engine> engine;
  std::unique_ptr<store::ValueSealer> sealer;
  std::unique_ptr<store::Registry> registry;
  std::unique_ptr<certs::ofd::Renderer> renderer;
  std::string font_version;
  std::unique_ptr<signer::SealBook> seals;
  std::unique_ptr<signer::KeyProvider> keys;
  std::unique_ptr<ClaimLabels> labels;
  signer::NoteSigners log_signers;
  certs::NoteVerifier log_key;
  std::vector<certs::NoteVerifier> log_keys;
  certs::WitnessPolicy witness_policy;
  std::unique_ptr<signer::DocumentVerifier> verifier;
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<HighWater> high_water;
  std::unique_ptr<CheckpointSigner> checkpoints;
  std::unique_ptr<Freshness> freshness;
  std::unique_ptr<WitnessDesk> desk;  // stopped before the ledger goes
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<OperatorDirectory> operators;
  std::unique_ptr<signer::ApprovalVerifier> approvals;
  std::unique_ptr<signer::DocumentSealer> document_sealer;
  std::unique_ptr<signer::SealCheck> seal_check;
  ProfileSet profiles;
  OpenIssues open_issues;
  std::unique_ptr<WorkerPool> workers, verifications;
  std::unique_ptr<BackupPlace> backups;  // null: none is configured
  std::unique_ptr<House> house;
  std::unique_ptr<Finisher> finisher;
  AccessPolicy policy;
  std::unique_ptr<ClientDirectory> clients;
  std::unique_ptr<RpcGate> gate;
  FeedStreams streams;
  std::vector<std::unique_ptr<grpc::Service>> adapters;
  std::unique_ptr<RpcServer> rpc;
  std::unique_ptr<DiskWatch> disks;
  bool new_log = false;  // nothing was ever signed for it
  bool stopped = false;

  absl::Status OpenStore();
  absl::Status OpenKeys();
  absl::Status OpenFonts();
  absl::Status OpenLogKeys();
  absl::Status OpenLedger();
  absl::Status OpenHighWater();
  absl::Status OpenDesk();
  void AnnounceProfiles();
  void OnAlarm(absl::string_view event, absl::string_view detail);
  void MakePools();
  void MakeUseCases(StepHook hook);
  absl::Status Serve();
  absl::Status WritePortFile() const;
  void CheckDisks();
  void LogDisks() const;
  void LogCounters() const;

  // Which field of the configuration the error is about.
  static absl::Status At(absl::string_view field, const absl::Status& status);
};

}  // namespace birthseal::server
