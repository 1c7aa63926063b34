// SPDX-License-Identifier: Apache-2.0
// The mother's facts that name one birth: what claim C1 and the map label are made of.
//
// One place, so that the claim index and the uniqueness map can never disagree about which two
// spellings are the same mother. Thread-safe: pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/codes.h"
#include "certs/delivery.h"

namespace birthseal::certs {

// Canonical record of `record_type` {1 claimed id type, 2 normalised number, 3 birth date YYYYMMDD,
// 4 order}; type and number as id_document.h says. `order` is 1..n; an unreported order of a single
// birth counts as 1.
std::string MotherFacts(absl::string_view record_type, IdType type, absl::string_view number,
                        absl::CivilDay birth_date, int order);

// False for a multiple birth of unreported order: it could be any of the siblings.
bool OrderKnown(const Delivery& delivery);

// True when the record reports enough to make these facts: a document number that names one
// person, the time of birth and, of a multiple birth, the order.
bool ReportsMotherFacts(const Delivery& delivery);

}  // namespace birthseal::certs
