// The one place that gives claims of the mother (C1) their label of the uniqueness map.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certs/newborn.h"
#include "server/services.h"

namespace birthseal::server {

// `facts`: the VRF input of the birth (certs/proof/map_label.h), personal data; absent when there
// is no C1 among the claims. Until the VRF key is part of Services a label is HMAC-SM3 of the claim
// under the index key: as unique, but nobody outside can check it.
void LabelClaims(const Services& services, const std::optional<std::string>& facts,
                 std::vector<certs::Claim>* claims);

}  // namespace birthseal::server
