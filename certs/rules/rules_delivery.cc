// SPDX-License-Identifier: Apache-2.0
// Clauses about the birth: the delivery record as feed and as part of a case.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "certs/printable.h"
#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

constexpr int kMinWeight = 300, kMaxWeight = 8000;     // grams
constexpr int kMinLength = 200, kMaxLength = 700;      // millimetres
constexpr int kMinGestation = 20, kMaxGestation = 45;  // completed weeks

bool Outside(int value, int low, int high) { return value != 0 && (value < low || value > high); }

// A birth time without minutes is never padded. Rules B1, B2.
void CheckBirthTime(const Delivery& delivery, absl::CivilSecond now, Findings& findings) {
  constexpr absl::string_view kField = "delivery.birth_time";
  if (!delivery.birth_time_known) {
    const bool day_only = delivery.birth_time != absl::CivilMinute();
    findings.Add(day_only ? "BIRTH_TIME_WITHOUT_MINUTES" : "BIRTH_TIME_MISSING", kField,
                 "出生时间未精确到分钟", "the birth time is not given to the minute");
    return;
  }
  if (absl::CivilSecond(delivery.birth_time) > now) {
    findings.Add("BIRTH_IN_FUTURE", kField, "出生时间晚于当前时间", "the birth time is not past");
  }
}

// Rule B10: in a case the range is a warning, a missing value is not.
void CheckPlausible(const Delivery& delivery, Severity severity, Findings& findings) {
  if (Outside(delivery.birth_weight_g, kMinWeight, kMaxWeight)) {
    findings.Add("WEIGHT_IMPLAUSIBLE", "delivery.birth_weight_g", "出生体重超出合理范围",
                 "the birth weight is outside 300 to 8000 g", severity);
  }
  if (Outside(delivery.birth_length_mm, kMinLength, kMaxLength)) {
    findings.Add("LENGTH_IMPLAUSIBLE", "delivery.birth_length_mm", "出生身长超出合理范围",
                 "the birth length is outside 20 to 70 cm", severity);
  }
  if (Outside(delivery.gestation_weeks, kMinGestation, kMaxGestation)) {
    findings.Add("GESTATION_IMPLAUSIBLE", "delivery.gestation_weeks", "出生孕周超出合理范围",
                 "the gestation is outside 20 to 45 weeks", severity);
  }
}

// Rule B8.
void CheckGestationDays(const Delivery& delivery, Findings& findings) {
  if (delivery.gestation_days < 0 || delivery.gestation_days > 6) {
    findings.Add("GESTATION_DAYS_INVALID", "delivery.gestation_days", "孕周天数应为0至6",
                 "days of gestation are 0 to 6");
  }
}

// One certificate per child, distinct order; a third twin does not exist. Rules I12, B7.
void CheckOrder(const Delivery& delivery, Findings& findings) {
  constexpr absl::string_view kField = "delivery.birth_order";
  if (delivery.plurality > 0 && delivery.birth_order > delivery.plurality) {
    findings.Add("BIRTH_ORDER_EXCEEDS_PLURALITY", kField, "出生次序超过胎儿数",
                 "the birth order is higher than the number born");
  }
  if (delivery.plurality > 1 && delivery.birth_order < 1) {
    findings.Add("BIRTH_ORDER_MISSING", kField, "多胎未填写出生次序",
                 "a multiple birth needs the order of each child");
  }
  if (delivery.plurality == 0 && delivery.birth_order > 1) {
    findings.Add("PLURALITY_MISSING", "delivery.plurality", "有出生次序但未填写胎儿数",
                 "an order above one needs the number born");
  }
  if (delivery.plurality < 0 || delivery.birth_order < 0) {
    findings.Add("BIRTH_ORDER_INVALID", kField, "出生次序不正确", "order and number are positive");
  }
}

// Rule B12.
void CheckMotherInRecord(const Delivery& delivery, Findings& findings) {
  if (delivery.mother_name.empty()) {
    findings.Add("MOTHER_NAME_MISSING", "delivery.mother_name", "分娩信息缺少产妇姓名",
                 "the delivery record has no mother's name");
  } else if (!IsPrintable(delivery.mother_name)) {
    findings.Add("NAME_NOT_PRINTABLE", "delivery.mother_name", "产妇姓名含无法识别的字符",
                 "the mother's name holds unreadable or private-use characters");
  }
  if (delivery.mother_id_type == IdType::kNone || delivery.mother_id_number.empty()) {
    findings.Add("MOTHER_ID_MISSING", "delivery.mother_id_number", "分娩信息缺少产妇证件号码",
                 "the delivery record has no identity number of the mother");
    return;
  }
  CheckIdDocument(delivery.mother_id_type, delivery.mother_id_number, "delivery.mother", findings);
}

