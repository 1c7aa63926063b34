// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/birth_message.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/id_document.h"
#include "clients/connect/hl7/group.h"
#include "clients/connect/hl7/header.h"
#include "clients/connect/hl7/mentions.h"
#include "clients/connect/hl7/newborn.h"
#include "clients/connect/hl7/outcome.h"
#include "clients/connect/hl7/relatives.h"
#include "clients/connect/hl7/values.h"

namespace birthseal::connect::hl7 {
namespace {

using Push = v1::PushDeliveriesRequest;

// XPN: family and given name. Chinese names are printed without a blank between.
std::string PersonName(const Segment& segment, absl::string_view repetition) {
  std::string family = segment.TextOf(repetition, 1), given = segment.TextOf(repetition, 2);
  const bool latin = std::all_of(family.begin(), family.end(),
                                 [](char c) { return static_cast<signed char>(c) > 0; });
  if (family.empty() || given.empty()) return family + given;
  return latin ? absl::StrCat(family, " ", given) : family + given;
}

// The repetition of a CX list whose type code is `type`, else the first one with a number.
std::string ListedNumber(const Segment& segment, size_t field, absl::string_view type) {
  std::string first;
  for (absl::string_view repetition : segment.Repetitions(field)) {
    std::string number = segment.TextOf(repetition, 1);
    if (!HasDigit(number)) continue;
    if (segment.TextOf(repetition, 5) == type) return number;
    if (first.empty()) first = number;
  }
  return first;
}

void ReadMotherNumbers(const Segment& nk1, v1::Delivery* delivery) {
  for (absl::string_view repetition : nk1.Repetitions(33)) {
    const std::string number = certs::FoldedIdNumber(nk1.TextOf(repetition, 1));
    const v1::IdType type = ReadIdType(nk1.TextOf(repetition, 5), number);
    if (number.empty() || number.find_first_not_of("0-") == std::string::npos) continue;
    // A citizen number wins over insurance and record numbers that stand beside it.
    if (delivery->mother_id_number().empty() || type == v1::ID_TYPE_CITIZEN_ID) {
      delivery->set_mother_id_number(number);
      delivery->set_mother_id_type(type);
    }
  }
}

bool SameName(absl::string_view a, absl::string_view b) {
  const auto joined = [](absl::string_view name) {
    return absl::StrReplaceAll(FoldedText(name), {{" ", ""}});
  };
  return joined(a) == joined(b);
}

// The fields of the mother. Nothing when two of them differ in name or number: then neither is
// hers.
std::optional<v1::Delivery> ReadMothers(const std::vector<const Segment*>& mothers) {
  v1::Delivery all;
  for (const Segment* nk1 : mothers) {
    v1::Delivery one;
    one.set_mother_name(PersonName(*nk1, nk1->Repetitions(2)[0]));
    ReadMotherNumbers(*nk1, &one);
    const bool same_name = all.mother_name().empty() || one.mother_name().empty() ||
                           SameName(all.mother_name(), one.mother_name());
    const bool same_number = all.mother_id_number().empty() || one.mother_id_number().empty() ||
                             certs::SameIdNumber(all.mother_id_number(), one.mother_id_number());
    if (!same_name || !same_number) return std::nullopt;
    if (all.mother_name().empty()) all.set_mother_name(one.mother_name());
    if (all.mother_id_number().empty()) {
      all.set_mother_id_number(one.mother_id_number());
      all.set_mother_id_type(one.mother_id_type());
    }
  }
  return all;
}

void ReadMother(const Group& group, const Segment& pid, Push* push) {
  v1::Delivery* delivery = push->mutable_delivery();
  const std::vector<const Segment*> mothers = MothersOf(group);
  delivery->set_mother_inpatient_no(ListedNumber(pid, 21, "MR"));
  const std::optional<v1::Delivery> mother = ReadMothers(mothers);
  if (!mother) {
    AddDefect("MOTHER_CONTRADICTS", "NK1-3", false, push);
    return;
  }
  delivery->MergeFrom(*mother);
  // PID-21 is an identifier of the mother, or simply her name.
  const std::string first = pid.Text(21);
  if (!HasDigit(first) && delivery->mother_name().empty()) {
    delivery->set_mother_name(PersonName(pid, pid.Repetitions(21)[0]));
  }
  if (delivery->mother_name().empty()) AddDefect("MOTHER_MISSING", "NK1-2", false, push);
  if (delivery->mother_id_number().empty()) AddDefect("MOTHER_ID_MISSING", "NK1-33", false, push);
  if (mothers.empty()) TellUnknownRelations(group, push);
}

void ReadBirthTime(const Segment& pid, const SenderSettings& sender, Newborn newborn, bool update,
                   Push* push) {
  std::string local;
  switch (ReadTime(pid.Raw(7), sender.zone, &local)) {
    case TimePrecision::kNone:
      AddDefect("BIRTH_TIME_MISSING", "PID-7", !update, push);
      return;
    case TimePrecision::kInvalid:
      AddDefect("BIRTH_TIME_INVALID", "PID-7", newborn != Newborn::kPerhaps, push);
      return;
    case TimePrecision::kDay:  // never padded with 00:00
      AddDefect("BIRTH_TIME_WITHOUT_MINUTES", "PID-7", false, push);
      break;
    case TimePrecision::kMinute:
      break;
  }
  push->mutable_delivery()->set_birth_time(local);
}

void ReadNewborn(const Segment& pid, bool update, Push* push) {
  v1::Delivery* delivery = push->mutable_delivery();
  delivery->set_baby_record_no(ListedNumber(pid, 3, "MR"));
  if (delivery->baby_record_no().empty()) AddDefect("BABY_NUMBER_MISSING", "PID-3", true, push);
  delivery->set_placeholder_name(PersonName(pid, pid.Repetitions(5)[0]));
  v1::Sex sex = v1::SEX_UNKNOWN;
  const std::string defect = ReadSex(pid.Text(8), &sex);
  const bool missing_in_update = update && defect == "SEX_MISSING";
  if (!defect.empty() && !missing_in_update) AddDefect(defect, "PID-8", true, push);
  delivery->set_sex(sex);
  if (defect.empty() && sex == v1::SEX_UNKNOWN) AddDefect("SEX_UNKNOWN", "PID-8", false, push);
}

// Plurality and order: PID-24, PID-25 and OBX contradict each other in real messages.
void ReadMultiple(const Segment& pid, int obx_plurality, int obx_order, Push* push) {
  v1::Delivery* delivery = push->mutable_delivery();
  const std::string multiple = pid.Text(24), order_text = pid.Text(25);
  int order = 0;
  if (!order_text.empty() && (!absl::SimpleAtoi(order_text, &order) || order < 1 || order > 9)) {
    // "A" or "0" stand for an order only in the sender's mind.
    AddDefect("BIRTH_ORDER_NOT_A_NUMBER", "PID-25", false, push);
    order = 0;
  }
  if (order > 1 && obx_order != 0 && obx_order != order) {
    AddDefect("BIRTH_ORDER_CONTRADICTS", "PID-25", false, push);
  }
  if (order == 0) order = obx_order;
  int plurality = obx_plurality;
  if (plurality == 0 && multiple == "N") plurality = 1;
  if (order > 1 && multiple == "N") AddDefect("PLURALITY_CONTRADICTS", "PID-24", false, push);
  if (multiple == "Y" && plurality == 0) AddDefect("PLURALITY_MISSING", "PID-24", false, push);
  if (plurality != 0 && order > plurality) {
    AddDefect("BIRTH_ORDER_ABOVE_PLURALITY", "PID-25", false, push);
  }
  delivery->set_plurality(plurality);
  delivery->set_birth_order(order == 0 && plurality == 1 ? 1 : order);
}

void ReadObservations(const Group& group, const SenderSettings& sender, const Segment& pid,
                      Push* push) {
  v1::Delivery* delivery = push->mutable_delivery();
  int plurality = 0, order = 0;
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& obx = group.message.segments()[i];
    if (obx.name() != "OBX" || obx.Raw(5).empty() || !InForce(obx)) continue;
    const std::string code = obx.Text(3), location = absl::StrCat("OBX-", obx.Text(1));
    std::string defect;
    int32_t number = 0, days = 0;
    if (OneOf(code, {"8339-4", "3141-9"})) {
      defect = ReadWeight(obx, &number);
      delivery->set_birth_weight_g(number);
    } else if (OneOf(code, {"89269-5", "8302-2", "8305-5"})) {
      defect = ReadLength(obx, &number);
      delivery->set_birth_length_mm(number);
    } else if (OneOf(code, {"11884-4", "57714-8", "49051-6"})) {
      defect = ReadGestation(obx, sender.weeks_and_days, &number, &days);
      delivery->set_gestation_weeks(number);
      delivery->set_gestation_days(days);
    } else if (OneOf(code, {"57722-1", "73773-4"})) {
      plurality = ReadPlurality(obx);
    } else if (code == "73771-8" || absl::StartsWithIgnoreCase(obx.Text(3, 2), "Birth Order")) {
      if (!absl::SimpleAtoi(obx.Text(5), &order)) order = 0;
    }
    if (!defect.empty()) AddDefect(defect, location, false, push);
  }
  ReadMultiple(pid, plurality, order, push);
}

void ReadPlaceAndPeople(const Group& group, const SenderSettings& sender, const Segment& pid,
                        v1::Delivery* delivery) {
  delivery->set_facility_name(sender.facility_name);
  // PID-23 as "province city county" with the division code in the second component.
  v1::Place* place = delivery->mutable_birth_place();
  place->set_province(pid.Text(23, 1));
  place->set_city(pid.Text(23, 2));
  place->set_county(pid.Text(23, 3));
  place->set_code(pid.Text(23, 4));
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& rol = group.message.segments()[i];
    if (rol.name() != "ROL" || !OneOf(rol.Text(3), {"MW", "MDWF"})) continue;
    delivery->set_midwife_id(rol.Text(4));
    std::string signed_time;
    if (ReadTime(rol.Raw(5), sender.zone, &signed_time) == TimePrecision::kMinute) {
      delivery->set_signed_time(signed_time + ":00");
    }
  }
}

