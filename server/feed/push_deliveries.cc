// SPDX-License-Identifier: Apache-2.0
#include "server/feed/push_deliveries.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "certs/errors.h"
#include "certs/id_document.h"
#include "certs/limits.h"
#include "certs/newborn.h"
#include "certs/printable.h"
#include "certs/rules/rules.h"
#include "certs/status_macros.h"
#include "server/feed/delivery_facts.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxSourceIdBytes = 256;
constexpr int kMaxMerges = 16;

// One message on its way; owned by whoever works on it at the moment.
struct Push {
  const FeedRoom* room;
  std::string organisation_code;
  DeliveryMessage message;
  std::function<void(absl::StatusOr<store::DeliveryAnswer>)> done;
  int merges = 0;
};

absl::Status Invalid(absl::string_view field, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "MESSAGE_FORM", message, field);
}

absl::Status NoIdentity(absl::string_view field, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "IDENTITY_EMPTY", message, field);
}

// Two messages whose identity is that of nothing would be one message, and the second record lost.
// The digest cannot be computed anew here: the sender leaves its time stamp out.
// Rule D2.
absl::Status CheckIdentity(const DeliveryMessage& message) {
  const certs::Digest nothing = certs::Sm3Of("");
  const std::string& id = message.source_message_id;
  if (absl::StripAsciiWhitespace(id).empty() ||
      id == absl::StrCat("sm3:", absl::BytesToHexString(certs::View(nothing)))) {
    return NoIdentity("source_message_id",
                      "it is blank or made of an empty message: give the sender's id of this one");
  }
  // An empty message without a record: nothing is lost when it is taken for another.
  const bool recordless =
      message.event == store::FeedEvent::kIgnored || message.event == store::FeedEvent::kRejected;
  if (recordless && message.raw.empty() && message.content_digest == nothing) {
    return absl::OkStatus();
  }
  if (message.content_digest == certs::Digest{} || message.content_digest == nothing) {
    return NoIdentity("content_digest",
                      "it is empty or the SM3 of nothing: give the SM3 of the message");
  }
  // Of an event that is only counted nothing is kept; of a withdrawal its reason is.
  const bool may_go_without =
      message.event == store::FeedEvent::kIgnored ||
      (message.event == store::FeedEvent::kWithdraw && !message.reason.empty());
  if (!message.raw.empty() || may_go_without) return absl::OkStatus();
  return NoIdentity("raw", "it is empty: send the message as it came");
}

// Rule D1.
absl::Status CheckForm(const Caller& caller, const DeliveryMessage& message) {
  if (!caller.MayPushFor(message.facility_code)) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS",
                        "the facility is not bound to the caller", "facility_code");
  }
  RETURN_IF_ERROR(CheckIdentity(message));
  if (message.source_message_id.size() > kMaxSourceIdBytes) {
    return Invalid("source_message_id", "the sender's message id has 1 to 256 bytes");
  }
  if (message.raw.size() > certs::kMaxRawMessage) {
    return Invalid("raw", "a raw message has at most 1 MiB");
  }
  if (message.reason.size() > certs::kMaxReason) {
    return Invalid("reason", "a reason has at most 200 bytes");
  }
  if (!certs::IsPlainText(message.raw_format)) return Invalid("raw_format", "it is no plain text");
  for (const store::FeedDefect& defect : message.defects) {
    if (!certs::IsPlainText(defect.code) || !certs::IsPlainText(defect.location)) {
      return Invalid("defects", "a code or a location is no plain text");
    }
  }
  if (message.event == store::FeedEvent::kAlias &&
      (message.alias_of.empty() || message.delivery.baby_record_no.empty())) {
    return Invalid("alias_of", "an alias names both baby numbers");
  }
  return absl::OkStatus();
}

// Rule D4.
certs::Digest MessageKey(absl::string_view organisation, const DeliveryMessage& message) {
  const absl::string_view zero("\0", 1);
  return certs::Sm3()
      .Add("birthseal/message/v1")
      .Add(zero)
      .Add(organisation)
      .Add(zero)
      .Add(message.facility_code)
      .Add(zero)
      .Add(message.source_message_id)
      .Add(zero)
      .Add(certs::View(message.content_digest))
      .Finish();
}

