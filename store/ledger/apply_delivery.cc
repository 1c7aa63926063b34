// SPDX-License-Identifier: Apache-2.0
// Delivery records: identity of the newborn, versions, doubts (ARCHITECTURE.md, "Identity of a
// newborn").
#include <algorithm>
#include <cstdlib>

#include "store/ledger/apply_feed.h"

namespace birthseal::store::apply {

using storage::v1::DeliveryHead;
using storage::v1::Newborn;

namespace {

constexpr int64_t kNearDays = 5, kPregnancyDays = 270, kEpisodeDays = 1;

// Two records of one delivery episode of a multiple birth: other order, like plurality, one day. A
// single birth has one place only.
// Rule C13.
bool SameEpisode(const certs::BirthFacts& a, const Newborn& b) {
  if (Differ(a.plurality, b.plurality())) return false;
  if (!Differ(a.order, b.birth_order())) return false;
  const int most = std::max(a.plurality, b.plurality());
  if (most != 0 && std::max(a.order, b.birth_order()) > most) return false;
  return std::abs(a.day - b.birth_day()) <= kEpisodeDays;
}

void JudgeFacts(const certs::BirthFacts& facts, std::vector<FeedDefect>& doubts) {
  if (facts.plurality > 1 && facts.order == 0) {
    doubts.push_back({"BIRTH_ORDER_MISSING", "delivery.birth_order", false});
  }
  if (facts.plurality > 0 && facts.order > facts.plurality) {
    doubts.push_back({"ORDER_BEYOND_PLURALITY", "delivery.birth_order", false});
  }
}

// Under one number, at another minute: of the other sex, or of a multiple birth whose order one of
// the two does not tell.
// Rule D11.
bool PerhapsASibling(const certs::BirthFacts& facts, const Newborn& newborn) {
  const bool multiple = facts.plurality > 1 || newborn.plurality() > 1;
  const bool unplaced = multiple && (facts.order == 0 || newborn.birth_order() == 0);
  return Differ(facts.minute, newborn.birth_minute()) &&
         (Differ(facts.sex, newborn.sex()) || unplaced);
}

// An update may correct a record, but not silently turn it into another birth. A second source
// must agree to the minute.
// Rules D10, D12.
void JudgeChange(const certs::BirthFacts& facts, const Newborn& newborn, bool second_source,
                 std::vector<FeedDefect>& doubts) {
  if (Differ(facts.day, newborn.birth_day())) {
    doubts.push_back({"BIRTH_DATE_CHANGED", "delivery.birth_time", false});
  }
  if (Differ(facts.order, newborn.birth_order())) {
    doubts.push_back({"BIRTH_ORDER_CHANGED", "delivery.birth_order", false});
  }
  if (Differ(facts.plurality, newborn.plurality())) {
    doubts.push_back({"PLURALITY_CHANGED", "delivery.plurality", false});
  }
  if (!second_source) {
    if (PerhapsASibling(facts, newborn)) {
      doubts.push_back({"SIBLING_POSSIBLE", "delivery.birth_time", false});
    }
    return;
  }
  if (Differ(facts.minute, newborn.birth_minute())) {
    doubts.push_back({"BIRTH_TIME_DIFFERS", "delivery.birth_time", false});
  }
  if (Differ(facts.sex, newborn.sex())) {
    doubts.push_back({"SEX_DIFFERS", "delivery.sex", false});
  }
}

absl::Status MovedOn() {
  return certs::Error(absl::StatusCode::kAborted, "RECORD_MOVED_ON",
                      "the record that was merged is no longer the current one");
}

RecordPlace RecordOf(const Intake& intake) {
  return {intake.delivery_id, intake.newborn_id, intake.command.facility_code};
}

// A clean record answers the doubts about the one it replaces, but never a conflict.
// Rule D5.
void CloseReplaced(const std::string& replaced_id, DeliveryHead& replaced, Newborn& newborn,
                   Turn& turn) {
  if (!replaced.in_review() || newborn.conflicts_with_size() > 0) return;
  CloseReview(turn, replaced_id, replaced, newborn);
  turn.view.PutRecord(Family::kDeliveries, replaced_id, replaced);
}

// The first record of a newborn, or of one known by an alias only.
Result<AcceptDelivery> AcceptFirst(Intake& intake, Newborn newborn, const Hits& hits, Turn& turn) {
  AcceptDelivery& command = intake.command;
  RETURN_IF_ERROR(
      JudgeSiblings(turn, command.mother_key, command.birth, intake.newborn_id, intake.doubts));
  if (newborn.conflicts_with_size() > 0) {
    intake.doubts.push_back({"CLAIM_CONFLICT", "", false});
  }
  std::vector<certs::Claim> own;  // what another newborn claimed before stays with that one
  for (const certs::Claim& claim : command.claims) {
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
    if (owner.empty() || owner == intake.newborn_id) own.push_back(claim);
  }
  RETURN_IF_ERROR(AddClaims(turn, own, intake.newborn_id, newborn));
  MakeCurrent(RecordOf(intake), command.birth, command.mother_key, newborn, turn);
  for (const std::string& other : hits.newborns) {
    if (other == intake.newborn_id) continue;
    if (newborn.conflicts_with_size() == 0) intake.doubts.push_back({"TWO_NEWBORNS", "", false});
    RETURN_IF_ERROR(HoldBoth(turn, intake.newborn_id, newborn, other));
  }
  const bool review = !command.defects.empty() || !intake.doubts.empty();
  if (review) OpenReview(turn, intake.delivery_id, intake.head, newborn);
  turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  return Finish(intake, review ? FeedVerdict::kReview : FeedVerdict::kAccepted, turn);
}

Result<AcceptDelivery> Review(Intake& intake, Newborn& newborn, const Hits& hits, Turn& turn) {
  for (const std::string& other : hits.newborns) {
    if (other != intake.newborn_id) {
      RETURN_IF_ERROR(HoldBoth(turn, intake.newborn_id, newborn, other));
    }
  }
  OpenReview(turn, intake.delivery_id, intake.head, newborn);
  AddDiscrepancyEvent(turn, intake.newborn_id, newborn);
  turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  return Finish(intake, FeedVerdict::kReview, turn);
}

// A record of a newborn that has one: an update of it by the same facility, or a second source,
// which stands beside the current record and is not mixed with it.
// Rule D9.
Result<AcceptDelivery> AcceptNext(Intake& intake, Newborn newborn, const Hits& hits, Turn& turn) {
  AcceptDelivery& command = intake.command;
  const std::string replaced_id = newborn.current_delivery();
  ASSIGN_OR_RETURN(std::optional<DeliveryHead> replaced,
                   turn.view.Find<DeliveryHead>(Family::kDeliveries, replaced_id));
  if (!replaced) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "a delivery is missing");
  }
  const bool update = replaced->facility_code() == command.facility_code;
  if (command.base.empty() ? update : IdKey(command.base) != replaced_id) return MovedOn();
  intake.head.set_previous(replaced_id);
  if (update && intake.head.event_time() < replaced->event_time()) {
    intake.doubts.push_back({"OLDER_THAN_CURRENT", "event_time", false});
    return Finish(intake, FeedVerdict::kAccepted, turn);
  }
  JudgeChange(command.birth, newborn, !update, intake.doubts);
  RETURN_IF_ERROR(
      JudgeSiblings(turn, command.mother_key, command.birth, intake.newborn_id, intake.doubts));
  if (hits.newborns.size() > 1) intake.doubts.push_back({"TWO_NEWBORNS", "", false});
  if (!command.defects.empty() || !intake.doubts.empty()) {
    return Review(intake, newborn, hits, turn);
  }
  RETURN_IF_ERROR(AddClaims(turn, command.claims, intake.newborn_id, newborn));
  AddReporter(command.facility_code, newborn);
  if (update || newborn.withdrawn()) {
    MakeCurrent(RecordOf(intake), command.birth, command.mother_key, newborn, turn);
    CloseReplaced(replaced_id, *replaced, newborn, turn);
    AddDiscrepancyEvent(turn, intake.newborn_id, newborn);
  }
  turn.view.PutRecord(Family::kNewborns, intake.newborn_id, newborn);
  return Finish(intake, FeedVerdict::kAccepted, turn);
}

}  // namespace