// HL7 null ("") deletes a value; an empty field keeps it.
void ReadCleared(const Segment& pid, Push* push) {
  static const std::pair<size_t, const char*> kFields[] = {{5, "placeholder_name"},
                                                           {21, "mother_inpatient_no"},
                                                           {23, "birth_place"},
                                                           {24, "plurality"},
                                                           {25, "birth_order"}};
  for (const auto& [field, name] : kFields) {
    if (pid.IsNull(field)) push->add_cleared_fields(name);
  }
}

v1::FeedEvent EventOf(absl::string_view type, absl::string_view trigger) {
  if (type != "ADT") return v1::FEED_EVENT_RECORD;
  if (OneOf(trigger, {"A01", "A04", "A05", "A08", "A28", "A31"})) return v1::FEED_EVENT_RECORD;
  if (OneOf(trigger, {"A11", "A23", "A29"})) return v1::FEED_EVENT_WITHDRAW;
  if (OneOf(trigger, {"A34", "A36", "A40"})) return v1::FEED_EVENT_ALIAS;
  return v1::FEED_EVENT_IGNORED;
}

void ReadAlias(const Group& group, const Segment& pid, Push* push) {
  const Segment* mrg = group.Find("MRG");
  push->set_alias_of(mrg == nullptr ? "" : ListedNumber(*mrg, 1, "MR"));
  if (push->alias_of().empty()) AddDefect("MERGED_NUMBER_MISSING", "MRG-1", true, push);
  push->mutable_delivery()->set_baby_record_no(ListedNumber(pid, 3, "MR"));
}

