// SPDX-License-Identifier: Apache-2.0
// Division code (行政区划代码), GB/T 2260: six digits, two each for province, city and county. The
// zeros at the end of "520000" or "520600" say that the whole province or city is meant.
//
// Pure; thread-safe.
#pragma once

#include "absl/strings/string_view.h"

namespace birthseal::certs {

// Values order areas from wide to narrow.
enum class DivisionLevel { kNone = 0, kProvince = 1, kCity = 2, kCounty = 3 };

// kNone: not a division code.
DivisionLevel LevelOf(absl::string_view code);

// Whether the area of `code` holds that of `part`, itself included. An area that is not known holds
// nothing and lies nowhere.
bool Covers(absl::string_view code, absl::string_view part);

}  // namespace birthseal::certs
