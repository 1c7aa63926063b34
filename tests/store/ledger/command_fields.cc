// SPDX-License-Identifier: Apache-2.0
#include "tests/store/ledger/command_fields.h"

#include <optional>
#include <utility>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace birthseal::tests {
namespace {

using Fields = std::vector<CommandField>;

template <class Other>
CommandField FieldOf(const std::string& name, Other&) {
  return {name};
}
CommandField FieldOf(const std::string& name, std::string& text) {
  return {name, false, [&text] { text.clear(); }};
}
template <class Tag>
CommandField FieldOf(const std::string& name, certs::Id<Tag>& id) {
  return {name, true, [&id] { id = certs::Id<Tag>(); }};
}
CommandField FieldOf(const std::string& name, certs::Digest& digest) {
  return {name, true, [&digest] { digest = certs::Digest{}; }};
}
CommandField FieldOf(const std::string& name, std::optional<certs::Digest>& digest) {
  if (!digest) return {name, true};
  return {name, true, [&digest] { digest = certs::Digest{}; }};
}
CommandField FieldOf(const std::string& name, std::vector<certs::Claim>& claims) {
  if (claims.empty()) return {name, true};
  return {name, true, [&claims] { claims.back().hash = certs::Digest{}; }};
}
CommandField FieldOf(const std::string& name,
                     std::vector<std::pair<certs::Digest, std::string>>& parts) {
  if (parts.empty()) return {name, true};
  return {name, true, [&parts] { parts.back().first = certs::Digest{}; }};
}

// `names` in the order of the fields, a space between.
template <class... Field>
Fields Named(absl::string_view names, Field&... fields) {
  const std::vector<std::string> each = absl::StrSplit(names, ' ');
  EXPECT_EQ(each.size(), sizeof...(fields)) << names;
  size_t next = 0;
  return {FieldOf(each.at(next++), fields)...};
}

Fields Of(store::AcceptDelivery& c) {
  auto& [organisation, facility, key, event, delivery, newborn, base, claims, mother, alias, birth,
         defects, time, body, raw, format] = c;
  return Named(
      "organisation_code facility_code message_key event delivery_id new_newborn_id base claims "
      "mother_key alias_claim birth defects event_time sealed_body sealed_raw raw_format",
      organisation, facility, key, event, delivery, newborn, base, claims, mother, alias, birth,
      defects, time, body, raw, format);
}

Fields Of(store::ResolveReview& c) {
  auto& [organisation, person, reason, key, content, delivery, accept, whose, new_delivery,
         new_newborn, body, claims, mother, birth] = c;
  return Named(
      "organisation_code operator_id reason request_key content_sm3 delivery_id accept whose "
      "new_delivery_id new_newborn_id sealed_body claims mother_key birth",
      organisation, person, reason, key, content, delivery, accept, whose, new_delivery,
      new_newborn, body, claims, mother, birth);
}

Fields Of(store::SubmitApplication& c) {
  auto& [organisation, key, content, id, again, newborn, basis, institution, predecessor, profile,
         version, kind, ground, state, defects, digest, claims, body] = c;
  return Named(
      "organisation_code request_key content_sm3 case_id resubmission newborn_id basis_delivery "
      "institution_code predecessor_number profile profile_version kind ground state defect_codes "
      "content_digest claims sealed_body",
      organisation, key, content, id, again, newborn, basis, institution, predecessor, profile,
      version, kind, ground, state, defects, digest, claims, body);
}

Fields Of(store::Approve& c) {
  auto& [organisation, institution, person, signature, id, digest, claims] = c;
  return Named(
      "organisation_code institution_code operator_id signature case_id content_digest claims",
      organisation, institution, person, signature, id, digest, claims);
}

Fields Of(store::Misprint& c) {
  auto& [organisation, person, number, reason, key, id] = c;
  return Named("organisation_code operator_id number reason request_key case_id", organisation,
               person, number, reason, key, id);
}

Fields Of(store::Withdraw& c) {
  auto& [organisation, reason, id] = c;
  return Named("organisation_code reason case_id", organisation, reason, id);
}

Fields Of(store::Reserve& c) {
  auto& [organisation, institution, person, signature, id, date, face, licence, document, salt,
         look, font] = c;
  return Named(
      "organisation_code institution_code operator_id signature case_id issue_date face_digest "
      "licence_id document_id salt template_version font_version",
      organisation, institution, person, signature, id, date, face, licence, document, salt, look,
      font);
}

Fields Of(store::CommitIssue& c) {
  auto& [intent, file, to_be_signed, size, recipe, constants, salt] = c;
  return Named("intent file_sm3 to_be_signed_sm3 file_size sealed_recipe constants salt", intent,
               file, to_be_signed, size, recipe, constants, salt);
}

Fields Of(store::CancelReservation& c) {
  auto& [organisation, first, second, reason, id, intent, salt] = c;
  return Named("organisation_code first_operator second_operator reason case_id intent salt",
               organisation, first, second, reason, id, intent, salt);
}

Fields Of(store::Revoke& c) {
  auto& [organisation, first, second, number, reason, key, decision, salt] = c;
  return Named(
      "organisation_code first_operator second_operator number reason request_key decision_sm3 "
      "salt",
      organisation, first, second, number, reason, key, decision, salt);
}

template <class Put>
Fields OfRecord(Put& c) {
  auto& [organisation, record] = c;
  return Named("organisation_code record", organisation, record);
}
template <class Put>
Fields OfSaltedRecord(Put& c) {
  auto& [organisation, record, salt] = c;
  return Named("organisation_code record salt", organisation, record, salt);
}
Fields Of(store::PutInstitution& c) { return OfRecord(c); }
Fields Of(store::PutClient& c) { return OfRecord(c); }
Fields Of(store::PutOperator& c) { return OfSaltedRecord(c); }
Fields Of(store::PutSeal& c) { return OfSaltedRecord(c); }

Fields Of(store::ReceiveStock& c) {
  auto& [organisation, institution, first, last, key] = c;
  return Named("organisation_code institution_code first_number last_number request_key",
               organisation, institution, first, last, key);
}

Fields Of(store::StoreReceipts& c) {
  auto& [position, checkpoint, items] = c;
  return Named("position checkpoint items", position, checkpoint, items);
}

Fields Of(store::AnnounceProfile& c) {
  auto& [name, version, digest] = c;
  return Named("name version digest", name, version, digest);
}

Fields Of(store::RecoverLeaves& c) {
  auto& [items] = c;
  return Named("items", items);
}

Fields Of(store::OpenEpoch& c) {
  auto& [size, root] = c;
  return Named("lost_size lost_root", size, root);
}

Fields Of(store::ConfirmStock& c) {
  auto& [organisation, institution, number, next, first, second, key] = c;
  return Named(
      "organisation_code institution_code first_number next_number first_operator "
      "second_operator request_key",
      organisation, institution, number, next, first, second, key);
}

Fields Of(store::Access& c) {
  auto& [organisation, method, cause, subjects] = c;
  return Named("organisation_code method use_cause subjects", organisation, method, cause,
               subjects);
}

}  // namespace

std::vector<CommandField> FieldsOf(store::Command& command) {
  return std::visit([](auto& c) { return Of(c); }, command);
}

}  // namespace birthseal::tests
