// SPDX-License-Identifier: Apache-2.0
// A person decides about a delivery record that waits in review.
#include "absl/strings/escaping.h"
#include "store/ledger/apply_feed.h"

namespace birthseal::store::apply {

using storage::v1::DeliveryHead;
using storage::v1::Newborn;
using storage::v1::RequestAnswer;

namespace {

DeliveryAnswer Decided(const Id& delivery_id, const DeliveryHead& head, Run& run) {
  DeliveryAnswer answer;
  answer.verdict = answer.first_verdict = static_cast<FeedVerdict>(head.verdict());
  answer.delivery_id = delivery_id;
  answer.newborn_id = IdFrom(head.newborn_id());
  answer.accepted_time = run.context.time;
  return answer;
}

// The answer of a decision that was taken under this request id; the record may have changed since.
DeliveryAnswer DecidedBefore(const ResolveReview& command, const RequestAnswer& first,
                             const Run& run) {
  DeliveryAnswer answer;
  answer.verdict = command.accept ? FeedVerdict::kAccepted : FeedVerdict::kRejected;
  answer.first_verdict = answer.verdict;
  answer.delivery_id = IdFrom(first.subject());
  answer.newborn_id = IdFrom(absl::HexStringToBytes(first.text()));
  answer.accepted_time = run.context.time;
  return answer;
}

// Rule C11.
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

// The record tells of the baby that the newborn's current record tells of: the same number in the
// same facility, the same day, the same place in the order of births.
absl::StatusOr<bool> SameBaby(const ResolveReview& command, const DeliveryHead& head,
                              const Newborn& newborn, const Run& run) {
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> current,
                   run.view.Find<DeliveryHead>(Family::kDeliveries, newborn.current_delivery()));
  if (!current || current->facility_code() != head.facility_code()) return false;
  bool same_number = false;
  for (const certs::Claim& claim : command.claims) {
    if (claim.kind != '3') continue;
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(run, claim.hash));
    same_number = owner == head.newborn_id();
  }
  const int place = certs::PlaceInBirth(command.birth_order, command.plurality);
  const int current_place = certs::PlaceInBirth(newborn.birth_order(), newborn.plurality());
  if (!same_number || Differ(command.birth_day, newborn.birth_day())) return false;
  if (place != 0 && current_place != 0) return place == current_place;
  return !Differ(command.birth_minute, newborn.birth_minute()) &&
         !Differ(command.sex, newborn.sex());
}

// Whether the decision makes another newborn of the record.
// Rule D22.
absl::StatusOr<bool> IsAnother(const ResolveReview& command, const DeliveryHead& head,
                               const Newborn& newborn, const Run& run) {
  const std::string& current = newborn.current_delivery();
  const bool own = current.empty() || current == IdKey(command.delivery_id) ||
                   head.event() == static_cast<int>(FeedEvent::kAlias);
  if (own && command.whose == WhoseRecord::kAnotherNewborn) {
    return Refused("OWN_RECORD", "it is the newborn's own record: it has no other");
  }
  if (own || command.whose == WhoseRecord::kSameNewborn) return false;
  if (command.whose == WhoseRecord::kAnotherNewborn) return true;
  ASSIGN_OR_RETURN(const bool same_baby, SameBaby(command, head, newborn, run));
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
Id PutDecided(ResolveReview& command, DeliveryHead& head, DeliveryHead* version, Run& run) {
  if (head.verdict() == static_cast<int>(FeedVerdict::kReview)) {
    storage::v1::Meta& meta = run.view.meta();
    meta.set_deliveries_accepted(meta.deliveries_accepted() + 1);
  }
  head.set_verdict(static_cast<int>(FeedVerdict::kAccepted));
  const std::string old_id = IdKey(command.delivery_id);
  run.view.PutRecord(Family::kDeliveries, old_id, head);
  *version = head;
  if (Empty(command.new_delivery_id)) return command.delivery_id;
  version->set_previous(old_id);
  version->set_organisation_code(command.organisation_code);
  version->set_accepted_time(run.micros);
  version->set_has_raw(false);
  version->set_has_body(!command.sealed_body.empty());
  run.view.PutRecord(Family::kDeliveries, IdKey(command.new_delivery_id), *version);
  if (version->has_body()) {
    run.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kDelivery, command.new_delivery_id),
                       std::move(command.sealed_body));
  }
  return command.new_delivery_id;
}

