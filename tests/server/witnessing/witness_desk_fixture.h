// SPDX-License-Identifier: Apache-2.0
// The desk over the whole service without network: three witnesses, two a quorum.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "signer/sealing/log_signer.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {

inline constexpr const char* kWitnessNames[] = {"w-police", "w-health", "w-audit"};

// Stands for a signature: who knows the name can make it, which is enough here.
inline std::string Mark(const std::string& name, absl::string_view body) {
  return certs::Bytes(certs::Sm3Of(absl::StrCat(name, "|", body)));
}

class WitnessDeskTest : public UseCaseTest {
 protected:
  WitnessDeskTest() = default;
  // On an engine of the test's own.
  explicit WitnessDeskTest(std::unique_ptr<store::Engine> engine)
      : UseCaseTest(std::move(engine)) {}
  void SetUp() override {
    for (const std::string name : kWitnessNames) {
      witnesses_.witnesses.push_back(
          {name, [name](absl::string_view body, const certs::NoteSignature& signature) {
             return signature.signature == Mark(name, body);
           }});
      witness_clients_[certs::Sm3Of(name)] = name;
    }
    witnesses_.quorum = 2;
    UseCaseTest::SetUp();
  }

  static server::Caller CallerOf(const std::string& name) {
    server::Caller caller;
    caller.roles.Add(server::Role::kWitness);
    caller.certificate_sm3 = certs::Sm3Of(name);
    return caller;
  }
  static std::string Cosign(const std::string& name, const std::string& note) {
    certs::Checkpoint checkpoint = *certs::ParseCheckpoint(note);
    checkpoint.signatures.push_back({name, "hash", Mark(name, checkpoint.body)});
    return certs::FormatCheckpoint(checkpoint.body, checkpoint.signatures);
  }
  // Asks, cosigns what is offered and shows it.
  absl::Status Cosigns(const std::string& name) {
    const auto offered = desk_->Witness(CallerOf(name), known_[name]);
    if (!offered.ok()) return offered.status();
    if (offered->empty()) return absl::OkStatus();
    known_[name] = Cosign(name, *offered);
    return desk_->Witness(CallerOf(name), known_[name]).status();
  }
  // A round from offer to quorum.
  void Round(std::initializer_list<const char*> names = {"w-police", "w-health"}) {
    clock_.Advance(absl::Seconds(1));
    desk_->Step();
    for (const char* name : names) ASSERT_OK(Cosigns(name));
    desk_->Step();
  }
  uint64_t WitnessedSize() const {
    const auto newest = desk_->Newest();
    return newest == nullptr ? 0 : newest->head.size;
  }
  // A note of the log's own key over whatever is told.
  std::string SignedByLogKey(const certs::TreeHead& head) const {
    return *signer::LogSigner::OfNewLog(kTestLogName, pki_.log_key).Sign(head);
  }
  // Over a history that the store does not have.
  std::string SignedElsewhere(uint64_t size, const certs::Digest& root) const {
    return SignedByLogKey(
        {certs::OriginOf(kTestLogName, certs::LogEpoch(1)), size, root, {}, FixtureNow()});
  }
  std::map<std::string, std::string> known_;
};

}  // namespace birthseal::tests