// Only a live birth has a certificate, and silence is none. Rules B4, B5.
void CheckOutcome(const Delivery& delivery, Findings& findings) {
  if (delivery.outcome == Outcome::kLive) return;
  if (delivery.outcome == Outcome::kStillbirth) {
    findings.Add("NOT_LIVE_BIRTH", "delivery.outcome", "非活产,不予签发",
                 "not a live birth: no certificate", Severity::kNotEligible);
    return;
  }
  findings.Add("OUTCOME_NOT_REPORTED", "delivery.outcome", "未报告分娩结局",
               "the delivery record does not say that the birth was live");
}

// Rules B6, B9, B11.
void CheckPrintedBirthFields(const Delivery& delivery, Findings& findings) {
  if (delivery.sex != Sex::kMale && delivery.sex != Sex::kFemale) {
    findings.Add("SEX_NOT_REPORTED", "delivery.sex", "未报告新生儿性别", "the sex is not reported");
  }
  if (delivery.gestation_weeks <= 0) {
    findings.Add("GESTATION_MISSING", "delivery.gestation_weeks", "缺少出生孕周",
                 "the gestation is not reported");
  }
  if (delivery.birth_weight_g <= 0) {
    findings.Add("WEIGHT_MISSING", "delivery.birth_weight_g", "缺少出生体重",
                 "the birth weight is not reported");
  }
  if (delivery.birth_length_mm <= 0) {
    findings.Add("LENGTH_MISSING", "delivery.birth_length_mm", "缺少出生身长",
                 "the birth length is not reported");
  }
  const Place& place = delivery.birth_place;
  if (place.province.empty() || (place.city.empty() && place.county.empty())) {
    findings.Add("BIRTH_PLACE_MISSING", "delivery.birth_place", "缺少出生地点",
                 "the place of birth is not reported down to the city or county");
  }
  if (!place.code.empty() &&
      (place.code.size() != 6 || place.code.find_first_not_of("0123456789") != std::string::npos)) {
    findings.Add("BIRTH_PLACE_CODE_INVALID", "delivery.birth_place.code", "行政区划代码应为6位数字",
                 "a division code (GB/T 2260) has six digits");
  }
}

}  // namespace

// Rule B16.
bool OutsideFacility(const Delivery& delivery) {
  return delivery.source == DeliverySource::kManual && delivery.facility_name.empty();
}

void CheckBirth(const CaseFacts& facts, Findings& findings) {
  CheckBirthTime(facts.delivery, facts.now, findings);
  CheckOutcome(facts.delivery, findings);
  CheckOrder(facts.delivery, findings);
  CheckGestationDays(facts.delivery, findings);
  CheckPrintedBirthFields(facts.delivery, findings);
  CheckPlausible(facts.delivery, Severity::kNote, findings);
}

void CheckPlaceOfBirth(const CaseFacts& facts, Findings& findings) {
  const InstitutionFacts& institution = facts.institution;
  const bool county_body = institution.managing || institution.out_of_facility;
  if (!OutsideFacility(facts.delivery)) {
    // Rule B13: the facility of the birth issues; a county body may in its place.
    const bool of_birth =
        facts.delivery.facility_code == institution.code || facts.institution_reported_birth;
    if (of_birth || county_body) return;
    findings.Add("NOT_INSTITUTION_OF_BIRTH", "institution_code", "非本机构出生,应由出生机构签发",
                 "only the facility of the birth issues first", Severity::kNotEligible);
    return;
  }
  // Rules B14, B15: outside a facility the county body issues, with a DNA report.
  if (!county_body) {
    findings.Add("NOT_DESIGNATED_OUTSIDE_FACILITY", "institution_code",
                 "机构外出生应向拟落户地县级指定机构申领",
                 "a birth outside a facility is certified by the designated county body",
                 Severity::kNotEligible);
  }
  Require(facts, EvidenceKind::kDnaReport, findings);
}

std::vector<Defect> CheckDelivery(const Delivery& delivery, absl::CivilSecond now) {
  Findings findings;
  CheckBirthTime(delivery, now, findings);
  // Rule B3: a record of before certificates existed is a wrong year, not an old birth.
  if (delivery.birth_time_known && delivery.birth_time < absl::CivilMinute(1996, 1, 1)) {
    findings.Add("BIRTH_TIME_IMPLAUSIBLE", "delivery.birth_time", "出生时间早于1996年",
                 "the birth time is before 1996");
  }
  CheckOrder(delivery, findings);
  CheckGestationDays(delivery, findings);
  CheckPlausible(delivery, Severity::kReturn, findings);
  CheckMotherInRecord(delivery, findings);
  return findings.Take();
}

}  // namespace birthseal::certs
