// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/judge_case.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "certs/clock.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

absl::Status NotFoundAs(absl::string_view reason, absl::string_view message,
                        absl::string_view field, absl::string_view zh, const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  return certs::Error(absl::StatusCode::kNotFound, reason, message, field, zh);
}

// Null for a first issue. A predecessor of another newborn is none.
absl::StatusOr<std::optional<certs::PredecessorFacts>> LoadPredecessor(
    const IssuingRoom& room, const certs::Application& application) {
  if (application.predecessor_number.empty()) return std::optional<certs::PredecessorFacts>();
  const auto unknown = [](const absl::Status& status) {
    return NotFoundAs("PREDECESSOR_UNKNOWN", "no such certificate of this newborn",
                      "predecessor_number", "该新生儿没有此编号的原证件", status);
  };
  const auto index = room.registry.StatusIndexOf(application.predecessor_number);
  if (!index.ok()) return unknown(index.status());
  const auto head = room.registry.Certificate(*index);
  if (!head.ok()) return unknown(head.status());
  const storage::v1::Reservation& reservation = head->reservation();
  if (reservation.newborn_id() != application.newborn_id) {
    return unknown(absl::NotFoundError(""));
  }
  ASSIGN_OR_RETURN(const certs::CaseId case_id,
                   StoredId<certs::CaseId>(reservation.case_id(), "case_id"));
  ASSIGN_OR_RETURN(store::StoredCase filed, Promised("case_id", room.registry.Case(case_id)));
  certs::PredecessorFacts facts;
  facts.number = reservation.certificate_number();
  facts.issuer_code = reservation.institution_code();
  facts.valid = head->state() == static_cast<int>(certs::CertificateState::kValid);
  facts.content = std::move(filed.body.content);
  return std::optional<certs::PredecessorFacts>(std::move(facts));
}

// Rule E5.
certs::CaseState StateOf(const std::vector<certs::Defect>& defects) {
  const auto any = [&](certs::Severity severity) {
    return std::any_of(defects.begin(), defects.end(),
                       [&](const certs::Defect& defect) { return defect.severity == severity; });
  };
  if (any(certs::Severity::kNotEligible)) return certs::CaseState::kRefused;
  if (any(certs::Severity::kWaitPolice)) return certs::CaseState::kAwaitingPolice;
  if (any(certs::Severity::kReturn)) return certs::CaseState::kReturned;
  return certs::CaseState::kSubmitted;
}

// A character that no font has is an error before issue, never a box on the paper.
// Rule N11.
void CheckGlyphs(const IssuingRoom& room, const certs::FaceContent& content,
                 std::vector<certs::Defect>* defects) {
  certs::Face face;
  face.content = content;
  face.certificate_number = "A000000000";
  face.issue_date = certs::LocalDay(room.clock.Now());
  const absl::Status status = room.renderer.CheckGlyphs(face);
  if (status.ok()) return;
  defects->push_back({"CHARACTER_NOT_PRINTABLE", certs::FieldOf(status),
                      "含有无法印制的字符，请核对用字", "a character has no glyph in our fonts",
                      certs::Severity::kReturn});
}

}  // namespace

absl::StatusOr<Judgement> JudgeCase(const IssuingRoom& room, const certs::Application& application,
                                    absl::string_view profile,
                                    const certs::DeliveryId& delivery_id) {
  // 1. Newborn, record, institution, profile, predecessor.
  ASSIGN_OR_RETURN(const certs::NewbornId newborn_id,
                   IdFrom<certs::NewbornId>(application.newborn_id, "newborn_id"));
  const auto newborn = room.registry.Newborn(newborn_id);
  if (!newborn.ok()) {
    return NotFoundAs("NEWBORN_UNKNOWN", "no such newborn", "newborn_id", "未找到该新生儿",
                      newborn.status());
  }
  Judgement judgement;
  judgement.newborn_id = newborn_id;
  judgement.basis_delivery = delivery_id;
  if (delivery_id.empty()) {
    if (newborn->current_delivery().empty()) {
      return certs::Error(absl::StatusCode::kNotFound, "NEWBORN_UNKNOWN",
                          "the newborn has no record that stands", "newborn_id",
                          "该新生儿没有有效的分娩记录");
    }
    ASSIGN_OR_RETURN(judgement.basis_delivery,
                     StoredId<certs::DeliveryId>(newborn->current_delivery(), "current_delivery"));
  }
  ASSIGN_OR_RETURN(const store::StoredDelivery delivery,
                   Promised("basis_delivery", room.registry.Delivery(judgement.basis_delivery)));
  const auto institution = room.registry.Institution(application.institution_code);
  if (!institution.ok()) {
    return NotFoundAs("INSTITUTION_UNKNOWN", "no such institution", "institution_code",
                      "该机构未登记", institution.status());
  }
  judgement.profile = profile.empty()
                          ? room.profiles.Of(*institution, certs::LocalDay(room.clock.Now()))
                          : room.profiles.Find(profile);
  if (judgement.profile == nullptr) {
    return certs::Error(absl::StatusCode::kNotFound, "PROFILE_UNKNOWN", "no such profile",
                        "profile");
  }
  ASSIGN_OR_RETURN(const std::optional<certs::PredecessorFacts> predecessor,
                   LoadPredecessor(room, application));
  // 2. All defects at once.
  certs::InstitutionFacts place;
  place.code = institution->code();
  place.name = institution->name();
  place.licensed = institution->licensed();
  place.managing = institution->managing();
  place.out_of_facility = institution->out_of_facility();
  const auto& reporters = newborn->reporting_facilities();
  const bool reported =
      std::find(reporters.begin(), reporters.end(), institution->code()) != reporters.end();
  const certs::CaseFacts facts{delivery.record,
                               application,
                               *judgement.profile,
                               place,
                               predecessor.has_value() ? &*predecessor : nullptr,
                               newborn->valid_certificate() != 0,
                               certs::LocalTime(room.clock.Now()),
                               reported};
  judgement.defects = certs::Check(facts);
  if (delivery.record.birth_time != absl::CivilMinute()) {
    ASSIGN_OR_RETURN(judgement.claims, MotherClaimsOf(room.claims, application.mother,
                                                      absl::CivilDay(delivery.record.birth_time),
                                                      delivery.record.birth_order));
  }
  // 3. What a fit case will print.
  if (StateOf(judgement.defects) == certs::CaseState::kSubmitted) {
    judgement.content = certs::ComposeFace(facts);
    CheckGlyphs(room, judgement.content, &judgement.defects);
  }
  judgement.state = StateOf(judgement.defects);
  if (judgement.state == certs::CaseState::kSubmitted) {
    judgement.content_digest = certs::ContentDigest(judgement.content);
  }
  return judgement;
}

}  // namespace birthseal::server
