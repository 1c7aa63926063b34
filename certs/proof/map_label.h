// SPDX-License-Identifier: Apache-2.0
// Labels of the uniqueness map: which place in the map belongs to one birth.
//
// A label (标签) is the VRF output (vrf.h) of the facts of claim C1. Whoever knows the facts makes
// the VRF input anew and so checks that a label is theirs; who does not know them learns nothing
// from it. Thread-safe: pure.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/delivery.h"
#include "certs/newborn.h"

namespace birthseal::certs {

// The VRF's input alpha: canonical record "birthseal/map-label/v1", fields and normalisation as
// mother_facts.h says. It holds personal data: never stored or logged.
std::string LabelInput(IdType type, absl::string_view number, absl::CivilDay birth_date, int order);
// Of a delivery record; nullopt when it makes no claim C1.
[[nodiscard]] std::optional<std::string> LabelInputOf(const Delivery& delivery);

}  // namespace birthseal::certs