void ReadWithdrawal(const Segment& pid, const std::string& reason, Push* push) {
  push->set_reason(reason);
  ReadNewborn(pid, true, push);
  push->clear_defects();
  if (push->delivery().baby_record_no().empty()) {
    AddDefect("BABY_NUMBER_MISSING", "PID-3", true, push);
  }
}

void ReadRecord(const Group& group, const Segment& pid, const SenderSettings& sender,
                const std::vector<Clock>& clocks, bool update, Push* push) {
  const Newborn newborn = NewbornIn(group, pid, clocks, sender.zone);
  if (newborn == Newborn::kNo) {
    push->set_event(v1::FEED_EVENT_IGNORED);
    return;
  }
  if (newborn == Newborn::kDoubtfulClock) {
    // A version that is wrong would make later messages the older ones: none is better.
    push->clear_event_time();
    const std::string& location = clocks[0].location;
    AddDefect("EVENT_TIME_CONTRADICTS", location.empty() ? "PID-7" : location, false, push);
  }
  ReadNewborn(pid, update, push);
  ReadBirthTime(pid, sender, newborn, update, push);
  ReadMother(group, pid, push);
  ReadObservations(group, sender, pid, push);
  ReadOutcome(group, pid, push);
  ReadPlaceAndPeople(group, sender, pid, push->mutable_delivery());
  ReadCleared(pid, push);
}

