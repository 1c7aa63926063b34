// SPDX-License-Identifier: Apache-2.0
// A person decides about a delivery record that waits in review.
#include "absl/strings/escaping.h"
#include "store/ledger/apply_feed.h"

namespace birthseal::store::apply {

using storage::v1::DeliveryHead;
using storage::v1::Newborn;
using storage::v1::RequestAnswer;

namespace {

DeliveryAnswer Decided(const DeliveryId& delivery_id, const DeliveryHead& head, Turn& turn) {
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = static_cast<FeedVerdict>(head.verdict());
  answer.delivery_id = delivery_id;
  answer.newborn_id = IdFrom<NewbornId>(head.newborn_id());
  answer.accepted_time = turn.context.time;
  return answer;
}

// The answer of a decision that was taken under this request id; the record may have changed since.
DeliveryAnswer DecidedBefore(const ResolveReview& command, const RequestAnswer& first,
                             const Turn& turn) {
  DeliveryAnswer answer;
  answer.verdict = command.accept ? FeedVerdict::kAccepted : FeedVerdict::kRejected;
  answer.first_verdict = answer.verdict;
  answer.delivery_id = IdFrom<DeliveryId>(first.subject());
  answer.newborn_id = IdFrom<NewbornId>(absl::HexStringToBytes(first.text()));
  answer.accepted_time = turn.context.time;
  return answer;
}

// Rule C11.
absl::Status CheckClaims(const ResolveReview& command, const std::string& newborn_id,
                         const Turn& turn) {
  for (const certs::Claim& claim : command.claims) {
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
    if (!owner.empty() && owner != newborn_id) {
      return Refused("CLAIM_CONFLICT", "the record as decided still claims another newborn");
    }
  }
  return absl::OkStatus();
}

// The record tells of the baby that the newborn's current record tells of: the same number in the
// same facility, the same day, the same place in the order of births.
absl::StatusOr<bool> SameBaby(const ResolveReview& command, const DeliveryHead& head,
                              const Newborn& newborn, const Turn& turn) {
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> current,
                   turn.view.Find<DeliveryHead>(Family::kDeliveries, newborn.current_delivery()));
  if (!current || current->facility_code() != head.facility_code()) return false;
  bool same_number = false;
  for (const certs::Claim& claim : command.claims) {
    if (claim.kind != certs::ClaimKind::kBabyRecord) continue;
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
    same_number = owner == head.newborn_id();
  }
  const int place = certs::PlaceInBirth(command.birth.order, command.birth.plurality);
  const int current_place = certs::PlaceInBirth(newborn.birth_order(), newborn.plurality());
  if (!same_number || Differ(command.birth.day, newborn.birth_day())) return false;
  if (place != 0 && current_place != 0) return place == current_place;
  return !Differ(command.birth.minute, newborn.birth_minute()) &&
         !Differ(command.birth.sex, newborn.sex());
}

// Whether the decision makes another newborn of the record.
// Rule D22.
absl::StatusOr<bool> IsAnother(const ResolveReview& command, const DeliveryHead& head,
                               const Newborn& newborn, const Turn& turn) {
  const std::string& current = newborn.current_delivery();
  const bool own = current.empty() || current == IdKey(command.delivery_id) ||
                   head.event() == static_cast<int>(FeedEvent::kAlias);
  if (own && command.whose == WhoseRecord::kAnotherNewborn) {
    return Refused("OWN_RECORD", "it is the newborn's own record: it has no other");
  }
  if (own || command.whose == WhoseRecord::kSameNewborn) return false;
  if (command.whose == WhoseRecord::kAnotherNewborn) return true;
  ASSIGN_OR_RETURN(const bool same_baby, SameBaby(command, head, newborn, turn));
  if (same_baby) return false;
  return certs::Error(absl::StatusCode::kFailedPrecondition, "WHOSE_RECORD",
                      "the record would take the place of another one of this newborn and differs "
                      "from it in number, facility, day or order: say SAME_NEWBORN (a correction, "
                      "--same-newborn) or ANOTHER_NEWBORN (a sibling, --another-newborn)",
                      "whose",
                      "该记录与该新生儿现有记录的编号、机构、日期或出生次序不同：请注明是同一新生儿"
                      "（更正）还是另一新生儿（同胞）");
}

// The record as decided: a new version of the same delivery. Gives the id it is current under.
DeliveryId PutDecided(ResolveReview& command, DeliveryHead& head, DeliveryHead* version,
                      Turn& turn) {
  if (head.verdict() == static_cast<int>(FeedVerdict::kReview)) {
    storage::v1::Meta& meta = turn.view.meta();
    meta.set_deliveries_accepted(meta.deliveries_accepted() + 1);
  }
  head.set_verdict(static_cast<int>(FeedVerdict::kAccepted));
  const std::string old_id = IdKey(command.delivery_id);
  turn.view.PutRecord(Family::kDeliveries, old_id, head);
  *version = head;
  if (command.new_delivery_id.empty()) return command.delivery_id;
  version->set_previous(old_id);
  version->set_organisation_code(command.organisation_code);
  version->set_accepted_time(turn.micros);
  version->set_has_raw(false);
  version->set_has_body(!command.sealed_body.empty());
  turn.view.PutRecord(Family::kDeliveries, IdKey(command.new_delivery_id), *version);
  if (version->has_body()) {
    turn.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kDelivery, command.new_delivery_id),
                        std::move(command.sealed_body));
  }
  return command.new_delivery_id;
}

