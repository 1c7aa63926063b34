// SPDX-License-Identifier: Apache-2.0
// Clauses about the parents and their identity documents.
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/id_document.h"
#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

struct ParentRules {
  absl::string_view path;        // "mother", "father"
  absl::string_view incomplete;  // code
  absl::string_view prefix;      // of the other codes
  bool female;
  int lowest, highest;              // age; outside is an error
  int usual_lowest, usual_highest;  // outside is a note
};

// Rule P8.
constexpr ParentRules kMother = {"mother", "MOTHER_INCOMPLETE", "MOTHER", true, 10, 70, 14, 55};
constexpr ParentRules kFather = {"father", "FATHER_INCOMPLETE", "FATHER", false, 10, 100, 14, 70};

// Ethnicity is optional: a foreign parent has none. Rules P1, I6.
void CheckComplete(const Parent& parent, const ParentRules& rules, Findings& findings) {
  const bool age_known =
      parent.age > 0 || !NumberWithBirthDate(parent.id_type, parent.id_number).empty();
  const std::pair<bool, absl::string_view> fields[] = {
      {!parent.name.empty(), "name"},
      {age_known, "age"},
      {!parent.nationality.empty(), "nationality"},
      {!parent.address.empty(), "address"},
      {parent.id_type != IdType::kNone, "id_type"},
      {!parent.id_number.empty(), "id_number"},
  };
  for (const auto& [given, name] : fields) {
    if (given) continue;
    findings.Add(rules.incomplete, absl::StrCat(rules.path, ".", name),
                 rules.female ? "母亲信息不完整" : "父亲信息应全部填写或全部不填",
                 rules.female ? "the mother's fields are mandatory"
                              : "give all of the father's fields or none");
  }
}

// Rule P10.
void CheckCodes(const Parent& parent, const ParentRules& rules, Findings& findings) {
  if (!parent.nationality.empty() && !NationalityText(parent.nationality).ok()) {
    findings.Add("NATIONALITY_UNKNOWN", absl::StrCat(rules.path, ".nationality"),
                 "国籍代码不在 GB/T 2659 中", "not an alpha-3 code of GB/T 2659");
  }
  if (!parent.ethnicity.empty() && !EthnicityText(parent.ethnicity).ok()) {
    findings.Add("ETHNICITY_UNKNOWN", absl::StrCat(rules.path, ".ethnicity"),
                 "民族代码不在 GB/T 3304 中", "not a code of GB/T 3304");
  }
}

// Age at the birth, computed from the birth date when the document gives it. Rule P7.
void CheckAge(const Parent& parent, const ParentRules& rules, absl::CivilDay birth,
              Findings& findings) {
  const std::string field = absl::StrCat(rules.path, ".age");
  const int computed = AgeAtBirth(parent.id_type, parent.id_number, birth);
  if (computed > 0 && parent.age > 0 && parent.age != computed) {
    findings.Add(absl::StrCat(rules.prefix, "_AGE_MISMATCH"), field,
                 "填写年龄与证件出生日期计算的年龄不一致",
                 "the stated age is not the one computed from the identity number");
  }
  const bool dated = !NumberWithBirthDate(parent.id_type, parent.id_number).empty();
  const int age = dated ? computed : parent.age;
  if (age == 0 && !dated) return;  // missing: said elsewhere
  if (age < rules.lowest || age > rules.highest) {
    findings.Add(absl::StrCat(rules.prefix, "_AGE_IMPLAUSIBLE"), field, "年龄不合理",
                 "no parent has this age");
  } else if (age < rules.usual_lowest || age > rules.usual_highest) {
    findings.Add(absl::StrCat(rules.prefix, "_AGE_UNUSUAL"), field, "年龄少见,请核实",
                 "an unusual age: please check", Severity::kNote);
  }
}

// Rule P9.
void CheckSexOfNumber(const Parent& parent, const ParentRules& rules, Findings& findings) {
  const CitizenId number = NumberWithBirthDate(parent.id_type, parent.id_number);
  if (number.empty() || number.female() == rules.female) return;
  findings.Add(absl::StrCat(rules.prefix, rules.female ? "_ID_NOT_FEMALE" : "_ID_NOT_MALE"),
               absl::StrCat(rules.path, ".id_number"), "身份证号码所示性别不符",
               "the identity number is of the other sex");
}

void CheckParent(const Parent& parent, const ParentRules& rules, const CaseFacts& facts,
                 Findings& findings) {
  CheckComplete(parent, rules, findings);
  CheckCodes(parent, rules, findings);
  if (parent.id_type != IdType::kNone && !parent.id_number.empty()) {
    CheckIdDocument(parent.id_type, parent.id_number, rules.path, findings);
  }
  if (facts.delivery.birth_time_known) {
    CheckAge(parent, rules, absl::CivilDay(facts.delivery.birth_time), findings);
  }
  CheckSexOfNumber(parent, rules, findings);
}

// Rule P11.
bool SameDocument(IdType type, absl::string_view number, IdType other_type,
                  absl::string_view other_number) {
  return ClaimedType(type, number) == ClaimedType(other_type, other_number) &&
         SameIdNumber(number, other_number);
}

}  // namespace

