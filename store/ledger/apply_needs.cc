// SPDX-License-Identifier: Apache-2.0
// What each command cannot be judged without. All zero and empty are what nobody has said: as a key
// they would make one thing of many, as a salt they would open what is committed to.
#include <algorithm>
#include <initializer_list>
#include <optional>

#include "absl/strings/str_cat.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

namespace {

using Constants = std::vector<std::pair<certs::Digest, std::string>>;

bool Absent(const std::string& text) { return text.empty(); }
bool Absent(const certs::Digest& digest) { return digest == certs::Digest{}; }
template <class Tag>
bool Absent(const certs::Id<Tag>& id) {
  return id.empty();
}
// None at all is a value of its own; one of zeros is not.
bool Absent(const std::optional<certs::Digest>& digest) { return digest && Absent(*digest); }
bool Absent(const std::vector<certs::Claim>& claims) {
  return std::any_of(claims.begin(), claims.end(),
                     [](const certs::Claim& claim) { return Absent(claim.hash); });
}
bool Absent(const Constants& constants) {
  return std::any_of(constants.begin(), constants.end(),
                     [](const auto& constant) { return Absent(constant.first); });
}

struct Need {
  template <class Value>
  Need(absl::string_view name, const Value& value) : field(name), absent(Absent(value)) {}
  absl::string_view field;
  bool absent;
};

// Rule I15.
absl::Status CheckAll(std::initializer_list<Need> needs) {
  for (const Need& need : needs) {
    if (need.absent) {
      return certs::Error(absl::StatusCode::kInvalidArgument, "ID_MISSING",
                          absl::StrCat(need.field, " is needed: all zero or empty is none"),
                          need.field);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNeeds(const AcceptDelivery& c) {
  return CheckAll({{"facility_code", c.facility_code},
                   {"message_key", c.message_key},
                   {"delivery_id", c.delivery_id},
                   {"new_newborn_id", c.new_newborn_id},
                   {"claims", c.claims},
                   {"mother_key", c.mother_key},
                   {"alias_claim", c.alias_claim}});
}

absl::Status CheckNeeds(const ResolveReview& c) {
  RETURN_IF_ERROR(CheckAll({{"request_key", c.request_key},
                            {"content_sm3", c.content_sm3},
                            {"delivery_id", c.delivery_id},
                            {"claims", c.claims},
                            {"mother_key", c.mother_key}}));
  if (!c.accept) return absl::OkStatus();
  return CheckAll({{"new_delivery_id", c.new_delivery_id}, {"new_newborn_id", c.new_newborn_id}});
}

absl::Status CheckNeeds(const SubmitApplication& c) {
  RETURN_IF_ERROR(CheckAll({{"request_key", c.request_key},
                            {"content_sm3", c.content_sm3},
                            {"case_id", c.case_id},
                            {"newborn_id", c.newborn_id},
                            {"institution_code", c.institution_code},
                            {"claims", c.claims}}));
  if (c.state != certs::CaseState::kSubmitted) return absl::OkStatus();
  return CheckAll({{"content_digest", c.content_digest}});
}

absl::Status CheckNeeds(const Approve& c) {
  return CheckAll({{"institution_code", c.institution_code},
                   {"operator_id", c.operator_id},
                   {"case_id", c.case_id},
                   {"content_digest", c.content_digest},
                   {"claims", c.claims}});
}

absl::Status CheckNeeds(const Misprint& c) {
  return CheckAll({{"number", c.number}, {"request_key", c.request_key}, {"case_id", c.case_id}});
}

absl::Status CheckNeeds(const Withdraw& c) { return CheckAll({{"case_id", c.case_id}}); }

absl::Status CheckNeeds(const Reserve& c) {
  return CheckAll({{"institution_code", c.institution_code},
                   {"operator_id", c.operator_id},
                   {"case_id", c.case_id},
                   {"face_digest", c.face_digest},
                   {"licence_id", c.licence_id},
                   {"document_id", c.document_id},
                   {"salt", c.salt}});
}

// Every number is the place of some leaf, 0 too: whether it is that of an INTENT is looked up.
absl::Status CheckNeeds(const CommitIssue& c) {
  return CheckAll({{"file_sm3", c.file_sm3},
                   {"to_be_signed_sm3", c.to_be_signed_sm3},
                   {"constants", c.constants},
                   {"salt", c.salt}});
}

absl::Status CheckNeeds(const CancelReservation& c) {
  return CheckAll({{"case_id", c.case_id}, {"salt", c.salt}});
}

absl::Status CheckNeeds(const Revoke& c) {
  return CheckAll({{"number", c.number},
                   {"request_key", c.request_key},
                   {"decision_sm3", c.decision_sm3},
                   {"salt", c.salt}});
}

// What a record is of stands in it: "RECORD_WITHOUT_ID".
absl::Status CheckNeeds(const PutInstitution&) { return absl::OkStatus(); }
absl::Status CheckNeeds(const PutClient&) { return absl::OkStatus(); }
absl::Status CheckNeeds(const PutOperator& c) { return CheckAll({{"salt", c.salt}}); }
absl::Status CheckNeeds(const PutSeal& c) { return CheckAll({{"salt", c.salt}}); }

absl::Status CheckNeeds(const ReceiveStock& c) {
  return CheckAll({{"institution_code", c.institution_code}, {"request_key", c.request_key}});
}

absl::Status CheckNeeds(const Access&) { return absl::OkStatus(); }
// Which certificates and proofs is checked against the log.
absl::Status CheckNeeds(const StoreReceipts&) { return absl::OkStatus(); }
absl::Status CheckNeeds(const AnnounceProfile& c) { return CheckAll({{"digest", c.digest}}); }
// What a leaf is of stands in it.
absl::Status CheckNeeds(const RecoverLeaves&) { return absl::OkStatus(); }
absl::Status CheckNeeds(const OpenEpoch& c) { return CheckAll({{"lost_root", c.lost_root}}); }

absl::Status CheckNeeds(const ConfirmStock& c) {
  return CheckAll({{"institution_code", c.institution_code},
                   {"first_number", c.first_number},
                   {"request_key", c.request_key}});
}

}  // namespace birthseal::store::apply