// Rule C12.
absl::Status JudgeSiblings(const Turn& turn, const std::optional<certs::Digest>& mother,
                           const certs::BirthFacts& facts, const std::string& newborn_id,
                           std::vector<FeedDefect>& doubts) {
  JudgeFacts(facts, doubts);
  if (!mother || facts.day == 0) return absl::OkStatus();
  std::vector<std::string> siblings;
  const std::string prefix = MotherPrefix(*mother);
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kMothers, prefix, [&](absl::string_view key, absl::string_view) {
        siblings.emplace_back(key.substr(prefix.size()));
        return true;
      }));
  for (const std::string& id : siblings) {
    if (id == newborn_id) continue;
    ASSIGN_OR_RETURN(Newborn sibling, NewbornOf(turn, id));
    if (sibling.withdrawn() || sibling.birth_day() == 0) continue;
    const int64_t days = std::abs(facts.day - sibling.birth_day());
    if (days > kPregnancyDays || SameEpisode(facts, sibling)) continue;
    doubts.push_back(
        {days <= kNearDays ? "MOTHER_OTHER_BIRTH_5_DAYS" : "MOTHER_OTHER_BIRTH_270_DAYS",
         "delivery.birth_time", false});
    break;  // one is enough for a person to look
  }
  return absl::OkStatus();
}

