// SPDX-License-Identifier: Apache-2.0
// Feed messages: repeats, refusals, withdrawals and aliases. Records: apply_delivery.cc.
#include "store/ledger/apply_feed.h"

#include <algorithm>

namespace birthseal::store::apply {

using storage::v1::CaseHead;
using storage::v1::DeliveryHead;
using storage::v1::FeedAnswer;
using storage::v1::Newborn;

void SetFacts(const certs::BirthFacts& facts, Newborn& newborn) {
  if (facts.minute != 0) newborn.set_birth_minute(facts.minute);
  if (facts.day != 0) newborn.set_birth_day(facts.day);
  if (facts.order != 0) newborn.set_birth_order(facts.order);
  if (facts.plurality != 0) newborn.set_plurality(facts.plurality);
  if (facts.sex != 0) newborn.set_sex(facts.sex);
}

void AddMother(Turn& turn, const std::optional<certs::Digest>& mother,
               const std::string& newborn_id) {
  if (mother)
    turn.view.Put(Family::kMothers, MotherKey(*mother, IdFrom<NewbornId>(newborn_id)), "");
}

void MakeCurrent(const RecordPlace& record, const certs::BirthFacts& facts,
                 const std::optional<certs::Digest>& mother, Newborn& newborn, Turn& turn) {
  newborn.set_current_delivery(record.delivery_id);
  newborn.set_withdrawn(false);
  AddReporter(record.facility_code, newborn);
  SetFacts(facts, newborn);
  AddMother(turn, mother, record.newborn_id);
}

absl::StatusOr<Hits> HitsOf(const Turn& turn, const std::vector<certs::Claim>& claims) {
  Hits hits;
  for (const certs::Claim& claim : claims) {
    ASSIGN_OR_RETURN(std::string owner, OwnerOf(turn, claim.hash));
    if (owner.empty()) continue;
    if (claim.kind == certs::ClaimKind::kBabyRecord) hits.by_record = owner;
    if (std::find(hits.newborns.begin(), hits.newborns.end(), owner) == hits.newborns.end()) {
      hits.newborns.push_back(std::move(owner));
    }
  }
  return hits;
}

// Rule D18.
void AddDiscrepancyEvent(Turn& turn, const std::string& newborn_id, const Newborn& newborn) {
  if (newborn.valid_certificate() == 0 && newborn.slot_case().empty()) return;
  turn.view.AddOutboxEvent("DELIVERY_DISCREPANCY", newborn.valid_certificate(), newborn_id,
                           turn.micros);
}

namespace {

void AddDefect(const FeedDefect& defect,
               google::protobuf::RepeatedPtrField<storage::v1::FeedDefect>* list) {
  storage::v1::FeedDefect* added = list->Add();
  added->set_code(defect.code);
  added->set_location(defect.location);
  added->set_fatal(defect.fatal);
}

void Count(FeedVerdict verdict, storage::v1::Meta& meta) {
  if (verdict == FeedVerdict::kAccepted) {
    meta.set_deliveries_accepted(meta.deliveries_accepted() + 1);
  } else if (verdict == FeedVerdict::kRejected) {
    meta.set_deliveries_rejected(meta.deliveries_rejected() + 1);
  }
}

// Rule D3.
DeliveryAnswer Repeat(const FeedAnswer& first) {
  DeliveryAnswer answer;
  answer.verdict = FeedVerdict::kDuplicate;
  answer.first_verdict = static_cast<FeedVerdict>(first.verdict());
  for (const auto& defect : first.defects()) {
    answer.defects.push_back({defect.code(), defect.location(), defect.fatal()});
  }
  answer.delivery_id = IdFrom<DeliveryId>(first.delivery_id());
  answer.newborn_id = IdFrom<NewbornId>(first.newborn_id());
  answer.accepted_time = absl::FromUnixMicros(first.accepted_time());
  return answer;
}

// An ignored event leaves its answer only.
DeliveryAnswer Ignore(Intake& intake, Turn& turn) {
  FeedAnswer stored;
  stored.set_verdict(static_cast<int>(FeedVerdict::kIgnored));
  stored.set_accepted_time(turn.micros);
  for (const FeedDefect& defect : intake.doubts) AddDefect(defect, stored.mutable_defects());
  turn.view.PutRecord(Family::kFeedAnswers, DigestKey(intake.command.message_key), stored);
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = FeedVerdict::kIgnored;
  answer.defects = std::move(intake.doubts);
  answer.accepted_time = turn.context.time;
  return answer;
}

absl::StatusOr<bool> Reserved(const Turn& turn, const Newborn& newborn) {
  if (newborn.slot_case().empty()) return false;
  ASSIGN_OR_RETURN(std::optional<CaseHead> holder,
                   turn.view.Find<CaseHead>(Family::kCases, newborn.slot_case()));
  return holder && holder->state() == static_cast<int>(certs::CaseState::kReserved);
}

// An update from before the withdrawal must not undo it: its record bears the newer time.
void MarkWithdrawn(const Intake& intake, std::optional<DeliveryHead> current, Newborn& newborn,
                   Turn& turn) {
  newborn.set_withdrawn(true);
  RemoveReporter(intake.command.facility_code, newborn);
  if (current) {
    current->set_withdrawn(true);
    current->set_event_time(absl::ToUnixMicros(intake.command.event_time));
    turn.view.PutRecord(Family::kDeliveries, newborn.current_delivery(), *current);
  }
  turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
}

// The current record ends where the withdrawal is of its facility and no older, and no certificate
// is valid or reserved.
absl::Status WithdrawFrom(Newborn& newborn, Intake& intake, Turn& turn) {
  const AcceptDelivery& command = intake.command;
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> current,
                   turn.view.Find<DeliveryHead>(Family::kDeliveries, newborn.current_delivery()));
  if (current && absl::ToUnixMicros(command.event_time) < current->event_time()) {
    intake.doubts.push_back({"OLDER_THAN_CURRENT", "event_time", false});
    return absl::OkStatus();
  }
  if (current && current->facility_code() != command.facility_code) {
    // A second source takes back its own word, not that of the first.
    RemoveReporter(command.facility_code, newborn);
    turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
    intake.doubts.push_back({"RECORD_OF_OTHER_FACILITY", "", false});
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool reserved, Reserved(turn, newborn));
  AddDiscrepancyEvent(turn, intake.newborn_id, newborn);
  if (newborn.valid_certificate() == 0 && !reserved) {
    MarkWithdrawn(intake, std::move(current), newborn, turn);
  }
  return absl::OkStatus();
}

// Rules D15, D16, D17.
Result<AcceptDelivery> WithdrawRecord(Intake& intake, Turn& turn) {
  ASSIGN_OR_RETURN(Hits hits, HitsOf(turn, intake.command.claims));
  if (hits.newborns.empty()) {  // the event is of a person whom no record names
    intake.doubts.push_back({"RECORD_UNKNOWN", "", false});
    return Ignore(intake, turn);
  }
  if (hits.by_record.empty() && hits.newborns.size() > 1) {
    intake.doubts.push_back({"RECORD_AMBIGUOUS", "", true});
    return Finish(intake, FeedVerdict::kRejected, turn);
  }
  intake.newborn_id = hits.by_record.empty() ? hits.newborns[0] : hits.by_record;
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, intake.newborn_id));
  intake.head.set_previous(newborn.current_delivery());
  RETURN_IF_ERROR(WithdrawFrom(newborn, intake, turn));
  return Finish(intake, FeedVerdict::kAccepted, turn);
}

