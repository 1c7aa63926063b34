// SPDX-License-Identifier: Apache-2.0
#include "tests/support/birth_messages.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "certs/identifiers.h"

namespace birthseal::tests {
namespace {

constexpr int kSequences = 499;  // of one birth day and one sex

absl::CivilDay DayOfBirth() {
  static const absl::CivilDay day =
      absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(8 * 3600)) - 3;
  return day;
}

// Women born from 1986 on; the odd sequences below theirs are men's.
std::string MothersNumber(int n) {
  const absl::CivilDay born = absl::CivilDay(1986, 1, 1) + n / kSequences;
  const std::string body = absl::StrFormat("529901%04d%02d%02d%03d", born.year(), born.month(),
                                           born.day(), 2 * (n % kSequences) + 2);
  return absl::StrCat(body, std::string(1, certs::Mod11_2CheckCharacter(body)));
}

std::string FathersNumber(const std::string& mothers) {
  const std::string body =
      absl::StrFormat("%s%03d", mothers.substr(0, 14), std::stoi(mothers.substr(14, 3)) - 1);
  return absl::StrCat(body, std::string(1, certs::Mod11_2CheckCharacter(body)));
}

v1::Parent ParentOf(absl::string_view name, const std::string& number) {
  v1::Parent parent;
  parent.set_name(std::string(name));
  parent.set_nationality("CHN");
  parent.set_ethnicity("01");
  parent.set_address("贵州省云岭县松风街道栖霞路18号");
  parent.set_id_type(v1::ID_TYPE_CITIZEN_ID);
  parent.set_id_number(number);
  return parent;
}

void AddEvidence(const char* kind, v1::Application* application) {
  v1::Evidence* evidence = application->add_evidence();
  evidence->set_kind(kind);
  evidence->set_reference(absl::StrCat("DOC-", kind));
  evidence->set_sm3(certs::Bytes(certs::Sm3Of(kind)));
}

}  // namespace

v1::Delivery BirthOf(int n, absl::string_view facility_code, absl::string_view facility_name) {
  v1::Delivery delivery;
  delivery.set_facility_code(std::string(facility_code));
  delivery.set_facility_name(std::string(facility_name));
  const absl::string_view mark = facility_code.substr(5, 3);
  delivery.set_baby_record_no(absl::StrCat("B", mark, "-", n));
  delivery.set_mother_inpatient_no(absl::StrCat("I", mark, "-", n));
  delivery.set_sex(n % 2 == 0 ? v1::SEX_FEMALE : v1::SEX_MALE);
  const std::string day = absl::FormatCivilTime(DayOfBirth());
  delivery.set_birth_time(absl::StrFormat("%sT%02d:%02d", day, n / 60 % 20, n % 60));
  delivery.set_gestation_weeks(38);
  delivery.set_gestation_days(3);
  delivery.set_birth_weight_g(2900 + n % 800);
  delivery.set_birth_length_mm(500);
  delivery.mutable_birth_place()->set_province("贵州省");
  delivery.mutable_birth_place()->set_city("云岭市");
  delivery.mutable_birth_place()->set_county("云岭县");
  delivery.mutable_birth_place()->set_code("529901");
  delivery.set_outcome(v1::OUTCOME_LIVE);
  delivery.set_plurality(1);
  delivery.set_birth_order(1);
  delivery.set_mother_name("林晚舟");
  delivery.set_mother_id_type(v1::ID_TYPE_CITIZEN_ID);
  delivery.set_mother_id_number(MothersNumber(n));
  delivery.set_midwife_id("MW-1");
  delivery.set_signed_time(absl::StrCat(day, "T21:00:00"));
  return delivery;
}

v1::PushDeliveriesRequest MessageFor(const v1::Delivery& delivery) {
  v1::PushDeliveriesRequest request;
  request.set_facility_code(delivery.facility_code());
  request.set_source_message_id(absl::StrCat("HIS|", delivery.baby_record_no()));
  request.set_raw(delivery.SerializeAsString());
  request.set_raw_format("grpc");
  request.set_content_digest(certs::Bytes(certs::Sm3Of(request.raw())));
  request.set_event(v1::FEED_EVENT_RECORD);
  *request.mutable_delivery() = delivery;
  return request;
}

v1::Application ApplicationFor(const v1::Delivery& delivery, const std::string& newborn_id,
                               absl::string_view institution_code) {
  v1::Application application;
  application.set_kind(v1::CASE_KIND_FIRST_ISSUE);
  application.set_institution_code(std::string(institution_code));
  application.set_newborn_id(newborn_id);
  application.set_newborn_name("云知夏");
  *application.mutable_mother() = ParentOf(delivery.mother_name(), delivery.mother_id_number());
  *application.mutable_father() = ParentOf("云长青", FathersNumber(delivery.mother_id_number()));
  application.mutable_collector()->set_name(delivery.mother_name());
  application.mutable_collector()->set_relation("MOTHER");
  application.mutable_collector()->set_id_type(delivery.mother_id_type());
  application.mutable_collector()->set_id_number(delivery.mother_id_number());
  AddEvidence("MOTHER_ID", &application);
  AddEvidence("FATHER_ID", &application);
  return application;
}

v1::Application ExchangeFor(const v1::Delivery& delivery, const std::string& newborn_id,
                            absl::string_view institution_code, const std::string& predecessor) {
  v1::Application application = ApplicationFor(delivery, newborn_id, institution_code);
  application.set_kind(v1::CASE_KIND_EXCHANGE);
  application.set_ground(v1::EXCHANGE_GROUND_DAMAGED);
  application.set_predecessor_number(predecessor);
  AddEvidence("ISSUING_RECORD", &application);
  AddEvidence("ORIGINAL_FRONT", &application);
  AddEvidence("ORIGINAL_SECOND", &application);
  return application;
}

v1::OperatorSignature Signed(const std::string& operator_id,
                             const std::shared_ptr<const signer::PrivateKey>& key,
                             const std::string& digest) {
  v1::OperatorSignature signature;
  signature.set_operator_id(operator_id);
  signature.set_signature(signer::SignWith(key, digest));
  return signature;
}

v1::ApproveCasesRequest::Item ApprovalOf(const v1::SubmitApplicationResponse& filed,
                                         const std::string& operator_id,
                                         const std::shared_ptr<const signer::PrivateKey>& key) {
  v1::ApproveCasesRequest::Item item;
  item.set_case_id(filed.case_id());
  item.set_content_digest(filed.content_digest());
  *item.mutable_issuer() = Signed(operator_id, key, filed.content_digest());
  return item;
}

v1::IssueCertificatesRequest::Item OrderOf(const v1::ApproveCasesResponse::Result& approved,
                                           const std::string& operator_id,
                                           const std::shared_ptr<const signer::PrivateKey>& key) {
  v1::IssueCertificatesRequest::Item item;
  item.set_case_id(approved.case_id());
  item.set_issue_date(approved.issue_date());
  *item.mutable_sealer() = Signed(operator_id, key, approved.face_digest());
  return item;
}

}  // namespace birthseal::tests
