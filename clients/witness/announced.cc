// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/announced.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace birthseal::witness {
namespace {

constexpr int64_t kMinutesADay = 1440;
constexpr int64_t kShanghaiMinutes = 480;  // no summer time since 1991

int64_t LocalMinute(const certs::Leaf& leaf) { return leaf.log_minute + kShanghaiMinutes; }
int64_t DayOf(const certs::Leaf& leaf) { return LocalMinute(leaf) / kMinutesADay; }

void Add(const Finding& here, absl::string_view rule, Severity severity, std::string detail,
         Findings* findings) {
  Finding finding = here;
  finding.rule = std::string(rule);
  finding.severity = severity;
  finding.detail = std::move(detail);
  findings->push_back(std::move(finding));
}

// Counts of days that are over are not needed again.
template <typename Counts>
int64_t CountOne(const std::string& institution, int64_t day, Counts* counts) {
  auto first = counts->lower_bound({institution, 0});
  while (first != counts->end() && first->first.first == institution && first->first.second < day) {
    first = counts->erase(first);
  }
  return ++(*counts)[{institution, day}];
}

}  // namespace

const InstitutionRules& AnnouncedRules::Of(const std::string& institution) const {
  const auto found = rules_.institutions.find(institution);
  return found == rules_.institutions.end() ? rules_.everywhere : found->second;
}

void AnnouncedRules::Check(certs::LogEpoch epoch, certs::LeafIndex leaf_index,
                           const certs::Leaf& leaf, Findings* findings) {
  const Finding here{"", Severity::kViolation, epoch, leaf_index, leaf, ""};
  const std::string& institution = leaf.institution_code;
  if (rules_.only_these_institutions && !institution.empty() &&
      rules_.institutions.count(institution) == 0) {
    Add(here, "UNKNOWN_INSTITUTION", Severity::kViolation, "", findings);
  }
  switch (leaf.kind) {
    case certs::LeafKind::kIntent:
      open_[leaf.status_index] = {epoch, leaf_index, leaf};
      break;
    case certs::LeafKind::kIssued:
      open_.erase(leaf.status_index);
      CheckIssued(here, findings);
      break;
    case certs::LeafKind::kCancelled:
      open_.erase(leaf.status_index);
      break;
    case certs::LeafKind::kProfileChanged:
      CheckProfile(here, findings);
      break;
    case certs::LeafKind::kOperatorChanged: {
      const int64_t count = CountOne(institution, DayOf(leaf), &operator_changes_);
      if (rules_.operator_changes_a_day > 0 && count == rules_.operator_changes_a_day + 1) {
        Add(here, "OPERATOR_CHANGES", Severity::kViolation,
            absl::StrCat("at most ", rules_.operator_changes_a_day), findings);
      }
      break;
    }
    default:
      break;
  }
}

void AnnouncedRules::CheckIssued(const Finding& here, Findings* findings) {
  const InstitutionRules& rules = Of(here.leaf.institution_code);
  const int64_t count = CountOne(here.leaf.institution_code, DayOf(here.leaf), &issued_);
  if (rules.issued_a_day > 0 && count == rules.issued_a_day + 1) {  // once a day
    Add(here, "CEILING_EXCEEDED", Severity::kViolation,
        absl::StrCat("at most ", rules.issued_a_day), findings);
  }
  const int64_t minute = LocalMinute(here.leaf) % kMinutesADay;
  if (rules.closes_minute > rules.opens_minute &&
      (minute < rules.opens_minute || minute >= rules.closes_minute)) {
    Add(here, "OUTSIDE_HOURS", Severity::kWarning, "", findings);
  }
}

void AnnouncedRules::CheckProfile(const Finding& here, Findings* findings) const {
  const auto said = certs::ParseProfileAnnounced(here.leaf.detail);
  if (!said.ok()) {
    Add(here, "LEAF_UNREADABLE", Severity::kViolation, "", findings);
    return;
  }
  const std::string detail = absl::StrCat(said->name, " version ", said->version);
  if (here.leaf.commitment != certs::Commit("", here.leaf.detail)) {
    Add(here, "DETAIL_NOT_COMMITTED", Severity::kViolation, detail, findings);
  }
  const bool known = absl::c_any_of(rules_.profiles, [&](const certs::ProfileAnnounced& p) {
    return p.name == said->name && p.version == said->version && p.digest == said->digest;
  });
  if (rules_.only_these_profiles && !known) {
    Add(here, "PROFILE_NOT_ANNOUNCED", Severity::kViolation, detail, findings);
  }
}

void AnnouncedRules::Tick(absl::Time now, Findings* findings) {
  if (rules_.intent_open_at_most == absl::ZeroDuration()) return;
  for (auto& [status, intent] : open_) {
    const absl::Time since = absl::FromUnixSeconds(60 * intent.leaf.log_minute);
    if (intent.found || now - since < rules_.intent_open_at_most) continue;
    intent.found = true;
    Add({"", Severity::kViolation, intent.epoch, intent.leaf_index, intent.leaf, ""},
        "INTENT_OVERDUE", Severity::kViolation,
        absl::StrCat("for ", absl::ToInt64Minutes(now - since), " min"), findings);
  }
}

}  // namespace birthseal::witness