// A40: the number that goes and the number that stays name one baby from now on, whichever is
// known. Two known newborns are never merged here; a person decides.
// Rule D19.
Result<AcceptDelivery> AcceptAlias(Intake& intake, Turn& turn) {
  AcceptDelivery& command = intake.command;
  std::vector<certs::Claim> claims = command.claims;
  if (command.alias_claim) claims.push_back({certs::ClaimKind::kBabyRecord, *command.alias_claim});
  if (!command.alias_claim || command.claims.empty()) {
    intake.doubts.push_back({"ALIAS_INCOMPLETE", "alias_of", true});
    return Finish(intake, FeedVerdict::kRejected, turn);
  }
  ASSIGN_OR_RETURN(Hits survivor, HitsOf(turn, command.claims));
  ASSIGN_OR_RETURN(Hits hits, HitsOf(turn, claims));
  Newborn newborn;
  intake.newborn_id = hits.newborns.empty() ? IdKey(command.new_newborn_id) : hits.newborns[0];
  if (!survivor.by_record.empty()) intake.newborn_id = survivor.by_record;
  if (!hits.newborns.empty()) {
    ASSIGN_OR_RETURN(newborn, NewbornOf(turn, intake.newborn_id));
  }
  intake.head.set_previous(newborn.current_delivery());
  FeedVerdict verdict = FeedVerdict::kAccepted;
  if (hits.newborns.size() > 1) {
    intake.doubts.push_back({"TWO_NEWBORNS", "alias_of", false});
    verdict = FeedVerdict::kReview;
    for (const std::string& other : hits.newborns) {
      if (other != intake.newborn_id) {
        RETURN_IF_ERROR(HoldBoth(turn, intake.newborn_id, newborn, other));
      }
    }
    OpenReview(turn, intake.delivery_id, intake.head, newborn);
  } else {
    RETURN_IF_ERROR(AddClaims(turn, claims, intake.newborn_id, newborn));
  }
  turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  return Finish(intake, verdict, turn);
}

}  // namespace

