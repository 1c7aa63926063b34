// SPDX-License-Identifier: Apache-2.0
// A log of its own, a witness's folder that follows it, and the command line run on files alone.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/birthseal/note_signer.h"
#include "clients/birthseal/operator_key.h"
#include "clients/witness/file_state.h"
#include "clients/witness/witness.h"
#include "signer/verify/note_key.h"
#include "tests/clients/birthseal/fresh_key.h"
#include "tests/support/places.h"
#include "tests/support/shell.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::cli {

using certs::LeafKind;
using tests::FreshPrivatePem;
using tests::LabelOf;
using tests::Ran;
using tests::SmallLog;

inline constexpr char kLogName[] = "birthseal.example/log";
inline constexpr char kHospital[] =
    "12990101MA0A123492";  // of deploy/config/monitor-rules.textproto
inline constexpr int64_t kNoon = 29'368'800 - 480 + 720;  // 2025-11-03 12:00 in Asia/Shanghai

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_key_ = FreshPrivatePem();
    tests::WriteFile(dir_.Join("log.pem"), *PublicPemOf(log_key_));
    tests::WriteFile(dir_.Join("witness.key"), FreshPrivatePem());
    certs::Leaf seal = SmallLog::LeafOf(LeafKind::kSealEnrolled, 0);
    Add(seal, kNoon - 1440);
  }
  void Add(certs::Leaf leaf, int64_t minute, std::vector<std::string> changes = {}) {
    leaf.institution_code = kHospital;
    leaf.log_minute = minute;
    log_.Add(leaf, std::move(changes));
  }
  void Issue(uint64_t status, int64_t minute) {
    Add(SmallLog::LeafOf(LeafKind::kIntent, status), minute);
    std::vector<std::string> change = {log_.Change(LabelOf(static_cast<int>(status)), status)};
    Add(SmallLog::LeafOf(LeafKind::kIssued, status, log_.updates.size()), minute,
        std::move(change));
  }
  std::string Note(const certs::TreeHead& head) const {
    const std::string body = certs::CheckpointBody(head);
    const auto key = OperatorKey::FromPem(log_key_);
    const auto id = signer::NoteKeyIdOf(kLogName, (*key)->PublicSpki(), signer::NoteKeyUse::kLog);
    return certs::FormatCheckpoint(body, {{kLogName, id->hash, *(*key)->Sign(body)}});
  }
  // A witness's folder that has followed the log to its end.
  void Witness() {
    witness::WitnessOptions options;
    options.log_name = kLogName;
    options.log_keys = {
        *signer::NoteVerifierFromPem(kLogName, tests::ReadFile(dir_.Join("log.pem")))};
    options.cosign = *CosignerOf("police.example", tests::ReadFile(dir_.Join("witness.key")));
    options.now = [] { return absl::FromUnixSeconds(60 * kNoon); };
    auto state = witness::FileState::Open(dir_.Join("w"));
    ASSERT_OK(state);
    auto witness = witness::Witness::Open(std::move(options), state->get());
    ASSERT_OK(witness);
    const auto list = [this](certs::LogEpoch, certs::LeafIndex first, int count) {
      std::vector<witness::Update> updates;
      for (size_t i = first.value(); i < log_.updates.size() && updates.size() < size_t(count);
           ++i) {
        updates.push_back({log_.updates[i].leaf, log_.updates[i].changes});
      }
      return absl::StatusOr<std::vector<witness::Update>>(std::move(updates));
    };
    ASSERT_OK((*witness)->Offer(Note(log_.Head()), list));
  }
  Ran Run(const std::string& arguments) const {
    return tests::RunShell(
        absl::StrCat(BIRTHSEAL_BINARY_DIR, "/clients/birthseal/birthseal ", arguments));
  }
  Ran Monitor(const std::string& more = "") const {
    return Run(absl::StrCat("monitor --once --from-mirror ", dir_.Join("w"), " --rules ",
                            BIRTHSEAL_SOURCE_DIR, "/deploy/config/monitor-rules.textproto ", more));
  }
  std::string LogKey() const { return " --log-key " + dir_.Join("log.pem"); }

  const tests::TempDir dir_;
  std::string log_key_;
  SmallLog log_;
};

}  // namespace birthseal::cli