// From now on the newborn's current record.
Result<ResolveReview> AcceptDecided(ResolveReview& command, DeliveryHead& head, Newborn& newborn,
                                    Run& run) {
  RETURN_IF_ERROR(CheckClaims(command, head.newborn_id(), run));
  const std::string old_id = IdKey(command.delivery_id);
  CloseReview(run, old_id, head, newborn);
  DeliveryHead version;
  const Id current = PutDecided(command, head, &version, run);
  // What was current goes with it when it waited for the same doubt.
  if (newborn.current_delivery() != old_id) TellDiscrepancy(run, head.newborn_id(), newborn);
  if (head.event() != static_cast<int>(FeedEvent::kAlias)) {
    MakeCurrent({IdKey(current), head.newborn_id(), head.facility_code()}, FactsOf(command),
                command.mother_key, newborn, run);
  }
  RETURN_IF_ERROR(AddClaims(run, command.claims, head.newborn_id(), newborn));
  run.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  return Decided(current, version, run);
}

// The record leaves the newborn it was taken for, whose own record stays as it is. A number that
// both babies were reported under stays with the first.
// Rule D23.
Result<ResolveReview> AcceptAnother(ResolveReview& command, DeliveryHead& head, Newborn& first,
                                    Run& run) {
  std::vector<certs::Claim> own;
  for (const certs::Claim& claim : command.claims) {
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(run, claim.hash));
    if (owner.empty()) {
      own.push_back(claim);
    } else if (claim.kind != '3' || owner != head.newborn_id()) {
      return Refused("CLAIM_CONFLICT",
                     "the record as decided has the mother, day and order of a known newborn: "
                     "another newborn needs another birth order");
    }
  }
  CloseReview(run, IdKey(command.delivery_id), head, first);
  run.view.PutRecord(Family::kNewborns, head.newborn_id(), first);
  Newborn another;
  head.set_newborn_id(IdKey(command.new_newborn_id));
  head.clear_previous();  // what stood before is the first newborn's
  DeliveryHead version;
  const Id current = PutDecided(command, head, &version, run);
  MakeCurrent({IdKey(current), head.newborn_id(), head.facility_code()}, FactsOf(command),
              command.mother_key, another, run);
  RETURN_IF_ERROR(AddClaims(run, own, head.newborn_id(), another));
  run.view.PutRecord(Family::kNewborns, head.newborn_id(), another);
  return Decided(current, version, run);
}

Result<ResolveReview> WithdrawDecided(const ResolveReview& command, DeliveryHead& head,
                                      Newborn& newborn, Run& run) {
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

Result<ResolveReview> Decide(ResolveReview& command, DeliveryHead& head, Run& run) {
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(run, head.newborn_id()));
  if (!command.accept) return WithdrawDecided(command, head, newborn, run);
  ASSIGN_OR_RETURN(const bool another, IsAnother(command, head, newborn, run));
  if (another) return AcceptAnother(command, head, newborn, run);
  return AcceptDecided(command, head, newborn, run);
}

}  // namespace

Result<ResolveReview> Do(ResolveReview& command, Run& run) {
  ASSIGN_OR_RETURN(const std::optional<RequestAnswer> first,
                   FirstAnswer(run, command.request_key, command.content_sm3));
  if (first) return DecidedBefore(command, *first, run);
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> head,
                   run.view.Find<DeliveryHead>(Family::kDeliveries, IdKey(command.delivery_id)));
  if (!head) {
    return certs::Error(absl::StatusCode::kNotFound, "DELIVERY_UNKNOWN", "no such delivery record");
  }
  if (!head->in_review()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "NOT_IN_REVIEW",
                        "the record does not wait for a person: look at it again", "delivery_id",
                        "该记录不在待核实之列，请重新查看");
  }
  ASSIGN_OR_RETURN(DeliveryAnswer decided, Decide(command, *head, run));
  Remember(run, command.request_key, command.content_sm3, IdKey(decided.delivery_id),
           absl::BytesToHexString(View(decided.newborn_id)));
  return decided;
}

}  // namespace birthseal::store::apply
