// SPDX-License-Identifier: Apache-2.0
// Labels of the uniqueness map: the VRF output of the facts of a claim of the mother (C1).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/face.h"
#include "certs/newborn.h"
#include "certs/proof/map_label.h"
#include "signer/sealing/vrf_key.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::server {

struct Services;

// Makes labels and remembers the newest by claim, so that the approval of what was just fed costs
// nothing. Thread-safe.
class ClaimLabels {
 public:
  explicit ClaimLabels(std::shared_ptr<const signer::VrfKey> key) : key_(std::move(key)) {}
  // `facts`: the VRF input of the birth (certs/proof/map_label.h), personal data, not kept.
  // Errors: kInternal "VRF_LIBRARY".
  absl::StatusOr<certs::MapLabel> Of(const certs::Digest& claim, absl::string_view facts);
  const signer::VrfKey& key() const { return *key_; }

 private:
  const std::shared_ptr<const signer::VrfKey> key_;
  signer::VerdictCache<certs::MapLabel> known_{4096};
};

// The one place that labels the claims of a command. `facts` are absent when there is no C1 among
// them. Errors: those of ClaimLabels.
absl::Status LabelClaims(const Services& services, const std::optional<std::string>& facts,
                         std::vector<certs::Claim>* claims);

// C1 of a case, labelled: the mother as filed, and the birth. None when her document names nobody.
// `order` 0 (not reported) counts as 1.
absl::StatusOr<std::vector<certs::Claim>> MotherClaimsOf(const Services& services,
                                                         const certs::Parent& mother,
                                                         absl::CivilDay birth, int order);

}  // namespace birthseal::server
