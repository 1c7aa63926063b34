// SPDX-License-Identifier: Apache-2.0
// Clauses about time: the cut-off of 1996, the midwife's signature, lateness, the police check.
#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

int DaysOld(const CaseFacts& facts) {
  return static_cast<int>(absl::CivilDay(facts.now) - absl::CivilDay(facts.delivery.birth_time));
}

// Rule T8.
bool LaterThan(const CaseFacts& facts, const std::optional<int>& days) {
  return days.has_value() && DaysOld(facts) > *days;
}

// Rule T1: signed within the hours of the profile; later is flagged, never refused.
void CheckSignature(const CaseFacts& facts, Findings& findings) {
  const Delivery& delivery = facts.delivery;
  if (delivery.signed_at.year() == 1970) {
    findings.Add("MIDWIFE_SIGNATURE_NOT_REPORTED", "delivery.signed_time", "未报告接生人员签字",
                 "the record does not report the midwife's signature", Severity::kNote);
    return;
  }
  const absl::CivilSecond due =
      absl::CivilSecond(delivery.birth_time) + facts.profile.signing_hours * int64_t{3600};
  if (delivery.signed_at > due) {
    findings.Add("SIGNED_LATE", "delivery.signed_time", "接生人员签字超过规定时限",
                 "the midwife signed after the time limit", Severity::kNote);
  }
}

}  // namespace

void CheckCutOff(const CaseFacts& facts, Findings& findings) {
  if (!facts.delivery.birth_time_known) return;
  // Rule I8.
  if (absl::CivilDay(facts.delivery.birth_time) < facts.profile.earliest_birth) {
    findings.Add("BORN_BEFORE_CERTIFICATES", "delivery.birth_time",
                 "出生日期早于《出生医学证明》启用日期,不予签发",
                 "born before certificates began in this jurisdiction", Severity::kNotEligible);
  }
}

// Rules T2, T3, T4.
void CheckTimeLimits(const CaseFacts& facts, Findings& findings) {
  if (!facts.delivery.birth_time_known) return;
  CheckSignature(facts, findings);
  const Profile& profile = facts.profile;
  if (LaterThan(facts, profile.explain_after_days)) {
    Require(facts, EvidenceKind::kLatenessExplanation, findings);
  }
  if (LaterThan(facts, profile.records_after_days)) {
    Require(facts, EvidenceKind::kMedicalRecord, findings);
  }
  if (LaterThan(facts, profile.dna_after_days)) {
    Require(facts, EvidenceKind::kDnaReport, findings);
  }
  if (LaterThan(facts, profile.police_check_after_days)) {
    CheckPoliceReply(facts, findings);
    // Rule T6. For a first issue a registered child needs no certificate.
    if (PoliceOutcome(facts.application) == "REGISTERED") {
      findings.Add("ALREADY_REGISTERED", "evidence", "户口登记机关回复已登记户口,不予签发",
                   "the police reply that the child is registered", Severity::kNotEligible);
    }
  }
}

// 《新生儿入户情况核查联系表》 is answered before the decision. Rules T5, T7.
void CheckPoliceReply(const CaseFacts& facts, Findings& findings) {
  if (!HasEvidence(facts.application, EvidenceKind::kPoliceCheckReply)) {
    findings.Add("AWAITING_POLICE", "evidence", "等待户口登记机关核查回复",
                 "the registration check with the police has no reply yet", Severity::kWaitPolice);
    return;
  }
  const std::string outcome = PoliceOutcome(facts.application);
  if (outcome != "REGISTERED" && outcome != "NOT_REGISTERED") {
    findings.Add("POLICE_REPLY_UNDECIDED", "evidence", "户口登记机关回复无法确定,需再次核查",
                 "the police reply does not decide: ask again", Severity::kWaitPolice);
  }
}

}  // namespace birthseal::certs
