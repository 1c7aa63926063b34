// SPDX-License-Identifier: Apache-2.0
// Feed messages: repeats, refusals, withdrawals and aliases. Records: apply_delivery.cc.
#include "store/ledger/apply_feed.h"

#include <algorithm>

namespace birthseal::store::apply {

using storage::v1::CaseHead;
using storage::v1::DeliveryHead;
using storage::v1::FeedAnswer;
using storage::v1::Newborn;

void SetFacts(const Facts& facts, Newborn& newborn) {
  if (facts.birth_minute != 0) newborn.set_birth_minute(facts.birth_minute);
  if (facts.birth_day != 0) newborn.set_birth_day(facts.birth_day);
  if (facts.birth_order != 0) newborn.set_birth_order(facts.birth_order);
  if (facts.plurality != 0) newborn.set_plurality(facts.plurality);
  if (facts.sex != 0) newborn.set_sex(facts.sex);
}

void AddMother(Run& run, const std::optional<certs::Digest>& mother,
               const std::string& newborn_id) {
  if (mother) run.view.Put(Family::kMothers, MotherKey(*mother, IdFrom(newborn_id)), "");
}

void MakeCurrent(const RecordPlace& record, const Facts& facts,
                 const std::optional<certs::Digest>& mother, Newborn& newborn, Run& run) {
  newborn.set_current_delivery(record.delivery_id);
  newborn.set_withdrawn(false);
  AddReporter(record.facility_code, newborn);
  SetFacts(facts, newborn);
  AddMother(run, mother, record.newborn_id);
}

absl::StatusOr<Hits> HitsOf(const Run& run, const std::vector<certs::Claim>& claims) {
  Hits hits;
  for (const certs::Claim& claim : claims) {
    ASSIGN_OR_RETURN(std::string owner, OwnerOf(run, claim.hash));
    if (owner.empty()) continue;
    if (claim.kind == '3') hits.by_record = owner;
    if (std::find(hits.newborns.begin(), hits.newborns.end(), owner) == hits.newborns.end()) {
      hits.newborns.push_back(std::move(owner));
    }
  }
  return hits;
}

// Rule D18.
void TellDiscrepancy(Run& run, const std::string& newborn_id, const Newborn& newborn) {
  if (newborn.valid_certificate() == 0 && newborn.slot_application().empty()) return;
  run.view.Tell("DELIVERY_DISCREPANCY", newborn.valid_certificate(), newborn_id, run.micros);
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
  answer.delivery_id = IdFrom(first.delivery_id());
  answer.newborn_id = IdFrom(first.newborn_id());
  answer.accepted_time = absl::FromUnixMicros(first.accepted_time());
  return answer;
}

// An ignored event leaves its answer only.
DeliveryAnswer Ignore(Intake& intake, Run& run) {
  FeedAnswer stored;
  stored.set_verdict(static_cast<int>(FeedVerdict::kIgnored));
  stored.set_accepted_time(run.micros);
  for (const FeedDefect& defect : intake.doubts) AddDefect(defect, stored.mutable_defects());
  run.view.PutRecord(Family::kFeedAnswers, DigestKey(intake.command.message_key), stored);
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = FeedVerdict::kIgnored;
  answer.defects = std::move(intake.doubts);
  answer.accepted_time = run.context.time;
  return answer;
}

absl::StatusOr<bool> Reserved(const Run& run, const Newborn& newborn) {
  if (newborn.slot_application().empty()) return false;
  ASSIGN_OR_RETURN(std::optional<CaseHead> holder,
                   run.view.Find<CaseHead>(Family::kCases, newborn.slot_application()));
  return holder && holder->state() == static_cast<int>(certs::CaseState::kReserved);
}

// Rules D15, D16, D17.
Result<AcceptDelivery> WithdrawRecord(Intake& intake, Run& run) {
  const AcceptDelivery& command = intake.command;
  ASSIGN_OR_RETURN(Hits hits, HitsOf(run, command.claims));
  if (hits.newborns.empty()) {  // the event is of a person whom no record names
    intake.doubts.push_back({"RECORD_UNKNOWN", "", false});
    return Ignore(intake, run);
  }
  if (hits.by_record.empty() && hits.newborns.size() > 1) {
    intake.doubts.push_back({"RECORD_AMBIGUOUS", "", true});
    return Finish(intake, FeedVerdict::kRejected, run);
  }
  intake.newborn_id = hits.by_record.empty() ? hits.newborns[0] : hits.by_record;
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(run, intake.newborn_id));
  intake.head.set_previous(newborn.current_delivery());
  const int64_t event_time = absl::ToUnixMicros(command.event_time);
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> current,
                   run.view.Find<DeliveryHead>(Family::kDeliveries, newborn.current_delivery()));
  if (current && event_time < current->event_time()) {
    intake.doubts.push_back({"OLDER_THAN_CURRENT", "event_time", false});
    return Finish(intake, FeedVerdict::kAccepted, run);
  }
  if (current && current->facility_code() != command.facility_code) {
    // A second source takes back its own word, not that of the first.
    RemoveReporter(command.facility_code, newborn);
    run.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
    intake.doubts.push_back({"RECORD_OF_OTHER_FACILITY", "", false});
    return Finish(intake, FeedVerdict::kAccepted, run);
  }
  ASSIGN_OR_RETURN(const bool reserved, Reserved(run, newborn));
  TellDiscrepancy(run, intake.newborn_id, newborn);
  if (newborn.valid_certificate() == 0 && !reserved) {
    newborn.set_withdrawn(true);
    RemoveReporter(command.facility_code, newborn);
    if (current) {  // an update from before the withdrawal must not undo it
      current->set_withdrawn(true);
      current->set_event_time(event_time);
      run.view.PutRecord(Family::kDeliveries, newborn.current_delivery(), *current);
    }
    run.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  }
  return Finish(intake, FeedVerdict::kAccepted, run);
}