bool HasRecord(store::FeedEvent event) {
  return event == store::FeedEvent::kRecord || event == store::FeedEvent::kWithdraw ||
         event == store::FeedEvent::kAlias;
}

// The newborn that the record's claims name, as the ledger will see it: the baby's own number in
// the facility decides, else the first claim that is known.
struct Found {
  std::optional<certs::NewbornId> newborn;
  bool by_number = false;  // or by the number that goes, of an alias
};

absl::StatusOr<Found> FindNewborn(const FeedRoom& room, const DeliveryMessage& message,
                                  std::vector<certs::Claim> claims) {
  std::stable_partition(claims.begin(), claims.end(), [](const certs::Claim& claim) {
    return claim.kind == certs::ClaimKind::kBabyRecord;
  });
  if (message.event == store::FeedEvent::kAlias) {
    claims.push_back(
        {certs::ClaimKind::kBabyRecord,
         certs::BabyRecordClaim(room.claims.index_key, message.facility_code, message.alias_of)});
  }
  for (const certs::Claim& claim : claims) {
    const absl::StatusOr<certs::NewbornId> found = room.registry.NewbornByClaim(claim.hash);
    if (found.ok()) return Found{*found, claim.kind == certs::ClaimKind::kBabyRecord};
    if (!absl::IsNotFound(found.status())) return found.status();
  }
  return Found{};
}

// Of a claim. To say "not found" would reject a message for what the store has lost.
absl::StatusOr<storage::v1::Newborn> OwnerOf(const FeedRoom& room, const certs::NewbornId& id) {
  return Promised("newborn_id", room.registry.Newborn(id));
}

certs::BirthFacts KnownOf(const storage::v1::Newborn& newborn) {
  return {newborn.birth_minute(), newborn.birth_day(), newborn.birth_order(), newborn.plurality(),
          newborn.sex()};
}

// The current record of the newborn is this facility's, under this very number.
absl::StatusOr<bool> HasTheNumberToo(const FeedRoom& room, const storage::v1::Newborn& newborn,
                                     const certs::Delivery& record) {
  if (newborn.current_delivery().empty()) return false;
  ASSIGN_OR_RETURN(const certs::DeliveryId id,
                   StoredId<certs::DeliveryId>(newborn.current_delivery(), "current_delivery"));
  ASSIGN_OR_RETURN(const store::StoredDelivery current,
                   Promised("current_delivery", room.registry.Delivery(id)));
  return current.record.facility_code == record.facility_code &&
         current.record.baby_record_no == record.baby_record_no;
}

// Siblings under one number: the ledger gives the record to the one whose place it says.
absl::StatusOr<Found> ChooseSibling(const FeedRoom& room, const certs::Delivery& record,
                                    const std::vector<certs::Claim>& claims, Found numbered) {
  const certs::BirthFacts birth = certs::BirthFactsOf(record);
  for (const certs::Claim& claim : claims) {
    if (claim.kind == certs::ClaimKind::kBabyRecord) continue;
    const absl::StatusOr<certs::NewbornId> owner = room.registry.NewbornByClaim(claim.hash);
    if (absl::IsNotFound(owner.status())) continue;
    RETURN_IF_ERROR(owner.status());
    if (*owner == *numbered.newborn) continue;
    ASSIGN_OR_RETURN(const auto first, OwnerOf(room, *numbered.newborn));
    ASSIGN_OR_RETURN(const auto second, OwnerOf(room, *owner));
    if (!certs::IsOfThePlaced(birth, KnownOf(first), KnownOf(second))) continue;
    ASSIGN_OR_RETURN(const bool shared, HasTheNumberToo(room, second, record));
    if (shared) return Found{*owner, true};
  }
  return numbered;
}