int AgeAtBirth(IdType type, absl::string_view number, absl::CivilDay birth) {
  const CitizenId id = NumberWithBirthDate(type, number);
  if (id.empty() || birth <= id.birth_date()) return 0;
  const absl::CivilDay born = id.birth_date();
  int years = static_cast<int>(birth.year() - born.year());
  const bool birthday_to_come =
      birth.month() < born.month() || (birth.month() == born.month() && birth.day() < born.day());
  return birthday_to_come ? years - 1 : years;
}

void CheckIdDocument(IdType type, absl::string_view number, absl::string_view path,
                     Findings& findings) {
  const absl::string_view joint = path == "delivery.mother" ? "_" : ".";
  const std::string type_field = absl::StrCat(path, joint, "id_type");
  const std::string number_field = absl::StrCat(path, joint, "id_number");
  switch (FaultOf(type, number)) {
    case IdFault::kNone:
      return;
    case IdFault::kTypeNotAccepted:
      return findings.Add("ID_TYPE_NOT_ACCEPTED", type_field, "驾驶证不是有效身份证件",
                          "a driving licence is no proof of identity here");
    case IdFault::kCitizenNumber:
      return findings.Add("ID_TYPE_CONTRADICTS_NUMBER", type_field,
                          "号码为公民身份号码格式，证件类别却不是居民身份证，请核对证件后改正",
                          "the number has the form of a citizen number, the type is another "
                          "document: look at the document and correct type or number");
    case IdFault::kPlaceholder:
      return findings.Add("ID_NUMBER_PLACEHOLDER", number_field,
                          "证件号码是占位或脱敏内容，请按证件原件填写完整号码",
                          "the number is a placeholder or masked: give the whole number as it "
                          "stands in the document");
    case IdFault::kForm:
      return findings.Add("ID_NUMBER_INVALID", number_field, "证件号码不符合该类证件的编号规则",
                          "the number does not fit the rule of this document");
  }
}

// "无法核定新生儿母亲信息的新生儿,不能获得". Rule P2.
void CheckMother(const CaseFacts& facts, Findings& findings) {
  const Parent& mother = facts.application.mother;
  const bool identified = !mother.name.empty() || !mother.id_number.empty();
  if (identified) {
    CheckParent(mother, kMother, facts, findings);
    return;
  }
  if (facts.profile.father_only_route && facts.application.father) {
    Require(facts, EvidenceKind::kDnaReport, findings);  // Rule P3
    return;
  }
  findings.Add("MOTHER_NOT_IDENTIFIED", "mother", "无法核定新生儿母亲信息,不予签发",
               "a newborn whose mother cannot be identified has no certificate",
               Severity::kNotEligible);
}

// The father's block all present or all absent; absent needs the mother's statement. Rules I6, P4,
// P5.
void CheckFather(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  if (application.father) {
    CheckParent(*application.father, kFather, facts, findings);
    if (application.kind != CaseKind::kBackfill) {
      Require(facts, EvidenceKind::kFatherId, findings);
    }
    const Parent& mother = application.mother;
    if (!mother.id_number.empty() &&
        SameDocument(mother.id_type, mother.id_number, application.father->id_type,
                     application.father->id_number)) {
      findings.Add("PARENTS_SHARE_ID", "father.id_number", "父母证件号码相同",
                   "mother and father cannot share an identity number");
    }
  }
  if (application.father_incomplete) {
    findings.Add("FATHER_INCOMPLETE", "father", "父亲信息应全部填写或全部不填",
                 "give all of the father's fields or none");
  } else if (!application.father && application.kind != CaseKind::kBackfill &&
             !MotherCannotAct(application)) {
    Require(facts, EvidenceKind::kMotherStatement, findings);
  }
}

// ID differs from the admission record: certificate of the registry that both are one person, or a
// DNA report. Rule P12.
void CheckIdentityMatch(const CaseFacts& facts, Findings& findings) {
  const Delivery& delivery = facts.delivery;
  const Parent& mother = facts.application.mother;
  if (mother.name.empty() && mother.id_number.empty()) return;
  if (delivery.mother_name.empty()) {
    findings.Add("MOTHER_NAME_MISSING", "delivery.mother_name", "分娩信息缺少产妇姓名",
                 "the delivery record has no mother's name");
  }
  const bool name_differs = !delivery.mother_name.empty() && delivery.mother_name != mother.name;
  // Whatever the types: a mistyped citizen number comes as another document, too.
  const bool number_differs = !delivery.mother_id_number.empty() &&
                              !SameIdNumber(delivery.mother_id_number, mother.id_number);
  if (!name_differs && !number_differs) return;
  if (HasEvidence(facts.application, EvidenceKind::kSamePersonCertificate) ||
      HasEvidence(facts.application, EvidenceKind::kDnaReport)) {
    return;
  }
  findings.Add("ID_MISMATCH", name_differs ? "mother.name" : "mother.id_number",
               "母亲证件信息与住院登记不一致,需户口登记机关同一人证明或亲子鉴定",
               "the mother's document differs from the admission record: bring the registry's "
               "certificate that both are one person, or a DNA report");
}

}  // namespace birthseal::certs
