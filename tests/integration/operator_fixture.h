// SPDX-License-Identifier: Apache-2.0
// A service, three witnesses (见证方) and a monitor (监测) in one process, without network: the
// real ledger on a memory engine, real VRF, log and witness keys. The operator of the service is
// the attacker: he holds all of it but the witnesses' keys and memories.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "clients/birthseal/note_signer.h"
#include "clients/witness/compare.h"
#include "clients/witness/monitor.h"
#include "clients/witness/witness.h"
#include "signer/sealing/note_signer.h"
#include "signer/sealing/vrf_key.h"
#include "store/fsck/fsck.h"
#include "store/log/uniqueness_map.h"
#include "store/reads/registry.h"
#include "tests/integration/operator_attacker.h"
#include "tests/integration/operator_table.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/support/memory_storage.h"
#include "tests/support/sealed_fixture.h"

namespace birthseal::tests {

// A second life of a database: the real service, run on a copy.
class Branch {
 public:
  Branch(const store::Engine& of, const SimulatedClock* clock);
  store::MemoryEngine engine;
  std::unique_ptr<store::Ledger> ledger;
  RegistryDriver driver;
};

// A witness, as the police, the health commission and the audit office run one each.
struct WitnessParty {
  std::string name;
  cli::Cosigner cosign;
  certs::NoteVerifier verifier;
  MemoryStorage storage;
  std::unique_ptr<witness::Witness> witness;
};

class OperatorTest : public LedgerTest {
 protected:
  static constexpr size_t kWitnesses = 3, kQuorum = 2;

  OperatorTest();
  void SetUp() override;

  // The work of the service, with labels by the VRF key.
  std::string FactsOf(const Birth& birth) const;
  certs::MapLabel Label(const Birth& birth) const;
  store::DeliveryAnswer Report(const Birth& birth, RegistryDriver* driver);
  storage::v1::CertificateHead Issue(const Birth& birth, RegistryDriver* driver);
  storage::v1::CertificateHead Issue(const Birth& birth) { return Issue(birth, &driver_); }
  void Revoke(const std::string& number);
  // Any event that adds one leaf and changes no certificate.
  static void Something(RegistryDriver* driver);

  // The log key signs what this database holds; the attacker asks no high-water mark.
  certs::TreeHead HeadOf(const store::Engine& engine) const;
  std::string NoteOf(const store::Engine& engine) const { return Signed(HeadOf(engine)); }
  std::string Signed(const certs::TreeHead& head) const;

  // The witness's answer to the newest checkpoint of this database, with its leaves.
  absl::StatusOr<std::string> Show(size_t witness, const store::Engine& engine);
  // All witnesses cosign; gives the note with all cosignatures.
  std::string ShowAll(const store::Engine& engine);
  // The note with the signatures of both.
  static std::string Merged(const std::string& note, const std::string& other);
  certs::WitnessPolicy Policy() const;

  // What two checkpoints prove side by side, as `birthseal audit compare` says it; empty: nothing.
  std::string ForkProof(const std::string& a, const std::string& b) const;

  // Rules that a monitor with these announcements finds broken.
  std::vector<std::string> Monitored(const store::Engine& engine, witness::Rules rules = {}) const;
  // Codes of fsck, with the record: "certificates/…01 HEAD_NOT_AS_LOGGED".
  static std::vector<std::string> Checked(const store::Engine& engine);

  // A leaf of the hospital, at this minute.
  certs::Leaf LeafOf(certs::LeafKind kind, uint64_t status_index, uint64_t intent = 0) const;

  std::shared_ptr<const signer::VrfKey> vrf_;
  signer::NoteSigners log_keys_;                 // SM2, Ed25519
  std::vector<certs::NoteVerifier> log_checks_;  // of both
  std::array<WitnessParty, kWitnesses> witnesses_;
};

// Those lines of fsck that name records of certificates.
std::vector<std::string> OfCertificates(const std::vector<std::string>& lines);
// Reason codes, joined: what a row prints as proof.
std::string Joined(const std::vector<std::string>& codes);

}  // namespace birthseal::tests
