// SPDX-License-Identifier: Apache-2.0
// The VRF key's private side: labels of the uniqueness map (唯一性映射) and their proofs.
//
// ECVRF-P256-SHA256-TAI of RFC 9381; certs/proof/vrf.h checks. The key makes labels and nothing
// else, and never changes: the map goes on over log epochs, and another key would give every birth
// a second label. Wiped on destruction, no stream operator. Thread-safe: immutable.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/vrf.h"

namespace birthseal::signer {

class VrfKey {
 public:
  // PKCS#8 DER or PEM of a P-256 key, as openssl writes it. Errors: kInvalidArgument
  // "PRIVATE_KEY_UNREADABLE" not such a key, or its two halves do not belong together.
  static absl::StatusOr<std::shared_ptr<const VrfKey>> FromPkcs8(absl::string_view bytes);
  ~VrfKey();

  // Compressed point, 33 bytes.
  const std::string& PublicKey() const;

  // The output for `alpha` without a proof: what the service needs for each certificate. Some
  // 80 µs. Errors, of Prove as well: kInternal "VRF_LIBRARY".
  absl::StatusOr<certs::VrfOutput> Label(absl::string_view alpha) const;
  // The proof, 81 bytes, the same each time; checked before it is given out.
  absl::StatusOr<std::string> Prove(absl::string_view alpha) const;

 private:
  VrfKey();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::signer
