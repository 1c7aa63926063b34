// SPDX-License-Identifier: Apache-2.0
// Canonical forms that several records share: a place, a parent, civil times as numbers.
// Internal to certs/. Thread-safe: pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/canonical.h"
#include "certs/delivery.h"
#include "certs/face.h"

namespace birthseal::certs {

std::string Canonical(const Place& place);
std::string Canonical(const Parent& parent);
absl::StatusOr<Place> ParsePlace(absl::string_view canonical);
absl::StatusOr<Parent> ParseParent(absl::string_view canonical);

// YYYYMMDD, YYYYMMDDhhmm, YYYYMMDDhhmmss as decimal numbers. The way back normalises; a parser
// finds out by encoding again. Years outside 0..9999 do not occur.
uint64_t CivilNumber(absl::CivilDay day);
uint64_t CivilNumber(absl::CivilMinute minute);
uint64_t CivilNumber(absl::CivilSecond second);
absl::CivilDay CivilDayFrom(uint64_t number);
absl::CivilMinute CivilMinuteFrom(uint64_t number);
absl::CivilSecond CivilSecondFrom(uint64_t number);

// Whole numbers travel as 64 bits; what does not fit an int becomes -1, which encodes differently.
int IntFrom(uint64_t number);

// One value, one encoding: OK when `again`, the value encoded anew, equals what was read.
absl::Status SameBytes(absl::string_view read, absl::string_view again, absl::string_view type);
// kInvalidArgument MALFORMED_RECORD, naming the record type.
absl::Status Malformed(absl::string_view type);

bool IsKnown(Sex sex);
bool IsKnown(IdType type);

}  // namespace birthseal::certs
