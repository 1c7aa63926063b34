// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/monitor_rules.h"

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::cli {
namespace {

absl::Status Bad(const std::string& field, absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "MONITOR_RULES",
                      absl::StrCat("monitor rules: ", field, ": ", what), field,
                      absl::StrCat("监测规则字段有误: ", field));
}

absl::StatusOr<int> MinuteOf(const std::string& text, const std::string& field) {
  int hours = 0, minutes = 0;
  if (text.size() == 5 && absl::SimpleAtoi(text.substr(0, 2), &hours) &&
      absl::SimpleAtoi(text.substr(3), &minutes) && hours <= 24 && minutes < 60 &&
      absl::StrFormat("%02d:%02d", hours, minutes) == text && 60 * hours + minutes <= 24 * 60) {
    return 60 * hours + minutes;
  }
  return Bad(field, "a time of day is written 08:00");
}

absl::StatusOr<witness::InstitutionRules> InstitutionFrom(
    const v1::MonitorRules::Institution& proto, const witness::InstitutionRules& everywhere,
    const std::string& field) {
  witness::InstitutionRules rules = everywhere;
  if (proto.issued_a_day() < 0) return Bad(field + ".issued_a_day", "negative");
  if (proto.issued_a_day() > 0) rules.issued_a_day = proto.issued_a_day();
  if (proto.opens().empty() && proto.closes().empty()) return rules;
  ASSIGN_OR_RETURN(rules.opens_minute, MinuteOf(proto.opens(), field + ".opens"));
  ASSIGN_OR_RETURN(rules.closes_minute, MinuteOf(proto.closes(), field + ".closes"));
  if (rules.closes_minute <= rules.opens_minute) {
    return Bad(field + ".closes", "closes before it opens");
  }
  return rules;
}

absl::StatusOr<certs::ProfileAnnounced> ProfileFrom(const v1::MonitorRules::Profile& proto,
                                                    const std::string& field) {
  if (proto.name().empty()) return Bad(field + ".name", "missing");
  const std::string bytes = absl::HexStringToBytes(proto.sm3());
  const std::optional<certs::Digest> digest = certs::DigestFrom(bytes);
  if (absl::BytesToHexString(bytes) != proto.sm3() || !digest) {
    return Bad(field + ".sm3", "64 lower-case hex characters are needed");
  }
  return certs::ProfileAnnounced{proto.name(), proto.version(), *digest};
}

}  // namespace

absl::StatusOr<witness::Rules> RulesFrom(const v1::MonitorRules& proto) {
  witness::Rules rules;
  if (!proto.everywhere().code().empty()) return Bad("everywhere.code", "is of every institution");
  ASSIGN_OR_RETURN(rules.everywhere, InstitutionFrom(proto.everywhere(), {}, "everywhere"));
  for (int i = 0; i < proto.institution_size(); ++i) {
    const auto& institution = proto.institution(i);
    const std::string field = absl::StrCat("institution[", i, "]");
    if (institution.code().empty()) return Bad(field + ".code", "missing");
    ASSIGN_OR_RETURN(const auto parsed, InstitutionFrom(institution, rules.everywhere, field));
    if (!rules.institutions.emplace(institution.code(), parsed).second) {
      return Bad(field + ".code", "twice");
    }
  }
  rules.only_these_institutions = proto.only_these_institutions();
  if (proto.intent_open_minutes() < 0) return Bad("intent_open_minutes", "negative");
  rules.intent_open_at_most = absl::Minutes(proto.intent_open_minutes());
  for (int i = 0; i < proto.profile_size(); ++i) {
    ASSIGN_OR_RETURN(auto profile, ProfileFrom(proto.profile(i), absl::StrCat("profile[", i, "]")));
    rules.profiles.push_back(std::move(profile));
  }
  rules.only_these_profiles = proto.only_these_profiles();
  if (proto.operator_changes_a_day() < 0) return Bad("operator_changes_a_day", "negative");
  rules.operator_changes_a_day = proto.operator_changes_a_day();
  return rules;
}

}  // namespace birthseal::cli
