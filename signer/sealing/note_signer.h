// SPDX-License-Identifier: Apache-2.0
// A private key that signs notes under its name: SM2 or Ed25519 (note_key.h checks).
//
// Thread-safe: immutable. The key is wiped when the signer goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::signer {

class NoteSigner {
 public:
  virtual ~NoteSigner() = default;
  // Of a note's body. Errors: kInternal "NOTE_SIGNING".
  virtual absl::StatusOr<certs::NoteSignature> Sign(absl::string_view body) const = 0;
  // The public half, "PUBLIC KEY".
  virtual std::string PublicKeyPem() const = 0;
};

using NoteSigners = std::vector<std::shared_ptr<const NoteSigner>>;

// Errors of both: kInvalidArgument "PRIVATE_KEY_UNREADABLE", "NOTE_KEY" not of this algorithm.
absl::StatusOr<std::shared_ptr<const NoteSigner>> NewSm2NoteSigner(
    const std::string& key_name, std::shared_ptr<const PrivateKey> key);
// `pkcs8_pem` as openssl genpkey -algorithm ED25519 writes it.
absl::StatusOr<std::shared_ptr<const NoteSigner>> NewEd25519NoteSigner(const std::string& key_name,
                                                                       absl::string_view pkcs8_pem);

}  // namespace birthseal::signer
