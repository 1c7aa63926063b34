// SPDX-License-Identifier: Apache-2.0
// Verifiable random function: ECVRF-P256-SHA256-TAI of RFC 9381 (suite 01), checking only.
//
// Whoever holds the secret key (signer/sealing/vrf_key.h) maps an input alpha to one output; nobody
// else can, and a proof shows everyone with the public key that the output is the one of this
// input. One key cannot give two outputs for an input: that is what makes a map label unique.
// Thread-safe: pure functions. A check takes some 0.2 ms; time does not depend on secrets, there
// are none.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

constexpr size_t kVrfPublicKeySize = 33;  // compressed point, SEC 1
constexpr size_t kVrfProofSize = 81;      // Gamma (33) || c (16) || s (32)

// The RFC's beta.
using VrfOutput = Digest;

// Key validation, RFC 9381 §5.4.5. Errors: kInvalidArgument "VRF_KEY".
absl::Status CheckVrfKey(absl::string_view public_key);

// The output that `proof` proves for `alpha`. Validates the key as well. Errors: kInvalidArgument
// "VRF_KEY" or "VRF_PROOF_FORM" not such a key, not a proof; kDataLoss "VRF_PROOF_MISMATCH" a
// proof, but not of this input under this key; kInternal "VRF_LIBRARY" out of memory.
absl::StatusOr<VrfOutput> CheckVrf(absl::string_view public_key, absl::string_view alpha,
                                   absl::string_view proof);

}  // namespace birthseal::certs
