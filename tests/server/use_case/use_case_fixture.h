// SPDX-License-Identifier: Apache-2.0
// The whole service without network: use cases over the memory engine, the in-memory PKI and the
// real renderer. Two hospitals and one managing institution are registered; all of it invented.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/admin/administer.h"
#include "server/feed/push_deliveries.h"
#include "server/house.h"
#include "server/issuing/approve_cases.h"
#include "server/issuing/finisher.h"
#include "server/issuing/issue_certificates.h"
#include "server/issuing/submit_application.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/operator_directory.h"
#include "server/use_case/two_people.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/high_water.h"
#include "server/witnessing/witness_desk.h"
#include "signer/sealing/note_signer.h"
#include "store/ledger/ledger.h"
#include "store/memory_engine.h"
#include "store/sealed_value.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline constexpr char kOtherHospital[] = "12990101FAKE00001R";
inline constexpr char kManaging[] = "12529901MB0C56784H";

// The public side of the keys' seals.
class MapSealBook : public signer::SealBook {
 public:
  explicit MapSealBook(MapKeyProvider* keys) : keys_(*keys) {}
  absl::StatusOr<std::shared_ptr<const signer::PublicSeal>> SealOf(
      absl::string_view code) override {
    return keys_.SealOf(code);
  }

 private:
  MapKeyProvider& keys_;
};

// An institution as the administrator registers it.
struct Office {
  std::string code, name;
  bool managing = false;
  std::string first_number, last_number;  // its certificate numbers
  std::string division = "529901";        // GB/T 2260
  bool licensed = true;
};

// An operator's key, by the id "issuer-<code>" or "sealer-<code>".
struct Staff {
  std::shared_ptr<const signer::PrivateKey> issuer, sealer;
};

class UseCaseTest : public testing::Test {
 protected:
  UseCaseTest() : UseCaseTest(std::make_unique<store::MemoryEngine>()) {}
  // On an engine of the test's own.
  explicit UseCaseTest(std::unique_ptr<store::Engine> engine);
  void SetUp() override;

  // Starts the service on the same engine again, as after a crash.
  void Restart();
  // The same in two parts, for a disk that fails in between.
  void Stop();
  absl::Status Start();
  void SetStepHook(server::StepHook hook) { house_->issuing.step_hook = std::move(hook); }

  const std::string& hospital() const { return pki_.institution.code; }
  server::Caller As(const std::string& organisation, server::Role role) const;
  server::Caller Issuing(const std::string& code) const {
    return As(code, server::Role::kIssuingInstitution);
  }

  // With its staff, seal and numbers.
  void Register(const Office& office);
  void RegisterStaff(const std::string& code);
  // Of the operators "issuer-<code>" and "sealer-<code>".
  server::OperatorSignature IssuerOf(const std::string& code, const certs::Digest& digest) const;
  server::OperatorSignature SealerOf(const std::string& code, const certs::Digest& digest) const;

  // A birth as the hospital reports it, and its application. `n` tells births apart.
  certs::Delivery BirthOf(int n) const;
  certs::Application ApplicationFor(int n, const certs::NewbornId& newborn) const;
  server::DeliveryMessage MessageOf(const certs::Delivery& delivery) const;

  absl::StatusOr<store::DeliveryAnswer> Push(const server::DeliveryMessage& message);
  certs::NewbornId PushBirth(const certs::Delivery& delivery);
  absl::StatusOr<server::SubmitApplicationResult> File(const certs::Application& application);
  server::ApproveOutcome Approve(const server::SubmitApplicationResult& filed,
                                 const std::string& code);
  server::IssueItem OrderFor(const server::ApproveOutcome& approved, const std::string& code) const;
  server::IssueOutcome Issue(const server::ApproveOutcome& approved, const std::string& code);
  // All of it, for a new birth.
  server::CertificateView IssueBirth(int n);
  std::string Download(const std::string& number);

  const TestPki& pki_ = SharedPki();
  SimulatedClock clock_{FixtureNow()};
  const std::unique_ptr<store::Engine> engine_;
  store::ValueSealer value_sealer_{"0123456789abcdef"};
  store::Registry registry_{engine_.get(), &value_sealer_};
  MapKeyProvider keys_;
  MapSealBook seal_book_{&keys_};
  std::map<std::string, Staff> staff_;
  server::ProfileSet profiles_;
  std::shared_ptr<const signer::NoteSigner> log_signer_;  // may be replaced before SetUp
  certs::NoteVerifier log_key_;
  std::unique_ptr<signer::DocumentVerifier> verifier_;
  // Set before SetUp: who must cosign.
  certs::WitnessPolicy witnesses_;
  std::map<certs::Digest, std::string> witness_clients_;
  // Likewise: the high-water file, which remembers over a restart what was signed; empty: none.
  std::string mark_path_;
  std::unique_ptr<server::HighWater> mark_;
  std::unique_ptr<server::CheckpointSigner> checkpoints_;
  std::unique_ptr<server::Freshness> freshness_;
  std::unique_ptr<server::WitnessDesk> desk_;
  std::unique_ptr<server::ClaimLabels> labels_;
  std::unique_ptr<store::Ledger> ledger_;
  std::unique_ptr<server::WorkerPool> workers_;
  std::unique_ptr<server::OperatorDirectory> operators_;
  std::unique_ptr<signer::ApprovalVerifier> approvals_;
  std::unique_ptr<signer::DocumentSealer> sealer_;
  const signer::SealCheck seal_check_{&keys_};
  std::unique_ptr<server::OpenIssues> open_issues_;
  std::unique_ptr<server::House> house_;

 private:
  absl::Status OpenMark();
  int next_request_ = 0;
};

}  // namespace birthseal::tests
