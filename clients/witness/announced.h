// SPDX-License-Identifier: Apache-2.0
// What was announced to the public, and which leaves go beyond it: the monitor's rules that need
// knowledge from outside the log. One who sells genuine certificates for invented births breaks no
// proof; he breaks these. Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_place.h"
#include "clients/witness/finding.h"

namespace birthseal::witness {

// Days and minutes are those of Asia/Shanghai. A zero or empty rule does not apply.
struct InstitutionRules {
  int64_t issued_a_day = 0;                 // announced capacity
  int opens_minute = 0, closes_minute = 0;  // of the day, [opens, closes)
};
struct Rules {
  InstitutionRules everywhere;  // where an institution has no own entry
  std::map<std::string, InstitutionRules> institutions;
  bool only_these_institutions = false;
  absl::Duration intent_open_at_most = absl::ZeroDuration();
  bool only_these_profiles = false;
  std::vector<certs::ProfileAnnounced> profiles;
  int64_t operator_changes_a_day = 0;  // of one institution
};

class AnnouncedRules {
 public:
  explicit AnnouncedRules(Rules rules) : rules_(std::move(rules)) {}
  // A leaf in the order of the log.
  void Check(certs::LogEpoch epoch, certs::LeafIndex leaf_index, const certs::Leaf& leaf,
             Findings* findings);
  // Intents that are open for too long now; each is found once.
  void Tick(absl::Time now, Findings* findings);

 private:
  struct OpenIntent {
    certs::LogEpoch epoch;
    certs::LeafIndex leaf_index;
    certs::Leaf leaf;
    bool found = false;
  };
  const InstitutionRules& Of(const std::string& institution) const;
  void CheckIssued(const Finding& here, Findings* findings);
  void CheckProfile(const Finding& here, Findings* findings) const;

  const Rules rules_;
  std::map<std::pair<std::string, int64_t>, int64_t> issued_, operator_changes_;  // by day
  std::map<uint64_t, OpenIntent> open_;                                           // by status
};

}  // namespace birthseal::witness
