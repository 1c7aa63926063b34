// A person decides about a delivery record that waits in review.
#include "store/apply_feed.h"

namespace birthseal::store::apply {

using storage::v1::DeliveryHead;
using storage::v1::Newborn;

namespace {

Answer Decided(const Id& delivery_id, const DeliveryHead& head, Run& run) {
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = static_cast<FeedVerdict>(head.verdict());
  answer.delivery_id = delivery_id;
  answer.newborn_id = IdFrom(head.newborn_id());
  answer.accepted_time = run.context.time;
  return {absl::OkStatus(), std::move(answer)};
}

absl::Status CheckClaims(const ResolveReview& command, const std::string& newborn_id,
                         const Run& run) {
  for (const certs::Claim& claim : command.claims) {
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(run, claim.hash));
    if (!owner.empty() && owner != newborn_id) {
      return Refused("CLAIM_CONFLICT", "the record as decided still claims another newborn");
    }
  }
  return absl::OkStatus();
}

// The record as decided: a new version of the same delivery, from now on the current one.
Result AcceptDecided(ResolveReview& command, DeliveryHead& head, Newborn& newborn, Run& run) {
  RETURN_IF_ERROR(CheckClaims(command, head.newborn_id(), run));
  const std::string old_id = IdKey(command.delivery_id);
  CloseReview(run, old_id, head, newborn);
  if (head.verdict() == static_cast<int>(FeedVerdict::kReview)) {
    storage::v1::Meta& meta = run.view.meta();
    meta.set_deliveries_accepted(meta.deliveries_accepted() + 1);
  }
  head.set_verdict(static_cast<int>(FeedVerdict::kAccepted));
  Id current = command.delivery_id;
  DeliveryHead version = head;
  if (!Empty(command.new_delivery_id)) {
    current = command.new_delivery_id;
    version.set_previous(old_id);
    version.set_organisation_code(command.organisation_code);
    version.set_accepted_time(run.micros);
    version.set_has_raw(false);
    version.set_has_body(!command.sealed_body.empty());
    run.view.PutRecord(Family::kDeliveries, IdKey(current), version);
    if (version.has_body()) {
      run.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kDelivery, current),
                         std::move(command.sealed_body));
    }
  }
  // What was current goes with it when it waited for the same doubt.
  if (newborn.current_delivery() != old_id) TellDiscrepancy(run, head.newborn_id(), newborn);
  if (head.event() != static_cast<int>(FeedEvent::kAlias)) {
    newborn.set_current_delivery(IdKey(current));
    newborn.set_withdrawn(false);
    AddReporter(head.facility_code(), newborn);
    SetFacts(FactsOf(command), newborn);
    AddMother(run, command.mother_key, head.newborn_id());
  }
  RETURN_IF_ERROR(AddClaims(run, command.claims, head.newborn_id(), newborn));
  run.view.PutRecord(Family::kDeliveries, old_id, head);
  run.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  return Decided(current, version, run);
}

Result WithdrawDecided(const ResolveReview& command, DeliveryHead& head, Newborn& newborn,
                       Run& run) {
  const std::string id = IdKey(command.delivery_id);
  CloseReview(run, id, head, newborn);
  head.set_withdrawn(true);
  head.set_verdict(static_cast<int>(FeedVerdict::kRejected));
  if (newborn.current_delivery() == id) {
    ASSIGN_OR_RETURN(std::optional<DeliveryHead> before,
                     run.view.Find<DeliveryHead>(Family::kDeliveries, head.previous()));
    const bool stands = before && !before->withdrawn();
    if (!stands || before->facility_code() != head.facility_code()) {
      RemoveReporter(head.facility_code(), newborn);
    }
    if (stands) {
      newborn.set_current_delivery(head.previous());
    } else if (newborn.valid_certificate() == 0) {
      newborn.set_withdrawn(true);
    }
    TellDiscrepancy(run, head.newborn_id(), newborn);
  }
  run.view.PutRecord(Family::kDeliveries, id, head);
  run.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  return Decided(command.delivery_id, head, run);
}

}  // namespace

Result Do(ResolveReview& command, Run& run) {
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> head,
                   run.view.Find<DeliveryHead>(Family::kDeliveries, IdKey(command.delivery_id)));
  if (!head) {
    return certs::Error(absl::StatusCode::kNotFound, "DELIVERY_UNKNOWN", "no such delivery record");
  }
  if (!head->in_review()) {
    // The same decision again: its new version is there already.
    ASSIGN_OR_RETURN(
        std::optional<DeliveryHead> version,
        run.view.Find<DeliveryHead>(Family::kDeliveries, IdKey(command.new_delivery_id)));
    if (command.accept && !Empty(command.new_delivery_id) && version) {
      return Decided(command.new_delivery_id, *version, run);
    }
    if (!command.accept && head->withdrawn()) return Decided(command.delivery_id, *head, run);
    return Refused("NOT_IN_REVIEW", "the record does not wait for a decision");
  }
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(run, head->newborn_id()));
  if (command.accept) return AcceptDecided(command, *head, newborn, run);
  return WithdrawDecided(command, *head, newborn, run);
}

}  // namespace birthseal::store::apply
