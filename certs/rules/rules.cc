// SPDX-License-Identifier: Apache-2.0
#include "certs/rules/rules.h"

#include <utility>

#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

// Rule I5.
void CheckFirstIssue(const CaseFacts& facts, Findings& findings) {
  CheckSecondApplication(facts, findings);
  CheckCutOff(facts, findings);
  CheckBirth(facts, findings);
  CheckPlaceOfBirth(facts, findings);
  CheckNewbornName(facts, findings);
  CheckMother(facts, findings);
  CheckFather(facts, findings);
  CheckIdentityMatch(facts, findings);
  CheckCollector(facts, findings);
  CheckTimeLimits(facts, findings);
  CheckPrintable(facts, findings);
}

void CheckExchangeCase(const CaseFacts& facts, Findings& findings) {
  CheckExchange(facts, findings);
  CheckCutOff(facts, findings);
  CheckBirth(facts, findings);
  CheckNewbornName(facts, findings);
  CheckMother(facts, findings);
  CheckFather(facts, findings);
  CheckIdentityMatch(facts, findings);
  CheckCollector(facts, findings);
  CheckPrintable(facts, findings);
}

void CheckReplacementCase(const CaseFacts& facts, Findings& findings) {
  CheckReplacement(facts, findings);
  CheckCollector(facts, findings);
}

// A paper already issued gets its electronic licence: what it says is not judged anew.
// Rule E14.
void CheckBackfill(const CaseFacts& facts, Findings& findings) {
  CheckSecondApplication(facts, findings);
  CheckCutOff(facts, findings);
  CheckBirth(facts, findings);
  CheckMother(facts, findings);
  CheckFather(facts, findings);
  CheckPrintable(facts, findings);
}

}  // namespace

void Findings::Add(absl::string_view code, absl::string_view field, absl::string_view zh,
                   absl::string_view en, Severity severity) {
  for (const Defect& known : defects_) {
    if (known.code == code && known.field == field) return;
  }
  defects_.push_back(
      {std::string(code), std::string(field), std::string(zh), std::string(en), severity});
}

std::vector<Defect> Findings::Take() { return std::move(defects_); }

// Rule E1.
std::vector<Defect> Check(const CaseFacts& facts) {
  Findings findings;
  CheckInstitution(facts, findings);
  switch (facts.application.kind) {
    case CaseKind::kFirstIssue:
      CheckFirstIssue(facts, findings);
      break;
    case CaseKind::kExchange:
      CheckExchangeCase(facts, findings);
      break;
    case CaseKind::kReplacement:
      CheckReplacementCase(facts, findings);
      break;
    case CaseKind::kBackfill:
      CheckBackfill(facts, findings);
      break;
    case CaseKind::kOfficialDocument:
      break;
  }
  CheckEvidence(facts, findings);
  return findings.Take();
}

// Rule B17.
FaceContent ComposeFace(const CaseFacts& facts) {
  const Application& application = facts.application;
  if (application.kind == CaseKind::kReplacement && facts.predecessor != nullptr) {
    // Rule X9. The issuer is who replaces, as the seal says.
    FaceContent content = facts.predecessor->content;
    content.issuing_institution_name = facts.institution.name;
    content.issuing_institution_code = facts.institution.code;
    return content;
  }
  const Delivery& delivery = facts.delivery;
  const absl::CivilDay birth(delivery.birth_time);
  FaceContent content;
  content.newborn_name = application.newborn_name;
  content.sex = delivery.sex;
  content.birth_time = delivery.birth_time;
  content.gestation_weeks = delivery.gestation_weeks;
  content.gestation_days = delivery.gestation_days;
  content.birth_weight_g = delivery.birth_weight_g;
  content.birth_length_mm = delivery.birth_length_mm;
  content.birth_place = delivery.birth_place;
  if (OutsideFacility(delivery)) {
    content.delivery_institution_name = facts.profile.absent_marker;
  } else {
    const bool own = delivery.facility_code == facts.institution.code;
    content.delivery_institution_name =
        delivery.facility_name.empty() && own ? facts.institution.name : delivery.facility_name;
    content.delivery_institution_code = delivery.facility_code;
  }
  content.mother = application.mother;
  content.father = application.father;
  for (Parent* parent : {&content.mother, content.father ? &*content.father : nullptr}) {
    if (parent == nullptr) continue;
    const int age = AgeAtBirth(parent->id_type, parent->id_number, birth);
    if (age > 0) parent->age = age;
  }
  content.issuing_institution_name = facts.institution.name;
  content.issuing_institution_code = facts.institution.code;
  content.absent_marker = facts.profile.absent_marker;
  return content;
}

}  // namespace birthseal::certs
