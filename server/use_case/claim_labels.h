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
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {
class VrfKey;
}

namespace birthseal::server {

// Makes labels and proves them, without showing the key; remembers thousands of the newest by
// claim, so that the approval of what was just fed makes none anew. Thread-safe. `facts`: the VRF
// input of the birth (certs/proof/map_label.h), personal data, not kept. Errors: kInternal
// "VRF_LIBRARY".
class ClaimLabels {
 public:
  explicit ClaimLabels(std::shared_ptr<const signer::VrfKey> key);
  ~ClaimLabels();
  absl::StatusOr<certs::MapLabel> Of(const certs::Digest& claim, absl::string_view facts);
  // Of facts that may be nobody's claim: nothing is remembered.
  absl::StatusOr<certs::MapLabel> LabelOf(absl::string_view facts) const;
  absl::StatusOr<std::string> Prove(absl::string_view facts) const;

 private:
  const std::shared_ptr<const signer::VrfKey> key_;
  signer::VerdictCache<certs::MapLabel> known_{4096};
};

// By what two records are known to be one birth: keyed hashes, and labels of the uniqueness map.
struct ClaimKeys {
  std::string index_key;  // 32 bytes: keyed hashes of claims
  ClaimLabels& labels;
};

// The one place that labels the claims of a command. `facts` are absent when there is no C1 among
// them. Errors: those of ClaimLabels.
absl::Status LabelClaims(const ClaimKeys& keys, const std::optional<std::string>& facts,
                         std::vector<certs::Claim>* claims);

// C1 of a case, labelled: the mother as filed, and the birth. None when her document names nobody.
// `order` 0 (not reported) counts as 1.
absl::StatusOr<std::vector<certs::Claim>> MotherClaimsOf(const ClaimKeys& keys,
                                                         const certs::Parent& mother,
                                                         absl::CivilDay birth, int order);

}  // namespace birthseal::server