Result<AcceptDelivery> Finish(Intake& intake, FeedVerdict verdict, Turn& turn) {
  AcceptDelivery& command = intake.command;
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = verdict;
  answer.defects = std::move(command.defects);
  std::move(intake.doubts.begin(), intake.doubts.end(), std::back_inserter(answer.defects));
  answer.delivery_id = command.delivery_id;
  answer.newborn_id = IdFrom<NewbornId>(intake.newborn_id);
  answer.accepted_time = turn.context.time;

  DeliveryHead& head = intake.head;
  head.set_newborn_id(intake.newborn_id);
  head.set_verdict(static_cast<int>(verdict));
  head.set_has_body(!command.sealed_body.empty());
  head.set_has_raw(!command.sealed_raw.empty());
  FeedAnswer stored;
  stored.set_delivery_id(intake.delivery_id);
  stored.set_newborn_id(intake.newborn_id);
  stored.set_verdict(static_cast<int>(verdict));
  stored.set_accepted_time(turn.micros);
  for (const FeedDefect& defect : answer.defects) {
    AddDefect(defect, head.mutable_defects());
    AddDefect(defect, stored.mutable_defects());
  }
  Count(verdict, turn.view.meta());
  turn.view.PutRecord(Family::kDeliveries, intake.delivery_id, head);
  turn.view.PutRecord(Family::kFeedAnswers, DigestKey(command.message_key), stored);
  if (head.has_body()) {
    turn.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kDelivery, command.delivery_id),
                        std::move(command.sealed_body));
  }
  if (head.has_raw()) {
    turn.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kRawMessage, command.delivery_id),
                        std::move(command.sealed_raw));
  }
  return answer;
}

// Rule D6.
Result<AcceptDelivery> Apply(AcceptDelivery& command, Turn& turn) {
  ASSIGN_OR_RETURN(
      std::optional<FeedAnswer> first,
      turn.view.Find<FeedAnswer>(Family::kFeedAnswers, DigestKey(command.message_key)));
  if (first) return Repeat(*first);
  RETURN_IF_ERROR(CheckFree(turn, Family::kDeliveries, IdKey(command.delivery_id), "delivery_id"));
  RETURN_IF_ERROR(
      CheckFree(turn, Family::kNewborns, IdKey(command.new_newborn_id), "new_newborn_id"));
  Intake intake{command, IdKey(command.delivery_id), "", {}, {}};
  intake.head.set_facility_code(command.facility_code);
  intake.head.set_organisation_code(command.organisation_code);
  intake.head.set_event(static_cast<int>(command.event));
  intake.head.set_accepted_time(turn.micros);
  intake.head.set_event_time(absl::ToUnixMicros(command.event_time));
  intake.head.set_raw_format(command.raw_format);
  if (command.event == FeedEvent::kIgnored) return Ignore(intake, turn);
  const bool fatal = std::any_of(command.defects.begin(), command.defects.end(),
                                 [](const FeedDefect& defect) { return defect.fatal; });
  if (fatal || command.event == FeedEvent::kRejected) {
    return Finish(intake, FeedVerdict::kRejected, turn);
  }
  switch (command.event) {
    case FeedEvent::kWithdraw:
      return WithdrawRecord(intake, turn);
    case FeedEvent::kAlias:
      return AcceptAlias(intake, turn);
    default:
      return AcceptRecord(intake, turn);
  }
}

}  // namespace birthseal::store::apply