// What only a person or the hospital's own answer can end: an unrelated update says nothing of it.
// Rule D20.
void KeepOpenDoubts(const store::StoredDelivery& current, const certs::Delivery& update,
                    std::vector<store::FeedDefect>* defects) {
  if (!current.head.in_review()) return;
  for (const storage::v1::FeedDefect& open : current.head.defects()) {
    const bool contradicts =
        open.code() == "OUTCOME_CONTRADICTS" || open.code() == "OUTCOME_NOT_DECIDABLE";
    const bool unanswered =
        open.code() == "OUTCOME_NOT_CODABLE" && update.outcome == certs::Outcome::kUnknown;
    const bool told = std::any_of(defects->begin(), defects->end(),
                                  [&](const auto& defect) { return defect.code == open.code(); });
    if ((contradicts || unanswered) && !told) {
      defects->push_back({open.code(), open.location(), false});
    }
  }
}

// A birth outside a facility (机构外出生) was told by a person. What the system of a hospital sends
// later about the same child names that hospital in every message: the name is no word about where
// the child was born, and a person looks at another place. Rule D27.
void KeepPlaceOfBirth(const certs::Delivery& current, certs::Delivery* update,
                      std::vector<store::FeedDefect>* defects) {
  const bool by_hand = update->source == certs::DeliverySource::kManual;
  if (!certs::OutsideFacility(current) || by_hand) return;
  update->facility_name.clear();
  const certs::Place &told = current.birth_place, &place = update->birth_place;
  const auto differs = [](const std::string& ours, const std::string& theirs) {
    return !theirs.empty() && ours != theirs;
  };
  if (differs(told.province, place.province) || differs(told.city, place.city) ||
      differs(told.county, place.county) || differs(told.code, place.code)) {
    defects->push_back({"BIRTH_PLACE_DIFFERS", "delivery.birth_place", false});
  }
}

// An update turns a birth of a facility into one outside, or back, only by a person's word.
void JudgePlaceOfBirth(const certs::Delivery& current, const certs::Delivery& merged,
                       std::vector<store::FeedDefect>* defects) {
  if (certs::OutsideFacility(current) == certs::OutsideFacility(merged)) return;
  defects->push_back({"OUTSIDE_FACILITY_DIFFERS", "delivery.facility_name", false});
}

// Merges the message into the current record of its baby; records of another facility stand beside
// it and are not mixed. Sets the command's base to what the ledger must still find as current.
// Rules D13, D14.
absl::StatusOr<certs::Delivery> MergeWithCurrent(const FeedRoom& room,
                                                 const DeliveryMessage& message,
                                                 store::AcceptDelivery* command) {
  certs::Delivery record = message.delivery;
  record.facility_code = message.facility_code;
  const std::vector<certs::Claim> claims = certs::ClaimsOf(room.claims.index_key, record);
  ASSIGN_OR_RETURN(Found found, FindNewborn(room, message, claims));
  if (!found.newborn.has_value()) return record;
  if (found.by_number && message.event == store::FeedEvent::kRecord) {
    ASSIGN_OR_RETURN(found, ChooseSibling(room, record, claims, found));
  }
  ASSIGN_OR_RETURN(const storage::v1::Newborn head, OwnerOf(room, *found.newborn));
  if (head.current_delivery().empty()) return record;
  ASSIGN_OR_RETURN(command->base,
                   StoredId<certs::DeliveryId>(head.current_delivery(), "current_delivery"));
  ASSIGN_OR_RETURN(const store::StoredDelivery current,
                   Promised("current_delivery", room.registry.Delivery(command->base)));
  if (!current.head.has_body()) return record;
  if (current.record.facility_code != message.facility_code) {
    // Two mothers under one made-up number would else become one.
    const std::string &ours = current.record.mother_name, &theirs = record.mother_name;
    if (!ours.empty() && !theirs.empty() && !certs::SamePersonName(ours, theirs)) {
      command->defects.push_back({"MOTHER_NAME_DIFFERS", "delivery.mother_name", false});
    }
    return record;
  }
  KeepOpenDoubts(current, record, &command->defects);
  // Two numbers of one facility that nobody declared to be one baby: perhaps a twin with a wrong
  // order. A person decides; nothing is mixed.
  if (!found.by_number && !record.baby_record_no.empty() &&
      !current.record.baby_record_no.empty()) {
    command->defects.push_back({"BABY_NUMBER_DIFFERS", "delivery.baby_record_no", false});
    return record;
  }
  KeepPlaceOfBirth(current.record, &record, &command->defects);
  certs::Delivery merged = MergeDelivery(current.record, record, message.cleared_fields);
  JudgePlaceOfBirth(current.record, merged, &command->defects);
  return merged;
}

