// SPDX-License-Identifier: Apache-2.0
// Which seal does the key provider hold? All that enrolling a seal asks, without the seal.
//
// Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::signer {

class KeyProvider;

class SealCheck {
 public:
  // `keys` outlives this.
  explicit SealCheck(KeyProvider* keys) : keys_(*keys) {}
  // SM3 of the seal's bytes, by which it is enrolled; its key is there and opens. Errors: those of
  // OpenSealOf.
  absl::StatusOr<certs::Digest> DigestOf(absl::string_view institution_code) const;

 private:
  KeyProvider& keys_;
};

}  // namespace birthseal::signer
