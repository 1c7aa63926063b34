// SPDX-License-Identifier: Apache-2.0
#include "tests/store/ledger/registry_driver.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/clock.h"
#include "certs/face.h"
#include "certs/identifiers.h"
#include "store/keys.h"
#include "store/ledger/apply.h"
#include "store/meta.h"

namespace birthseal::tests {

using certs::Digest;

certs::MapLabel LabelOf(const Digest& mother_claim) {
  return certs::MapLabel(certs::Sm3Of("label " + certs::Bytes(mother_claim)));
}

Digest RegistryDriver::NewKey() { return certs::Sm3Of(absl::StrCat("test id ", next_++)); }

void RegistryDriver::Enrol(const std::string& institution, int numbers, const std::string& first) {
  storage::v1::Institution record;
  record.set_code(institution);
  ASSERT_OK(Call1(store::PutInstitution{institution, record.SerializeAsString()}));
  storage::v1::SealRecord seal;
  seal.set_institution_code(institution);
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of("seal")));
  ASSERT_OK(Call1(store::PutSeal{institution, seal.SerializeAsString(), std::string(16, 's')}));
  if (numbers == 0) return;
  const auto number = certs::CertificateNumber::Parse(first);
  ASSERT_OK(number);
  const auto last = number->Plus(static_cast<uint64_t>(numbers - 1));
  ASSERT_OK(last);
  ASSERT_OK(Call1(store::ReceiveStock{institution, institution, first, last->value(), NewKey()}));
}

std::vector<certs::Claim> RegistryDriver::ClaimsOf(const Birth& birth) const {
  std::vector<certs::Claim> claims;
  if (!birth.mother.empty()) {
    const Digest claim = certs::MotherClaim(kIndexKey, certs::IdType::kPassport, birth.mother,
                                            absl::CivilDay(1970, 1, 1) + birth.day, birth.order);
    claims.push_back({certs::ClaimKind::kMother, claim, LabelOf(claim)});
  }
  if (!birth.record.empty()) {
    claims.push_back({certs::ClaimKind::kBabyRecord,
                      certs::BabyRecordClaim(kIndexKey, birth.facility, birth.record)});
  }
  return claims;
}

store::AcceptDelivery RegistryDriver::Delivery(const Birth& birth) {
  store::AcceptDelivery command;
  command.organisation_code = command.facility_code = birth.facility;
  command.message_key = NewKey();
  command.delivery_id = NewId<certs::DeliveryId>();
  command.new_newborn_id = NewId<certs::NewbornId>();
  command.claims = ClaimsOf(birth);
  if (!birth.mother.empty()) {
    command.mother_key = certs::MotherKey(kIndexKey, certs::IdType::kPassport, birth.mother);
  }
  command.birth.day = birth.day;
  command.birth.minute = birth.day * 1440 + birth.minute;
  command.birth.order = birth.order;
  command.birth.plurality = birth.plurality;
  command.birth.sex = birth.sex;
  command.event_time = clock_->Now();
  command.sealed_body = "sealed body";
  command.sealed_raw = "sealed raw";
  command.raw_format = "hl7v2";
  return command;
}

store::DeliveryAnswer RegistryDriver::Accept(store::AcceptDelivery command) {
  const store::AnyAnswer answer = Do(std::move(command));
  EXPECT_OK(answer.status);
  return DeliveryIn(answer);
}

store::SubmitApplication RegistryDriver::Application(const store::DeliveryAnswer& delivery) {
  store::SubmitApplication command;
  command.organisation_code = command.institution_code = kHospital;
  command.request_key = NewKey();
  command.case_id = NewId<certs::CaseId>();
  command.content_sm3 = certs::Sm3Of(certs::View(command.case_id));
  command.newborn_id = delivery.newborn_id;
  command.basis_delivery = delivery.delivery_id;
  command.profile = "national-default";
  command.profile_version = 1;
  command.state = certs::CaseState::kSubmitted;
  command.content_digest = certs::Sm3Of(absl::StrCat("content", certs::View(command.case_id)));
  command.sealed_body = "sealed case";
  return command;
}

