// SPDX-License-Identifier: Apache-2.0
#include "server/api/convert.h"

#include <algorithm>

#include "certs/identifiers.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxAddress = 600;
constexpr int kMaxEvidence = 40;
constexpr size_t kMaxSignature = 200;

static_assert(static_cast<int>(certs::CaseKind::kReplacement) == v1::CASE_KIND_REPLACEMENT);
static_assert(static_cast<int>(certs::ExchangeGround::kParentsWish) ==
              v1::EXCHANGE_GROUND_PARENTS_WISH);
static_assert(static_cast<int>(certs::CaseState::kReturned) == v1::CASE_STATE_RETURNED);
static_assert(static_cast<int>(certs::CaseState::kWithdrawn) == v1::CASE_STATE_WITHDRAWN);
static_assert(static_cast<int>(certs::CertificateState::kRevoked) ==
              v1::CERTIFICATE_STATUS_REVOKED);
static_assert(static_cast<int>(certs::Severity::kNote) == v1::CaseDefect::NOTE);

certs::IdType IdTypeFrom(v1::IdType type, const std::string& field, FieldChecker* check) {
  return check->Enum<certs::IdType>(type, v1::IdType_IsValid(type), field, FieldChecker::kOptional);
}

certs::Parent FromProto(const v1::Parent& in, const std::string& prefix, FieldChecker* check) {
  certs::Parent out;
  out.name = check->Text(in.name(), prefix + "name", certs::kMaxName);
  out.age = check->Between(in.age(), prefix + "age", 0, 150);
  out.nationality = check->Text(in.nationality(), prefix + "nationality", 3);
  out.ethnicity = check->Text(in.ethnicity(), prefix + "ethnicity", 2);
  out.address = check->Text(in.address(), prefix + "address", kMaxAddress);
  out.id_type = IdTypeFrom(in.id_type(), prefix + "id_type", check);
  out.id_number = check->IdNumber(in.id_number(), prefix + "id_number");
  return out;
}

// All six fields of the father or none; the ethnicity is none of the six, the age is computed from
// a citizen number.
bool FatherComplete(const certs::Parent& father) {
  return !father.name.empty() && !father.nationality.empty() && !father.address.empty() &&
         father.id_type != certs::IdType::kNone && !father.id_number.empty() &&
         (father.age != 0 || father.id_type == certs::IdType::kCitizenId);
}

void ToProto(const certs::Parent& in, v1::Parent* out) {
  out->set_name(in.name);
  out->set_age(in.age);
  out->set_nationality(in.nationality);
  out->set_ethnicity(in.ethnicity);
  out->set_address(in.address);
  out->set_id_type(static_cast<v1::IdType>(in.id_type));
  out->set_id_number(in.id_number);
}

certs::Collector FromProto(const v1::Collector& in, FieldChecker* check) {
  certs::Collector out;
  out.name = check->Text(in.name(), "collector.name", certs::kMaxName);
  out.relation = check->Text(in.relation(), "collector.relation", 20);
  constexpr absl::string_view kRelations[] = {"", "MOTHER", "FATHER", "GUARDIAN", "DELEGATE"};
  if (std::find(std::begin(kRelations), std::end(kRelations), out.relation) ==
      std::end(kRelations)) {
    check->Fault("ENUM_UNKNOWN", "collector.relation",
                 "must be MOTHER, FATHER, GUARDIAN or DELEGATE");
  }
  out.id_type = IdTypeFrom(in.id_type(), "collector.id_type", check);
  out.id_number = check->IdNumber(in.id_number(), "collector.id_number");
  out.phone = check->Text(in.phone(), "collector.phone", 40);
  return out;
}

}  // namespace

certs::Evidence FromProto(const v1::Evidence& in, const std::string& prefix, FieldChecker* check) {
  certs::Evidence out;
  absl::StatusOr<certs::EvidenceKind> kind = certs::EvidenceKindFrom(in.kind());
  if (kind.ok()) {
    out.kind = *kind;
  } else {
    check->Fault("ENUM_UNKNOWN", prefix + "kind", "must be a kind named in the profiles");
  }
  out.reference = check->Text(in.reference(), prefix + "reference", 200, FieldChecker::kRequired);
  out.digest = check->Sm3(in.sm3(), prefix + "sm3", FieldChecker::kOptional);
  out.outcome = check->Text(in.outcome(), prefix + "outcome", 40);
  return out;
}