// A40: the number that goes and the number that stays name one baby from now on, whichever is
// known. Two known newborns are never merged here; a person decides.
// Rule D19.
Result<AcceptDelivery> AcceptAlias(Intake& intake, Run& run) {
  AcceptDelivery& command = intake.command;
  std::vector<certs::Claim> claims = command.claims;
  if (command.alias_claim) claims.push_back({'3', *command.alias_claim});
  if (!command.alias_claim || command.claims.empty()) {
    intake.doubts.push_back({"ALIAS_INCOMPLETE", "alias_of", true});
    return Finish(intake, FeedVerdict::kRejected, run);
  }
  ASSIGN_OR_RETURN(Hits survivor, HitsOf(run, command.claims));
  ASSIGN_OR_RETURN(Hits hits, HitsOf(run, claims));
  Newborn newborn;
  intake.newborn_id = hits.newborns.empty() ? IdKey(command.new_newborn_id) : hits.newborns[0];
  if (!survivor.by_record.empty()) intake.newborn_id = survivor.by_record;
  if (!hits.newborns.empty()) {
    ASSIGN_OR_RETURN(newborn, NewbornOf(run, intake.newborn_id));
  }
  intake.head.set_previous(newborn.current_delivery());
  FeedVerdict verdict = FeedVerdict::kAccepted;
  if (hits.newborns.size() > 1) {
    intake.doubts.push_back({"TWO_NEWBORNS", "alias_of", false});
    verdict = FeedVerdict::kReview;
    for (const std::string& other : hits.newborns) {
      if (other != intake.newborn_id) {
        RETURN_IF_ERROR(HoldBoth(run, intake.newborn_id, newborn, other));
      }
    }
    OpenReview(run, intake.delivery_id, intake.head, newborn);
  } else {
    RETURN_IF_ERROR(AddClaims(run, claims, intake.newborn_id, newborn));
  }
  run.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  return Finish(intake, verdict, run);
}

}  // namespace

Result<AcceptDelivery> Finish(Intake& intake, FeedVerdict verdict, Run& run) {
  AcceptDelivery& command = intake.command;
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = verdict;
  answer.defects = std::move(command.defects);
  std::move(intake.doubts.begin(), intake.doubts.end(), std::back_inserter(answer.defects));
  answer.delivery_id = command.delivery_id;
  answer.newborn_id = IdFrom(intake.newborn_id);
  answer.accepted_time = run.context.time;

  DeliveryHead& head = intake.head;
  head.set_newborn_id(intake.newborn_id);
  head.set_verdict(static_cast<int>(verdict));
  head.set_has_body(!command.sealed_body.empty());
  head.set_has_raw(!command.sealed_raw.empty());
  FeedAnswer stored;
  stored.set_delivery_id(intake.delivery_id);
  stored.set_newborn_id(intake.newborn_id);
  stored.set_verdict(static_cast<int>(verdict));
  stored.set_accepted_time(run.micros);
  for (const FeedDefect& defect : answer.defects) {
    AddDefect(defect, head.mutable_defects());
    AddDefect(defect, stored.mutable_defects());
  }
  Count(verdict, run.view.meta());
  run.view.PutRecord(Family::kDeliveries, intake.delivery_id, head);
  run.view.PutRecord(Family::kFeedAnswers, DigestKey(command.message_key), stored);
  if (head.has_body()) {
    run.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kDelivery, command.delivery_id),
                       std::move(command.sealed_body));
  }
  if (head.has_raw()) {
    run.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kRawMessage, command.delivery_id),
                       std::move(command.sealed_raw));
  }
  return answer;
}

// Rule D6.
Result<AcceptDelivery> Do(AcceptDelivery& command, Run& run) {
  ASSIGN_OR_RETURN(std::optional<FeedAnswer> first,
                   run.view.Find<FeedAnswer>(Family::kFeedAnswers, DigestKey(command.message_key)));
  if (first) return Repeat(*first);
  Intake intake{command, IdKey(command.delivery_id), "", {}, {}};
  intake.head.set_facility_code(command.facility_code);
  intake.head.set_organisation_code(command.organisation_code);
  intake.head.set_event(static_cast<int>(command.event));
  intake.head.set_accepted_time(run.micros);
  intake.head.set_event_time(absl::ToUnixMicros(command.event_time));
  intake.head.set_raw_format(command.raw_format);
  if (command.event == FeedEvent::kIgnored) return Ignore(intake, run);
  const bool fatal = std::any_of(command.defects.begin(), command.defects.end(),
                                 [](const FeedDefect& defect) { return defect.fatal; });
  if (fatal || command.event == FeedEvent::kRejected) {
    return Finish(intake, FeedVerdict::kRejected, run);
  }
  switch (command.event) {
    case FeedEvent::kWithdraw:
      return WithdrawRecord(intake, run);
    case FeedEvent::kAlias:
      return AcceptAlias(intake, run);
    default:
      return AcceptRecord(intake, run);
  }
}

}  // namespace birthseal::store::apply
