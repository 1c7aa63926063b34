// SPDX-License-Identifier: Apache-2.0
// What the ledger must know of a delivery record without reading it, and how records merge.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "certs/delivery.h"
#include "certs/newborn.h"
#include "certs/status_macros.h"
#include "server/use_case/claim_labels.h"

namespace birthseal::server {

struct DeliveryFacts {
  certs::BirthFacts birth;
  std::vector<certs::Claim> claims;  // labelled
  std::optional<certs::Digest> mother_key;
};
// Errors: those of ClaimLabels.
absl::StatusOr<DeliveryFacts> FactsOf(const ClaimKeys& keys, const certs::Delivery& record);

// Every command that brings a record brings these facts of it.
template <class Command>
absl::Status SetFacts(const ClaimKeys& keys, const certs::Delivery& record, Command* command) {
  ASSIGN_OR_RETURN(DeliveryFacts facts, FactsOf(keys, record));
  command->birth = facts.birth;
  command->claims = std::move(facts.claims);
  command->mother_key = facts.mother_key;
  return absl::OkStatus();
}

// The record that results: what `incoming` reports over `base`; the fields named in
// `cleared_fields` (proto names of birthseal.v1.Delivery) become unreported, absent ones stay.
certs::Delivery MergeDelivery(const certs::Delivery& base, const certs::Delivery& incoming,
                              const std::vector<std::string>& cleared_fields);

}  // namespace birthseal::server
