// SPDX-License-Identifier: Apache-2.0
// Single values of HL7 v2 messages as real senders write them: times, numbers with units, codes.
//
// Each reader says exactly what was wrong instead of repairing it. Thread-safe: pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "birthseal/v1/certificate.pb.h"
#include "clients/connect/hl7/message.h"

namespace birthseal::connect::hl7 {

enum class TimePrecision { kNone, kInvalid, kDay, kMinute };

// HL7 TS/DTM: YYYYMMDD[HH[MM[SS[.S]]]][+/-ZZZZ]; an hour without minutes is a day. With an offset
// the time is turned into `zone`; without one it already is wall-clock time of `zone`. `*local` is
// "YYYY-MM-DDTHH:MM" or, for a day, "YYYY-MM-DD".
TimePrecision ReadTime(absl::string_view text, absl::TimeZone zone, std::string* local);
// The instant, for versions of events; InfinitePast when there is none.
absl::Time ReadInstant(absl::string_view text, absl::TimeZone zone);

// Each gives an empty code when the value was read, else the defect code.
std::string ReadWeight(const Segment& obx, int32_t* grams);
std::string ReadLength(const Segment& obx, int32_t* millimetres);
std::string ReadGestation(const Segment& obx, bool weeks_and_days, int32_t* weeks, int32_t* days);
// LOINC answers LA6112-2 (1) to LA6120-5 or a plain number; 0 when neither.
int ReadPlurality(const Segment& obx);
// PID-8, HL7 table 0001. Codes: "SEX_MISSING", "SEX_NOT_CODABLE".
std::string ReadSex(absl::string_view code, v1::Sex* sex);
// CX identifier type (HL7 table 0203 and the Chinese two-digit codes) of a person's number, which
// is folded. Codes of no table are OTHER, unless the number is a citizen number.
v1::IdType ReadIdType(absl::string_view type_code, absl::string_view number);

}  // namespace birthseal::connect::hl7