absl::StatusOr<store::AcceptDelivery> Prepare(const Push& push) {
  const FeedRoom& room = *push.room;
  const DeliveryMessage& message = push.message;
  store::AcceptDelivery command;
  command.organisation_code = push.organisation_code;
  command.facility_code = message.facility_code;
  command.message_key = MessageKey(push.organisation_code, message);
  command.event = message.event;
  command.delivery_id = RandomId<certs::DeliveryId>();
  command.new_newborn_id = RandomId<certs::NewbornId>();
  command.defects = message.defects;
  command.event_time = message.event_time;
  command.raw_format = message.raw_format;
  if (!message.raw.empty()) {
    command.sealed_raw = room.registry.SealRawMessage(command.delivery_id, message.raw);
  } else if (!message.reason.empty()) {
    command.sealed_raw = room.registry.SealRawMessage(command.delivery_id, message.reason);
    command.raw_format = "reason";
  }
  if (!HasRecord(message.event)) return command;
  ASSIGN_OR_RETURN(const certs::Delivery record, MergeWithCurrent(room, message, &command));
  RETURN_IF_ERROR(SetFacts(room.claims, record, &command));
  if (message.event == store::FeedEvent::kAlias) {
    command.alias_claim =
        certs::BabyRecordClaim(room.claims.index_key, message.facility_code, message.alias_of);
  }
  if (message.event == store::FeedEvent::kRecord) {
    for (certs::Defect& defect : certs::CheckDelivery(record, certs::LocalTime(room.clock.Now()))) {
      if (defect.severity == certs::Severity::kNote) continue;
      command.defects.push_back({std::move(defect.code), std::move(defect.field), false});
    }
  }
  command.sealed_body = room.registry.SealDeliveryBody(command.delivery_id, record);
  return command;
}

void Start(std::shared_ptr<Push> push);

// The answer of the ledger; a record that moved on is merged again, on a worker.
void Finish(const std::shared_ptr<Push>& push, absl::StatusOr<store::DeliveryAnswer> answer) {
  const bool moved_on =
      absl::IsAborted(answer.status()) && certs::ReasonOf(answer.status()) == "RECORD_MOVED_ON";
  if (!moved_on || push->merges >= kMaxMerges) {
    push->done(std::move(answer));
    return;
  }
  if (!push->room->workers.Post([push] { Start(push); })) {
    push->done(certs::Error(absl::StatusCode::kResourceExhausted, "WORKERS_BUSY",
                            "too much is waiting; send the message again"));
  }
}

void Start(std::shared_ptr<Push> push) {
  ++push->merges;
  absl::StatusOr<store::AcceptDelivery> command = Prepare(*push);
  if (!command.ok()) {
    push->done(command.status());
    return;
  }
  push->room->ledger.Submit(
      *std::move(command),
      [push](absl::StatusOr<store::DeliveryAnswer> answer) { Finish(push, std::move(answer)); });
}

}  // namespace

void PushDelivery(const FeedRoom& room, const Caller& caller, DeliveryMessage message,
                  std::function<void(absl::StatusOr<store::DeliveryAnswer>)> done) {
  if (absl::Status form = CheckForm(caller, message); !form.ok()) {
    done(std::move(form));
    return;
  }
  Start(std::make_shared<Push>(
      Push{&room, caller.organisation_code, std::move(message), std::move(done)}));
}

}  // namespace birthseal::server
