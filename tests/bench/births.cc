// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/births.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/digest.h"
#include "certs/identifiers.h"
#include "tests/bench/installation.h"

namespace birthseal::bench {
namespace {

constexpr const char* kSurnames[] = {"慕容", "欧阳", "诸葛", "司空", "云", "林", "苏",
                                     "叶",   "江",   "顾",   "沈",   "陆", "秦", "白"};
constexpr const char* kGiven[] = {"星", "遥", "听", "雨", "望", "舒", "知", "夏", "晚", "舟", "长",
                                  "青", "若", "水", "清", "和", "景", "明", "怀", "瑾", "握", "瑜",
                                  "思", "齐", "乐", "之", "砚", "秋", "予", "安", "承", "泽"};
constexpr absl::CivilDay kFirstMother(1985, 1, 1), kFirstFather(1983, 1, 1);
constexpr uint64_t kParentDays = 6500;  // birthdays spread over these

template <size_t kCount>
const char* Pick(const char* const (&words)[kCount], uint64_t n) {
  return words[n % kCount];
}

std::string Name(uint64_t index, uint64_t salt) {
  const uint64_t n = (index + 1) * 2654435761u + salt * 40503u;
  return absl::StrCat(Pick(kSurnames, index + salt), Pick(kGiven, n >> 7), Pick(kGiven, n >> 15));
}

// Odd sequence numbers are men's, even ones women's.
std::string CitizenNumber(uint64_t index, absl::CivilDay first, bool female) {
  const absl::CivilDay born = first + static_cast<int>(index % kParentDays);
  const uint64_t sequence = 2 * (index / kParentDays % 499) + (female ? 2 : 1);
  const std::string body = absl::StrFormat("529901%04d%02d%02d%03d", born.year(), born.month(),
                                           born.day(), static_cast<int>(sequence));
  return absl::StrCat(body, std::string(1, certs::Mod11_2CheckCharacter(body)));
}

std::string MotherNumber(uint64_t index) { return CitizenNumber(index, kFirstMother, true); }

void FillParent(uint64_t index, bool mother, v1::Parent* parent) {
  parent->set_name(Name(index, mother ? 1 : 2));
  parent->set_nationality("CHN");
  parent->set_ethnicity(mother ? "01" : "03");
  parent->set_address(absl::StrCat("贵州省云岭市云岭县松风街道栖霞路", index % 300 + 1, "号",
                                   index % 9 + 1, "单元", index % 27 + 101, "室"));
  parent->set_id_type(v1::ID_TYPE_CITIZEN_ID);
  parent->set_id_number(mother ? MotherNumber(index) : CitizenNumber(index, kFirstFather, false));
}

void AddEvidence(const char* kind, v1::Application* application) {
  v1::Evidence* evidence = application->add_evidence();
  evidence->set_kind(kind);
  evidence->set_reference("case-17");
  evidence->set_sm3(certs::Bytes(certs::Sm3Of("a scanned document")));
}

}  // namespace

Births::Births(absl::Time now)
    : day_(absl::ToCivilDay(now, absl::FixedTimeZone(8 * 60 * 60)) - 1) {}

v1::PushDeliveriesRequest Births::Message(uint64_t index) const {
  v1::PushDeliveriesRequest request;
  request.set_facility_code(kHospital);
  request.set_source_message_id(absl::StrCat("BENCH|MSG-", index));
  request.set_event(v1::FEED_EVENT_RECORD);
  v1::Delivery* delivery = request.mutable_delivery();
  delivery->set_facility_code(kHospital);
  delivery->set_facility_name(kHospitalName);
  delivery->set_baby_record_no(absl::StrCat("B", index));
  delivery->set_mother_inpatient_no(absl::StrCat("I", index));
  delivery->set_sex(index % 2 == 0 ? v1::SEX_FEMALE : v1::SEX_MALE);
  const std::string day = absl::FormatCivilTime(day_);
  delivery->set_birth_time(absl::StrFormat("%sT%02d:%02d", day, static_cast<int>(index % 20),
                                           static_cast<int>(index % 60)));
  delivery->set_gestation_weeks(38 + static_cast<int>(index % 3));
  delivery->set_gestation_days(static_cast<int>(index % 7));
  delivery->set_birth_weight_g(2800 + static_cast<int>(index % 900));
  delivery->set_birth_length_mm(480 + static_cast<int>(index % 40));
  v1::Place* place = delivery->mutable_birth_place();
  place->set_province("贵州省");
  place->set_city("云岭市");
  place->set_county("云岭县");
  place->set_code("529901");
  delivery->set_outcome(v1::OUTCOME_LIVE);
  delivery->set_plurality(1);
  delivery->set_birth_order(1);
  delivery->set_mother_name(Name(index, 1));
  delivery->set_mother_id_type(v1::ID_TYPE_CITIZEN_ID);
  delivery->set_mother_id_number(MotherNumber(index));
  delivery->set_midwife_id("MW-1");
  delivery->set_signed_time(absl::StrCat(day, "T21:00:00"));
  // As long as a real HL7 v2 message.
  std::string raw = absl::StrCat("MSH|^~\\&|BENCH|", kHospital, "|", index, "|");
  raw.resize(1200, '|');
  request.set_raw(raw);
  request.set_raw_format("hl7v2");
  request.set_content_digest(certs::Bytes(certs::Sm3Of(raw)));
  return request;
}

v1::SubmitApplicationRequest Births::Application(uint64_t index,
                                                 absl::string_view newborn_id) const {
  v1::SubmitApplicationRequest request;
  request.set_request_id(absl::StrCat("bench-", index));
  v1::Application* application = request.mutable_application();
  application->set_kind(v1::CASE_KIND_FIRST_ISSUE);
  application->set_institution_code(kHospital);
  application->set_newborn_id(std::string(newborn_id));
  application->set_newborn_name(Name(index, 16));  // the father's surname: there are 14
  FillParent(index, true, application->mutable_mother());
  FillParent(index, false, application->mutable_father());
  application->mutable_collector()->set_relation("MOTHER");
  AddEvidence("MOTHER_ID", application);
  AddEvidence("FATHER_ID", application);
  return request;
}

}  // namespace birthseal::bench
