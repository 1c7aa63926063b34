// SPDX-License-Identifier: Apache-2.0
// A witness over a SmallLog: keys that are no cryptography, a clock that stands, a memory disk.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/witness/witness.h"
#include "tests/support/memory_storage.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

// "Signs" with a digest over name and text: enough to see who signed what.
inline certs::NoteSignature ToySign(const std::string& name, absl::string_view text) {
  return {name, "hash", certs::Bytes(certs::Sm3Of(absl::StrCat(name, "\n", text)))};
}

inline certs::NoteVerifier ToyKey(const std::string& name) {
  return [name](absl::string_view text, const certs::NoteSignature& signature) {
    return signature.key_name == name && signature.signature == ToySign(name, text).signature;
  };
}

inline std::string SignedNote(const certs::TreeHead& head, const std::string& by = "log") {
  const std::string body = certs::CheckpointBody(head);
  return certs::FormatCheckpoint(body, {ToySign(by, body)});
}

class WitnessFixture : public ::testing::Test {
 protected:
  witness::WitnessOptions Options() {
    witness::WitnessOptions options;
    options.log_name = "birthseal.example/log";
    options.log_keys = {ToyKey("log")};
    options.cosign = [this](absl::Time time, absl::string_view body) {
      // What must never happen: a cosignature out while the state on disk knows less.
      durable_at_cosign = storage.state;
      ++cosigned;
      return absl::StatusOr<certs::NoteSignature>(
          ToySign("witness", certs::CosignatureMessage(time, body)));
    };
    options.now = [this] { return now; };
    options.alarm = [this](const witness::Evidence& e) { alarms.push_back(e.reason); };
    return options;
  }
  void Open() {
    auto opened = witness::Witness::Open(Options(), &storage);
    ASSERT_OK(opened);
    witness = *std::move(opened);
  }
  // Serves the logs by epoch.
  witness::ListUpdates Lister() {
    return [this](certs::LogEpoch epoch, certs::LeafIndex first,
                  int count) -> absl::StatusOr<std::vector<witness::Update>> {
      if (!list_error.ok()) return list_error;
      if (++lists > only_lists) return absl::UnavailableError("asked too often");
      std::vector<witness::Update> updates;
      for (const SmallLog* log : served) {
        if (log->epoch != epoch.value()) continue;
        for (size_t i = first.value(); i < log->updates.size() && updates.size() < size_t(count);
             ++i) {
          updates.push_back({log->updates[i].leaf, log->updates[i].changes});
        }
      }
      if (updates.size() > at_once) updates.resize(at_once);
      return updates;
    };
  }
  absl::StatusOr<std::string> Offer(const certs::TreeHead& head) {
    return witness->Offer(SignedNote(head), Lister());
  }

  MemoryStorage storage;
  absl::Time now = absl::FromUnixSeconds(1'740'100'000);
  std::unique_ptr<witness::Witness> witness;
  std::vector<const SmallLog*> served;
  size_t at_once = 1024;
  absl::Status list_error;
  int lists = 0, only_lists = 10'000, cosigned = 0;
  std::vector<std::string> alarms;
  std::string durable_at_cosign;
};

// One certificate issued, another exchanged for it.
inline SmallLog ExchangeStory() {
  SmallLog log;
  log.Intent(1);
  log.Issued(1, 1, {LabelOf(1), LabelOf(2)});
  log.Intent(2);
  log.Voided(1, {LabelOf(1), LabelOf(2)});
  log.Issued(2, 3, {LabelOf(1), LabelOf(2)});
  log.ClaimAdded(2, LabelOf(3));
  return log;
}

}  // namespace birthseal::tests