// From now on the newborn's current record.
Result<ResolveReview> AcceptDecided(ResolveReview& command, DeliveryHead& head, Newborn& newborn,
                                    Turn& turn) {
  RETURN_IF_ERROR(CheckClaims(command, head.newborn_id(), turn));
  const std::string old_id = IdKey(command.delivery_id);
  CloseReview(turn, old_id, head, newborn);
  DeliveryHead version;
  const DeliveryId current = PutDecided(command, head, &version, turn);
  // What was current goes with it when it waited for the same doubt.
  if (newborn.current_delivery() != old_id) AddDiscrepancyEvent(turn, head.newborn_id(), newborn);
  if (head.event() != static_cast<int>(FeedEvent::kAlias)) {
    MakeCurrent({IdKey(current), head.newborn_id(), head.facility_code()}, command.birth,
                command.mother_key, newborn, turn);
  }
  RETURN_IF_ERROR(AddClaims(turn, command.claims, head.newborn_id(), newborn));
  turn.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  return Decided(current, version, turn);
}

// The record leaves the newborn it was taken for, whose own record stays as it is. A number that
// both babies were reported under stays with the first.
// Rule D23.
Result<ResolveReview> AcceptAnother(ResolveReview& command, DeliveryHead& head, Newborn& first,
                                    Turn& turn) {
  std::vector<certs::Claim> own;
  for (const certs::Claim& claim : command.claims) {
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
    if (owner.empty()) {
      own.push_back(claim);
    } else if (claim.kind != certs::ClaimKind::kBabyRecord || owner != head.newborn_id()) {
      return Refused("CLAIM_CONFLICT",
                     "the record as decided has the mother, day and order of a known newborn: "
                     "another newborn needs another birth order");
    }
  }
  CloseReview(turn, IdKey(command.delivery_id), head, first);
  turn.view.PutRecord(Family::kNewborns, head.newborn_id(), first);
  Newborn another;
  head.set_newborn_id(IdKey(command.new_newborn_id));
  head.clear_previous();  // what stood before is the first newborn's
  DeliveryHead version;
  const DeliveryId current = PutDecided(command, head, &version, turn);
  MakeCurrent({IdKey(current), head.newborn_id(), head.facility_code()}, command.birth,
              command.mother_key, another, turn);
  RETURN_IF_ERROR(AddClaims(turn, own, head.newborn_id(), another));
  turn.view.PutRecord(Family::kNewborns, head.newborn_id(), another);
  return Decided(current, version, turn);
}

Result<ResolveReview> WithdrawDecided(const ResolveReview& command, DeliveryHead& head,
                                      Newborn& newborn, Turn& turn) {
  const std::string id = IdKey(command.delivery_id);
  CloseReview(turn, id, head, newborn);
  head.set_withdrawn(true);
  head.set_verdict(static_cast<int>(FeedVerdict::kRejected));
  if (newborn.current_delivery() == id) {
    ASSIGN_OR_RETURN(std::optional<DeliveryHead> before,
                     turn.view.Find<DeliveryHead>(Family::kDeliveries, head.previous()));
    const bool stands = before && !before->withdrawn();
    if (!stands || before->facility_code() != head.facility_code()) {
      RemoveReporter(head.facility_code(), newborn);
    }
    if (stands) {
      newborn.set_current_delivery(head.previous());
    } else if (newborn.valid_certificate() == 0) {
      newborn.set_withdrawn(true);
    }
    AddDiscrepancyEvent(turn, head.newborn_id(), newborn);
  }
  turn.view.PutRecord(Family::kDeliveries, id, head);
  turn.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  return Decided(command.delivery_id, head, turn);
}

Result<ResolveReview> Decide(ResolveReview& command, DeliveryHead& head, Turn& turn) {
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, head.newborn_id()));
  if (!command.accept) return WithdrawDecided(command, head, newborn, turn);
  ASSIGN_OR_RETURN(const bool another, IsAnother(command, head, newborn, turn));
  if (another) return AcceptAnother(command, head, newborn, turn);
  return AcceptDecided(command, head, newborn, turn);
}

}  // namespace

Result<ResolveReview> Apply(ResolveReview& command, Turn& turn) {
  ASSIGN_OR_RETURN(const std::optional<RequestAnswer> first,
                   FirstAnswer(turn, command.request_key, command.content_sm3));
  if (first) return DecidedBefore(command, *first, turn);
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> head,
                   turn.view.Find<DeliveryHead>(Family::kDeliveries, IdKey(command.delivery_id)));
  if (!head) {
    return certs::Error(absl::StatusCode::kNotFound, "DELIVERY_UNKNOWN", "no such delivery record");
  }
  if (!head->in_review()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "NOT_IN_REVIEW",
                        "the record does not wait for a person: look at it again", "delivery_id",
                        "该记录不在待核实之列，请重新查看");
  }
  ASSIGN_OR_RETURN(DeliveryAnswer decided, Decide(command, *head, turn));
  Remember(turn, command.request_key, command.content_sm3, IdKey(decided.delivery_id),
           absl::BytesToHexString(View(decided.newborn_id)));
  return decided;
}

}  // namespace birthseal::store::apply
