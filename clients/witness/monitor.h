// SPDX-License-Identifier: Apache-2.0
// A monitor (监测): replays the log leaf by leaf against the rules every log must keep, and against
// what was announced (announced.h). It keeps the whole table of labels in memory, about 100 bytes a
// label, and goes on after a finding. Pure; belongs to one thread.
//
// Always on: ISSUED and CANCELLED end an open INTENT once, of its institution, by its index; VOIDED
// and CLAIM_ADDED only of a certificate in force; status indexes dense; minutes never go back
// within an epoch; INTENT only of an institution with an enrolled, not suspended seal; each change
// of the map as proofs, table and leaf say; no label leads to a voided certificate; a RECOVERY is
// always told.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/log_update.h"
#include "clients/witness/announced.h"
#include "clients/witness/finding.h"
#include "clients/witness/storage.h"

namespace birthseal::witness {

class Monitor {
 public:
  explicit Monitor(Rules rules) : announced_(std::move(rules)) {}

  // The next update: of the same epoch, or the first of a later one. Findings are added.
  void Follow(certs::LogEpoch epoch, const Update& update, Findings* findings);
  // Rules about time that passes without leaves.
  void Tick(absl::Time now, Findings* findings) { announced_.Tick(now, findings); }
  certs::LogPosition position() const { return {epoch_, certs::LogSize(size_)}; }
  // Errors: kDataLoss "LOG_FORKED", "MAP_FORKED": not the checkpoint of what was followed.
  absl::Status CheckHead(const certs::TreeHead& head) const { return follower_.CheckHead(head); }

 private:
  enum class Phase : uint8_t { kNone, kIntended, kIssued, kVoided, kCancelled };
  struct Certificate {
    Phase phase = Phase::kNone;
    uint32_t intent_epoch = 0;
    uint32_t live_labels = 0;
    uint64_t intent_index = 0;
    std::string institution;
  };
  struct Here;  // the leaf under way

  void CheckProofs(const Here& here, const Update& update);
  void CheckPlace(const Here& here);
  void CheckIntent(const Here& here);
  void CheckEnd(const Here& here);
  void CheckChanges(const Here& here, const Update& update);
  void CheckChange(const Here& here, const certs::MapChange& change, Certificate* certificate);

  AnnouncedRules announced_;
  certs::LogFollower follower_{certs::LogState{}};
  bool proofs_hold_ = true;  // a log that once broke its proofs is followed by its tables alone
  certs::LogEpoch epoch_{1};
  uint64_t size_ = 0;
  int64_t last_minute_ = 0;
  uint64_t next_status_ = 1, gap_allowed_ = 0;
  std::map<uint64_t, Certificate> certificates_;
  std::map<std::string, bool> seals_;  // institution -> in use
  absl::flat_hash_map<certs::MapLabel, uint64_t> labels_;
};

// Follows a witness's mirror up to a place that its state knows, over epochs where there are any.
// Errors: kDataLoss "MIRROR_SHORT", "MIRROR_RECORD".
absl::Status FollowMirror(Storage* mirror, const certs::LogPosition& to, Monitor* monitor,
                          Findings* findings);

}  // namespace birthseal::witness