certs::Application FromProto(const v1::Application& in, FieldChecker* check) {
  check->Enter("application.");
  certs::Application out;
  out.kind = check->Enum<certs::CaseKind>(in.kind(), v1::CaseKind_IsValid(in.kind()), "kind");
  out.institution_code =
      check->Text(in.institution_code(), "institution_code", 18, FieldChecker::kRequired);
  const auto newborn = check->Identifier<certs::NewbornId>(in.newborn_id(), "newborn_id");
  out.newborn_id = std::string(certs::View(newborn));
  out.predecessor_number = check->Text(in.predecessor_number(), "predecessor_number", 10);
  out.ground = check->Enum<certs::ExchangeGround>(
      in.ground(), v1::ExchangeGround_IsValid(in.ground()), "ground", FieldChecker::kOptional);
  out.newborn_name = check->Text(in.newborn_name(), "newborn_name", certs::kMaxName);
  out.mother = FromProto(in.mother(), "mother.", check);
  if (in.has_father() && in.father().ByteSizeLong() > 0) {
    certs::Parent father = FromProto(in.father(), "father.", check);
    out.father_incomplete = !FatherComplete(father);
    out.father = std::move(father);
  }
  out.collector = FromProto(in.collector(), check);
  if (in.evidence_size() > kMaxEvidence) {
    check->Fault("FIELD_TOO_LONG", "evidence", "has at most 40 entries");
  } else {
    for (int i = 0; i < in.evidence_size(); ++i) {
      out.evidence.push_back(FromProto(in.evidence(i), absl::StrCat("evidence[", i, "]."), check));
    }
  }
  out.identity_check_reference =
      check->Text(in.identity_check_reference(), "identity_check_reference", certs::kMaxReason);
  return out;
}

OperatorSignature FromProto(const v1::OperatorSignature& in, const std::string& field,
                            FieldChecker* check) {
  OperatorSignature out;
  out.operator_id =
      check->Text(in.operator_id(), field + ".operator_id", 64, FieldChecker::kRequired);
  check->Bytes(in.signature(), field + ".signature", kMaxSignature, FieldChecker::kRequired);
  out.signature = in.signature();
  return out;
}

void ToProto(const certs::Defect& in, v1::CaseDefect* out) {
  out->set_code(in.code);
  out->set_field(in.field);
  out->set_text_zh(in.text_zh);
  out->set_text_en(in.text_en);
  out->set_severity(static_cast<v1::CaseDefect::Severity>(in.severity));
}

void ToProto(const certs::FaceContent& in, v1::FaceContent* out) {
  out->set_newborn_name(in.newborn_name);
  out->set_sex(static_cast<v1::Sex>(in.sex));
  out->set_birth_time(absl::FormatCivilTime(in.birth_time));
  out->set_gestation_weeks(in.gestation_weeks);
  out->set_gestation_days(in.gestation_days);
  out->set_birth_weight_g(in.birth_weight_g);
  out->set_birth_length_mm(in.birth_length_mm);
  ToProto(in.birth_place, out->mutable_birth_place());
  out->set_delivery_institution_name(in.delivery_institution_name);
  out->set_delivery_institution_code(in.delivery_institution_code);
  ToProto(in.mother, out->mutable_mother());
  if (in.father.has_value()) ToProto(*in.father, out->mutable_father());
  out->set_issuing_institution_name(in.issuing_institution_name);
  out->set_issuing_institution_code(in.issuing_institution_code);
  out->set_absent_marker(in.absent_marker);
}

v1::CertificateStatus ToProto(certs::CertificateState state) {
  return static_cast<v1::CertificateStatus>(state);
}

void ToProto(const CertificateView& in, v1::Certificate* out) {
  out->set_number(in.number);
  out->set_licence_id(in.licence_id);
  out->set_status(ToProto(in.state));
  if (in.content.has_value()) ToProto(*in.content, out->mutable_content());
  // What is not known is left out: a day, a key or a digest of zeros would be taken for one.
  if (in.issue_date.has_value()) out->set_issue_date(absl::FormatCivilTime(*in.issue_date));
  out->set_supersedes(in.supersedes);
  out->set_superseded_by(in.superseded_by);
  if (!in.newborn_id.empty()) out->set_newborn_id(std::string(certs::View(in.newborn_id)));
  out->set_status_index(in.status_index.value());
  ToProto(in.issued_time, out->mutable_issued_time());
  if (in.file_sm3.has_value()) out->set_file_sm3(certs::Bytes(*in.file_sm3));
  out->set_institution_code(in.institution_code);
  out->set_file_size(in.file_size);
}

void ToProto(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  const int64_t seconds = micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0);
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1'000));
}

}  // namespace birthseal::server
