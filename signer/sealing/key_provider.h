// SPDX-License-Identifier: Apache-2.0
// Where seal keys live. Opened on first use; start-up does not grow with their number.
//
// FileKeyProvider: <dir>/<institution code>/{seal.esl, signer.pem, key.sealed}; the private key is
// SM4-GCM encrypted under the one key-encryption key. A device (SDF/SKF, sign service) is another
// KeyProvider. Thread-safe. Errors: kNotFound no seal of that institution; kDataLoss does not open.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/sealing/seal_key.h"
#include "signer/verify/seal_book.h"

namespace birthseal::signer {

// The seal of one institution, ready to use.
struct InstitutionSeal : PublicSeal {
  SealKey key;
};

class KeyProvider {
 public:
  virtual ~KeyProvider() = default;
  virtual absl::StatusOr<std::shared_ptr<const InstitutionSeal>> SealOf(
      absl::string_view institution_code) = 0;
};

// The seal, never null and with its key. Errors: those of the provider; kInternal "SEAL_NOT_OPEN"
// it gave none or one without a key.
absl::StatusOr<std::shared_ptr<const InstitutionSeal>> OpenSealOf(KeyProvider& keys,
                                                                  absl::string_view code);

// `key_encryption_key` is 16 bytes (SM4).
std::unique_ptr<KeyProvider> NewFileKeyProvider(std::string directory,
                                                std::string key_encryption_key);
// What key.sealed holds, for the tool that imports keys. AAD is the institution code.
std::string SealPrivateKey(absl::string_view pkcs8, absl::string_view institution_code,
                           absl::string_view key_encryption_key);

}  // namespace birthseal::signer
