// SPDX-License-Identifier: Apache-2.0
// Proof of uniqueness (唯一性证明): to whoever knows a birth's facts, which certificate is the one.
//
// The VRF proof shows that the map's label belongs to these facts and that no other does; the map
// proof shows the one value of that label under the map root of a checkpoint. It does not show
// that the facts are true. Encoding: canonical.h, type "birthseal/uniqueness/v1". Thread-safe:
// pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/map_proof.h"

namespace birthseal::certs {

struct UniquenessProof {
  std::string label_proof;  // VRF proof, 81 bytes
  MapProof map;
  std::string checkpoint;  // signed note that carries the map root
};

std::string Canonical(const UniquenessProof& proof);
// Errors: kInvalidArgument "CANONICAL_FORM", "MAP_PROOF_FORM" or "UNIQUENESS_FORM".
absl::StatusOr<UniquenessProof> ParseUniquenessProof(absl::string_view canonical);

// The status index of the one live certificate of the birth that `label_input` (LabelInput of the
// facts) describes; 0: there was one and it is void; nullopt: the map has no certificate of it.
//
// `map_root` comes from the proof's checkpoint, whose signatures the caller has checked.
// Errors: kInvalidArgument "VRF_KEY", "VRF_PROOF_FORM", "MAP_PROOF_FORM"; kDataLoss
// "LABEL_NOT_OF_THESE_FACTS" the label is another birth's, "MAP_PROOF_MISMATCH" another root.
absl::StatusOr<std::optional<uint64_t>> CheckUniqueness(const UniquenessProof& proof,
                                                        absl::string_view label_input,
                                                        absl::string_view vrf_public_key,
                                                        const Digest& map_root);

}  // namespace birthseal::certs
