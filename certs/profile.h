// SPDX-License-Identifier: Apache-2.0
// Jurisdiction profile (管辖规则): time limits and evidence lists as data, never as code.
//
// Loaded from deploy/profiles/*.textproto (message birthseal.storage.v1.Profile); each case keeps
// the name and version of the profile that judged it. A rule that a profile leaves out is off,
// except those marked "fails closed" and the signing hours. Thread-safe: immutable once parsed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/application.h"

namespace birthseal::certs {

struct EvidenceList {
  CaseKind kind = CaseKind::kFirstIssue;
  ExchangeGround ground = ExchangeGround::kNone;  // kNone: any
  std::vector<EvidenceKind> required;
};

struct Profile {
  std::string name;  // "national-default", "guizhou-2021"
  int version = 0;
  absl::CivilDay earliest_birth;          // fails closed: 1996-01-01 or later
  std::string absent_marker;              // "/"
  int signing_hours = 24;                 // block A signed within; later is flagged, not refused
  std::optional<int> explain_after_days;  // written explanation of lateness
  std::optional<int> records_after_days;
  std::optional<int> dna_after_days;  // only where the law of the province demands it
  std::optional<int> police_check_after_days;
  bool father_only_route = false;
  bool mother_only_in_person = false;
  std::vector<EvidenceList> evidence;
  std::string licence_type_code;  // 证照类型代码, 21 characters: Rule J6
  std::string division;           // whose institutions it is for, GB/T 2260; empty: of none
  absl::CivilDay effective_from;  // first day of application; 1970-01-01: always
};

// Errors: kInvalidArgument names the field, the rule and what to do.
absl::StatusOr<Profile> ParseProfile(absl::string_view textproto);

// The evidence this case must bring, from the lists whose kind and ground match.
std::vector<EvidenceKind> RequiredEvidence(const Profile& profile, CaseKind kind,
                                           ExchangeGround ground);

}  // namespace birthseal::certs