namespace {

certs::BirthFacts KnownOf(const Newborn& newborn) {
  return {newborn.birth_minute(), newborn.birth_day(), newborn.birth_order(), newborn.plurality(),
          newborn.sex()};
}

// Siblings whom their facility keeps under one number: the record is that one's whose place it has,
// if the caller, who can read both records, merged it with that one's.
absl::Status ChooseSibling(const Turn& turn, AcceptDelivery& command, Hits& hits) {
  if (hits.by_record.empty() || hits.newborns.size() != 2) return absl::OkStatus();
  const std::string& other =
      hits.newborns[0] == hits.by_record ? hits.newborns[1] : hits.newborns[0];
  ASSIGN_OR_RETURN(const Newborn numbered, NewbornOf(turn, hits.by_record));
  ASSIGN_OR_RETURN(const Newborn placed, NewbornOf(turn, other));
  const bool merged = !command.base.empty() && IdKey(command.base) == placed.current_delivery();
  if (!merged || !certs::IsOfThePlaced(command.birth, KnownOf(numbered), KnownOf(placed))) {
    return absl::OkStatus();
  }
  command.claims.erase(std::remove_if(command.claims.begin(), command.claims.end(),
                                      [](const certs::Claim& claim) {
                                        return claim.kind == certs::ClaimKind::kBabyRecord;
                                      }),
                       command.claims.end());
  hits = {other, {other}};
  return absl::OkStatus();
}

}  // namespace

// Rule C5.
Result<AcceptDelivery> AcceptRecord(Intake& intake, Turn& turn) {
  AcceptDelivery& command = intake.command;
  ASSIGN_OR_RETURN(Hits hits, HitsOf(turn, command.claims));
  RETURN_IF_ERROR(ChooseSibling(turn, command, hits));
  if (hits.newborns.empty()) {
    intake.newborn_id = IdKey(command.new_newborn_id);
    return AcceptFirst(intake, Newborn(), hits, turn);
  }
  intake.newborn_id = hits.by_record.empty() ? hits.newborns[0] : hits.by_record;
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, intake.newborn_id));
  if (newborn.current_delivery().empty()) {
    return AcceptFirst(intake, std::move(newborn), hits, turn);
  }
  return AcceptNext(intake, std::move(newborn), hits, turn);
}

}  // namespace birthseal::store::apply
