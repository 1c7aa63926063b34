// SPDX-License-Identifier: Apache-2.0
#include "certs/errors.h"
#include "server/api/convert.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxPlaceBytes = 60;
constexpr int kMaxDefects = 100;

static_assert(static_cast<int>(certs::Sex::kFemale) == v1::SEX_FEMALE);
static_assert(static_cast<int>(certs::Sex::kNotStated) == v1::SEX_NOT_STATED);
static_assert(static_cast<int>(certs::IdType::kForeignResidence) == v1::ID_TYPE_FOREIGN_RESIDENCE);
static_assert(static_cast<int>(certs::IdType::kHkMoTwResidence) == v1::ID_TYPE_HK_MO_TW_RESIDENCE);
static_assert(static_cast<int>(certs::IdType::kOther) == v1::ID_TYPE_OTHER);
static_assert(static_cast<int>(certs::Outcome::kStillbirth) == v1::OUTCOME_STILLBIRTH);
static_assert(static_cast<int>(store::FeedEvent::kRejected) == v1::FEED_EVENT_REJECTED);
static_assert(static_cast<int>(store::FeedVerdict::kIgnored) == v1::FEED_VERDICT_IGNORED);
static_assert(static_cast<int>(store::WhoseRecord::kAnotherNewborn) ==
              v1::WHOSE_RECORD_ANOTHER_NEWBORN);

certs::Place FromProto(const v1::Place& place, FieldChecker* check) {
  certs::Place out;
  out.province = check->Text(place.province(), "birth_place.province", kMaxPlaceBytes);
  out.city = check->Text(place.city(), "birth_place.city", kMaxPlaceBytes);
  out.county = check->Text(place.county(), "birth_place.county", kMaxPlaceBytes);
  out.code = check->Text(place.code(), "birth_place.code", 6);
  return out;
}

void ReadDefects(const v1::PushDeliveriesRequest& request, FieldChecker* check,
                 DeliveryMessage* out) {
  if (request.defects_size() > kMaxDefects) {
    return check->Fault("FIELD_TOO_LONG", "defects", "has at most 100 entries");
  }
  for (const v1::FeedDefect& defect : request.defects()) {
    out->defects.push_back({check->Text(defect.code(), "defects.code", 80, FieldChecker::kRequired),
                            check->Text(defect.location(), "defects.location", 200),
                            defect.fatal()});
  }
}

// The record and what is said about it; a fault in it keeps the message, without them.
void ReadRecord(const v1::PushDeliveriesRequest& in, FieldChecker* record, DeliveryMessage* out) {
  out->delivery = FromProto(in.delivery(), "delivery.", record);
  record->Enter("");
  // What no field is there for must not be asked of a hospital either.
  record->NoUnknownFields(in);
  if (in.cleared_fields_size() > 40) {
    record->Fault("FIELD_TOO_LONG", "cleared_fields", "is too long");
  }
  for (const std::string& field : in.cleared_fields()) {
    if (v1::Delivery::descriptor()->FindFieldByName(field) == nullptr) {
      record->Fault("FIELD_UNKNOWN", "cleared_fields", "names no field of Delivery");
    }
    out->cleared_fields.push_back(field);
  }
  out->alias_of = record->Text(in.alias_of(), "alias_of", certs::kMaxLocalId);
  out->reason = record->Text(in.reason(), "reason", certs::kMaxReason);
}

}  // namespace

