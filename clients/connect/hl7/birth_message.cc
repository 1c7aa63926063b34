#include "clients/connect/hl7/birth_message.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "certs/id_document.h"
#include "clients/connect/hl7/group.h"
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

void ReadMother(const Group& group, const Segment& pid, Push* push) {
  v1::Delivery* delivery = push->mutable_delivery();
  if (const Segment* nk1 = MotherOf(group)) {
    delivery->set_mother_name(PersonName(*nk1, nk1->Repetitions(2)[0]));
    ReadMotherNumbers(*nk1, delivery);
  }
  // PID-21 is an identifier of the mother, or simply her name.
  const std::string first = pid.Text(21);
  if (!HasDigit(first) && delivery->mother_name().empty()) {
    delivery->set_mother_name(PersonName(pid, pid.Repetitions(21)[0]));
  }
  delivery->set_mother_inpatient_no(ListedNumber(pid, 21, "MR"));
  if (delivery->mother_name().empty()) AddDefect("MOTHER_MISSING", "NK1-2", false, push);
  if (delivery->mother_id_number().empty()) AddDefect("MOTHER_ID_MISSING", "NK1-33", false, push);
  if (MotherOf(group) == nullptr) TellUnknownRelations(group, push);
}

void ReadBirthTime(const Segment& pid, const SenderSettings& sender, bool update, Push* push) {
  std::string local;
  switch (ReadTime(pid.Raw(7), sender.zone, &local)) {
    case TimePrecision::kNone:
      AddDefect("BIRTH_TIME_MISSING", "PID-7", !update, push);
      return;
    case TimePrecision::kInvalid:
      AddDefect("BIRTH_TIME_INVALID", "PID-7", true, push);
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
    if (obx.name() != "OBX" || obx.Raw(5).empty()) continue;
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

std::string TriggerOf(const Segment& msh) {
  const std::string event = msh.Text(9, 2);
  return event.empty() ? msh.Text(9, 3) : event;
}

v1::FeedEvent EventOf(absl::string_view type, absl::string_view trigger) {
  if (type != "ADT") return v1::FEED_EVENT_RECORD;
  if (OneOf(trigger, {"A01", "A04", "A05", "A08", "A28", "A31"})) return v1::FEED_EVENT_RECORD;
  if (OneOf(trigger, {"A11", "A23", "A29"})) return v1::FEED_EVENT_WITHDRAW;
  if (OneOf(trigger, {"A34", "A36", "A40"})) return v1::FEED_EVENT_ALIAS;
  return v1::FEED_EVENT_IGNORED;
}

Push ReadGroup(const Group& group, const SenderSettings& sender, absl::Time time,
               absl::string_view type, absl::string_view trigger) {
  Push push;
  push.set_event(EventOf(type, trigger));
  const Segment* pid = group.Find("PID");
  if (push.event() == v1::FEED_EVENT_IGNORED) return push;
  if (pid == nullptr) {
    push.set_event(v1::FEED_EVENT_REJECTED);
    AddDefect("PID_MISSING", "PID", true, &push);
    return push;
  }
  if (push.event() == v1::FEED_EVENT_RECORD && !IsNewborn(group, *pid, time, sender.zone)) {
    push.set_event(v1::FEED_EVENT_IGNORED);
    return push;
  }
  if (push.event() == v1::FEED_EVENT_ALIAS) {
    const Segment* mrg = group.Find("MRG");
    push.set_alias_of(mrg == nullptr ? "" : ListedNumber(*mrg, 1, "MR"));
    if (push.alias_of().empty()) AddDefect("MERGED_NUMBER_MISSING", "MRG-1", true, &push);
    push.mutable_delivery()->set_baby_record_no(ListedNumber(*pid, 3, "MR"));
    return push;
  }
  const bool update = OneOf(trigger, {"A08", "A31", "A11", "A23", "A29"});
  ReadNewborn(*pid, update, &push);
  if (push.event() == v1::FEED_EVENT_WITHDRAW) {
    push.set_reason(absl::StrCat("HL7 ", type, "^", trigger));
    push.clear_defects();
    if (push.delivery().baby_record_no().empty()) {
      AddDefect("BABY_NUMBER_MISSING", "PID-3", true, &push);
    }
    return push;
  }
  ReadBirthTime(*pid, sender, update, &push);
  ReadMother(group, *pid, &push);
  ReadObservations(group, sender, *pid, &push);
  ReadOutcome(group, *pid, &push);
  ReadPlaceAndPeople(group, sender, *pid, push.mutable_delivery());
  ReadCleared(*pid, &push);
  return push;
}

Refusal Refuse(int code, absl::string_view location, absl::string_view text) {
  return {code, std::string(location), std::string(text)};
}

Refusal CheckHeader(const Segment& msh, const SenderSettings& sender) {
  if (msh.Text(9).empty()) return Refuse(101, "MSH^1^9", "message type is missing");
  if (msh.Text(10).empty()) return Refuse(101, "MSH^1^10", "message control id is missing");
  if (!OneOf(msh.Text(9), {"ADT", "ORM", "OML", "ORU"})) {
    return Refuse(200, "MSH^1^9", "message type is not taken here");
  }
  const std::string trigger = TriggerOf(msh);
  const bool order = OneOf(trigger, {"O01", "O21", "R01"});
  int number = 0;
  const bool adt = trigger.size() == 3 && trigger[0] == 'A' &&
                   absl::SimpleAtoi(trigger.substr(1), &number) && number >= 1 && number <= 62;
  if (!(msh.Text(9) == "ADT" ? adt : order)) {
    return Refuse(201, "MSH^1^9", "event is not of this message type");
  }
  const std::string processing = msh.Text(11);
  const auto& known = sender.processing_ids;
  if (std::find(known.begin(), known.end(), processing) == known.end()) {
    return Refuse(202, "MSH^1^11", "processing id is not accepted on this connection");
  }
  const std::string version = msh.Text(12);
  if (!version.empty() && !absl::StartsWith(version, "2.")) {
    return Refuse(203, "MSH^1^12", "version is not HL7 2.x");
  }
  return {};
}

}  // namespace

BirthReading ReadBirths(const Message& message, const SenderSettings& sender, absl::Time received) {
  BirthReading reading;
  const Segment& msh = message.msh();
  // Whose PID is whose cannot be known, and an ACK before a birth must not hide it.
  if (message.HasSecondHeader()) {
    reading.refusal = Refuse(
        100, "MSH^2", "the frame holds more than one MSH: send each message in its own frame");
    return reading;
  }
  if (msh.Text(9) == "ACK" || message.Find("MSA") != nullptr) {
    reading.acknowledgement = true;
    return reading;
  }
  reading.refusal = CheckHeader(msh, sender);
  if (reading.refusal.code != 0) return reading;

  // One group from each PID to the next; what stands before the first belongs to it.
  std::vector<size_t> starts;
  for (size_t i = 0; i < message.segments().size(); ++i) {
    if (message.segments()[i].name() == "PID") starts.push_back(i);
  }
  if (starts.empty()) starts.push_back(0);
  starts[0] = 0;
  const Segment* evn = message.Find("EVN");
  absl::Time event_time = ReadInstant(evn == nullptr ? "" : evn->Raw(2), sender.zone);
  if (event_time == absl::InfinitePast()) event_time = ReadInstant(msh.Raw(7), sender.zone);
  const absl::Time time = TimeOfMessage(message, sender.zone, received);
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t end = i + 1 < starts.size() ? starts[i + 1] : message.segments().size();
    Push push = ReadGroup({message, starts[i], end}, sender, time, msh.Text(9), TriggerOf(msh));
    push.set_source_message_id(SourceMessageId(message));
    if (starts.size() > 1) {
      push.set_source_message_id(absl::StrCat(push.source_message_id(), "#", i + 1));
    }
    if (event_time != absl::InfinitePast()) {
      push.mutable_event_time()->set_seconds(absl::ToUnixSeconds(event_time));
    }
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
