// SPDX-License-Identifier: Apache-2.0
// What the ledger must know of a delivery record without reading it, and how records merge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/delivery.h"
#include "certs/newborn.h"

namespace birthseal::server {

struct DeliveryFacts {
  std::vector<certs::Claim> claims;
  std::optional<certs::Digest> mother_key;
  int64_t birth_minute = 0;  // minutes since 1970, local; 0: unknown
  int64_t birth_day = 0;     // days since 1970, local; 0: unknown
};

DeliveryFacts FactsOf(absl::string_view index_key, const certs::Delivery& record);

// The record that results: what `incoming` reports over `base`; the fields named in
// `cleared_fields` (proto names of birthseal.v1.Delivery) become unreported, absent ones stay.
certs::Delivery MergeDelivery(const certs::Delivery& base, const certs::Delivery& incoming,
                              const std::vector<std::string>& cleared_fields);

}  // namespace birthseal::server