certs::Delivery FromProto(const v1::Delivery& in, absl::string_view prefix, FieldChecker* check) {
  check->Enter(prefix);
  certs::Delivery out;
  out.facility_code = check->Text(in.facility_code(), "facility_code", 18);
  out.facility_name = check->Text(in.facility_name(), "facility_name", 300);
  out.baby_record_no = check->Text(in.baby_record_no(), "baby_record_no", certs::kMaxLocalId);
  out.mother_inpatient_no =
      check->Text(in.mother_inpatient_no(), "mother_inpatient_no", certs::kMaxLocalId);
  out.placeholder_name = check->Text(in.placeholder_name(), "placeholder_name", certs::kMaxName);
  out.sex =
      check->Enum<certs::Sex>(in.sex(), v1::Sex_IsValid(in.sex()), "sex", FieldChecker::kOptional);
  const FieldChecker::MinuteOrDay birth = check->Minute(in.birth_time(), "birth_time");
  out.birth_time = birth.time;
  out.birth_time_known = birth.minute_known;
  out.gestation_weeks = check->Between(in.gestation_weeks(), "gestation_weeks", 0, 60);
  out.gestation_days = check->Between(in.gestation_days(), "gestation_days", 0, 6);
  out.birth_weight_g = check->Between(in.birth_weight_g(), "birth_weight_g", 0, 20'000);
  out.birth_length_mm = check->Between(in.birth_length_mm(), "birth_length_mm", 0, 1'000);
  out.birth_place = FromProto(in.birth_place(), check);
  out.outcome = check->Enum<certs::Outcome>(in.outcome(), v1::Outcome_IsValid(in.outcome()),
                                            "outcome", FieldChecker::kOptional);
  out.plurality = check->Between(in.plurality(), "plurality", 0, 20);
  out.birth_order = check->Between(in.birth_order(), "birth_order", 0, 20);
  out.mother_name = check->Text(in.mother_name(), "mother_name", certs::kMaxName);
  out.mother_id_type =
      check->Enum<certs::IdType>(in.mother_id_type(), v1::IdType_IsValid(in.mother_id_type()),
                                 "mother_id_type", FieldChecker::kOptional);
  out.mother_id_number = check->IdNumber(in.mother_id_number(), "mother_id_number");
  out.midwife_id = check->Text(in.midwife_id(), "midwife_id", certs::kMaxLocalId);
  out.signed_at = check->Second(in.signed_time(), "signed_time");
  out.source = in.manual() ? certs::DeliverySource::kManual : certs::DeliverySource::kHis;
  return out;
}

void ToProto(const certs::Place& in, v1::Place* out) {
  out->set_province(in.province);
  out->set_city(in.city);
  out->set_county(in.county);
  out->set_code(in.code);
}

void ToProto(const certs::Delivery& in, v1::Delivery* out) {
  out->set_facility_code(in.facility_code);
  out->set_facility_name(in.facility_name);
  out->set_baby_record_no(in.baby_record_no);
  out->set_mother_inpatient_no(in.mother_inpatient_no);
  out->set_placeholder_name(in.placeholder_name);
  out->set_sex(static_cast<v1::Sex>(in.sex));
  if (in.birth_time_known) {
    out->set_birth_time(absl::FormatCivilTime(in.birth_time));
  } else if (in.birth_time != absl::CivilMinute()) {
    out->set_birth_time(absl::FormatCivilTime(absl::CivilDay(in.birth_time)));
  }
  out->set_gestation_weeks(in.gestation_weeks);
  out->set_gestation_days(in.gestation_days);
  out->set_birth_weight_g(in.birth_weight_g);
  out->set_birth_length_mm(in.birth_length_mm);
  ToProto(in.birth_place, out->mutable_birth_place());
  out->set_outcome(static_cast<v1::Outcome>(in.outcome));
  out->set_plurality(in.plurality);
  out->set_birth_order(in.birth_order);
  out->set_mother_name(in.mother_name);
  out->set_mother_id_type(static_cast<v1::IdType>(in.mother_id_type));
  out->set_mother_id_number(in.mother_id_number);
  out->set_midwife_id(in.midwife_id);
  if (in.signed_at != absl::CivilSecond()) {
    out->set_signed_time(absl::FormatCivilTime(in.signed_at));
  }
  out->set_manual(in.source == certs::DeliverySource::kManual);
}

DeliveryMessage FromProto(v1::PushDeliveriesRequest* in, FieldChecker* check) {
  DeliveryMessage out;
  out.facility_code =
      check->Text(in->facility_code(), "facility_code", 18, FieldChecker::kRequired);
  check->Bytes(in->source_message_id(), "source_message_id", 256, FieldChecker::kRequired);
  out.source_message_id = in->source_message_id();
  out.content_digest = check->Sm3(in->content_digest(), "content_digest");
  out.event =
      check->Enum<store::FeedEvent>(in->event(), v1::FeedEvent_IsValid(in->event()), "event");
  check->Bytes(in->raw(), "raw", certs::kMaxRawMessage, FieldChecker::kOptional);
  out.raw = std::move(*in->mutable_raw());
  out.raw_format = check->Text(in->raw_format(), "raw_format", 20);
  if (in->has_event_time()) {
    out.event_time = absl::FromUnixSeconds(in->event_time().seconds()) +
                     absl::Nanoseconds(in->event_time().nanos());
  }
  ReadDefects(*in, check, &out);

  FieldChecker record;
  ReadRecord(*in, &record, &out);
  if (!record.ok()) {
    out.event = store::FeedEvent::kRejected;
    out.delivery = {};
    out.cleared_fields.clear();
    out.alias_of.clear();
    out.reason.clear();
    out.defects.push_back(
        {certs::ReasonOf(record.status()), certs::FieldOf(record.status()), true});
  }
  return out;
}

void ToProto(const store::FeedDefect& defect, v1::FeedDefect* out) {
  out->set_code(defect.code);
  out->set_location(defect.location);
  out->set_fatal(defect.fatal);
}

void ToProto(const store::DeliveryAnswer& in, v1::PushDeliveriesResponse* out) {
  out->set_verdict(static_cast<v1::FeedVerdict>(in.verdict));
  if (in.verdict == store::FeedVerdict::kDuplicate) {
    out->set_first_verdict(static_cast<v1::FeedVerdict>(in.first_verdict));
  }
  for (const store::FeedDefect& defect : in.defects) ToProto(defect, out->add_defects());
  if (!in.delivery_id.empty()) out->set_delivery_id(std::string(certs::View(in.delivery_id)));
  if (!in.newborn_id.empty()) out->set_newborn_id(std::string(certs::View(in.newborn_id)));
  ToProto(in.accepted_time, out->mutable_accepted_time());
}

}  // namespace birthseal::server