store::Approve RegistryDriver::Approval(const store::SubmitApplication& filed) {
  store::Approve command;
  command.organisation_code = filed.organisation_code;
  command.institution_code = filed.institution_code;
  command.operator_id = "issuer";
  command.signature = "signature of the issuer";
  command.case_id = filed.case_id;
  command.content_digest = filed.content_digest;
  return command;
}

store::Reserve RegistryDriver::Order(const store::Approve& approved, const std::string& number) {
  store::Reserve command;
  command.organisation_code = approved.organisation_code;
  command.institution_code = approved.institution_code;
  command.operator_id = "sealer";
  command.signature = "signature of the sealer";
  command.case_id = approved.case_id;
  command.issue_date = certs::LocalDay(clock_->Now());
  command.face_digest = certs::FaceDigest(approved.content_digest, number, command.issue_date);
  command.document_id = absl::StrFormat("%032x", next_);
  command.licence_id = absl::StrCat("licence ", next_++);
  command.salt = certs::Bytes(NewKey()).substr(0, 16);
  command.font_version = "test";
  return command;
}

store::CommitIssue RegistryDriver::Issue(uint64_t intent_index) {
  return Issue(store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(intent_index)));
}

store::CommitIssue RegistryDriver::Issue(store::IntentKey intent) {
  store::CommitIssue command(intent);
  command.file_sm3 = NewKey();
  command.to_be_signed_sm3 = NewKey();
  command.file_size = 40000;
  command.sealed_recipe = "sealed recipe";
  command.constants.push_back({certs::Sm3Of("constant"), "constant"});
  command.salt = certs::Bytes(NewKey()).substr(0, 16);
  return command;
}

store::SubmitApplication RegistryDriver::Filed(const store::DeliveryAnswer& delivery) {
  store::SubmitApplication command = Application(delivery);
  EXPECT_OK(Call1(command));
  return command;
}

RegistryDriver::Approved RegistryDriver::ApprovedCase(const store::DeliveryAnswer& delivery) {
  const store::Approve command = Approval(Filed(delivery));
  const store::AnyAnswer answer = Do(command);
  EXPECT_OK(answer.status);
  return {command, CaseIn(answer).certificate_number};
}

storage::v1::Reservation RegistryDriver::Reserved(const Approved& approved) {
  const store::AnyAnswer answer = Do(Order(approved.command, approved.number));
  EXPECT_OK(answer.status);
  return ReservationIn(answer);
}

storage::v1::CertificateHead RegistryDriver::Issued(const store::DeliveryAnswer& delivery) {
  return IssuedFrom(Filed(delivery));
}

storage::v1::CertificateHead RegistryDriver::IssuedFrom(const store::SubmitApplication& filed) {
  const store::Approve approval = Approval(filed);
  const store::AnyAnswer approved = Do(approval);
  EXPECT_OK(approved.status);
  const storage::v1::Reservation reservation =
      Reserved({approval, CaseIn(approved).certificate_number});
  const store::AnyAnswer issued = Do(Issue(store::IntentKeyOf(reservation)));
  EXPECT_OK(issued.status);
  return CertificateIn(issued);
}

namespace {

// The value of an answer that must have it; else the test fails.
template <typename Value>
const Value& ValueIn(const store::AnyAnswer& answer) {
  static const auto* const none = new Value();
  const auto* value = std::get_if<Value>(&answer.value);
  EXPECT_NE(value, nullptr);
  return value == nullptr ? *none : *value;
}

}  // namespace

storage::v1::Reservation ReservationIn(const store::AnyAnswer& answer) {
  return ValueIn<store::ReservationAnswer>(answer).reservation;
}

storage::v1::CertificateHead CertificateIn(const store::AnyAnswer& answer) {
  return ValueIn<store::CertificateAnswer>(answer).certificate;
}

const store::DeliveryAnswer& DeliveryIn(const store::AnyAnswer& answer) {
  return ValueIn<store::DeliveryAnswer>(answer);
}

const store::CaseAnswer& CaseIn(const store::AnyAnswer& answer) {
  return ValueIn<store::CaseAnswer>(answer);
}

}  // namespace birthseal::tests