void ReadGroup(const Group& group, const SenderSettings& sender, const std::vector<Clock>& clocks,
               Push* push) {
  const std::string type = group.message.msh().Text(9), trigger = TriggerOf(group.message.msh());
  push->set_event(EventOf(type, trigger));
  if (push->event() == v1::FEED_EVENT_IGNORED) return;
  const Segment* pid = group.Find("PID");
  if (pid == nullptr) {
    push->set_event(v1::FEED_EVENT_REJECTED);
    AddDefect("PID_MISSING", "PID", true, push);
  } else if (push->event() == v1::FEED_EVENT_ALIAS) {
    ReadAlias(group, *pid, push);
  } else if (push->event() == v1::FEED_EVENT_WITHDRAW) {
    ReadWithdrawal(*pid, absl::StrCat("HL7 ", type, "^", trigger), push);
  } else {
    ReadRecord(group, *pid, sender, clocks, OneOf(trigger, {"A08", "A31"}), push);
  }
}

// One group from each PID to the next; what stands before the first belongs to it.
std::vector<Group> GroupsOf(const Message& message) {
  const size_t size = message.segments().size();
  std::vector<size_t> starts;
  for (size_t i = 0; i < size; ++i) {
    if (message.segments()[i].name() == "PID") starts.push_back(i);
  }
  std::vector<Group> groups;
  for (size_t i = 0; i < std::max<size_t>(starts.size(), 1); ++i) {
    const size_t end = i + 1 < starts.size() ? starts[i + 1] : size;
    groups.push_back({message, i == 0 ? 0 : starts[i], end});
  }
  return groups;
}

}  // namespace

BirthReading ReadBirths(const Message& message, const SenderSettings& sender, absl::Time received) {
  BirthReading reading;
  const Segment& msh = message.msh();
  // First of all: an ACK before a birth must not hide it.
  reading.refusal = CheckWhole(message);
  if (reading.refusal.code != 0) return reading;
  if (msh.Text(9) == "ACK" || message.Find("MSA") != nullptr) {
    reading.acknowledgement = true;
    return reading;
  }
  reading.refusal = CheckHeader(msh, sender);
  if (reading.refusal.code != 0) return reading;

  const Segment* evn = message.Find("EVN");
  absl::Time event_time = ReadInstant(evn == nullptr ? "" : evn->Raw(2), sender.zone);
  if (event_time == absl::InfinitePast()) event_time = ReadInstant(msh.Raw(7), sender.zone);
  const std::vector<Clock> clocks = ClocksOf(message, sender.zone, received);
  const std::vector<Group> groups = GroupsOf(message);
  for (const Group& group : groups) {
    Push push;
    push.set_source_message_id(SourceMessageId(message));
    if (groups.size() > 1) {
      push.set_source_message_id(
          absl::StrCat(push.source_message_id(), "#", reading.pushes.size() + 1));
    }
    if (event_time != absl::InfinitePast()) {
      push.mutable_event_time()->set_seconds(absl::ToUnixSeconds(event_time));
    }
    ReadGroup(group, sender, clocks, &push);
    reading.pushes.push_back(std::move(push));
  }
  return reading;
}

std::string SourceMessageId(const Message& message) {
  const Segment& msh = message.msh();
  // Bounded, since the server takes at most 256 bytes; the content digest tells the rest apart.
  return absl::StrCat(msh.Text(3), "|", msh.Text(4), "|", msh.Text(10)).substr(0, 240);
}

int ErrorCodeOf(absl::string_view defect_code) {
  if (absl::EndsWith(defect_code, "_MISSING")) return 101;
  if (absl::EndsWith(defect_code, "_NOT_CODABLE")) return 103;
  if (absl::StartsWith(defect_code, "BIRTH_TIME_INVALID")) return 102;
  return 207;
}

}  // namespace birthseal::connect::hl7
