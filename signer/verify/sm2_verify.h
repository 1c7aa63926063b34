// SPDX-License-Identifier: Apache-2.0
// SM2 (GB/T 32918.2, id 1234567812345678) and ECDSA P-256 verification through OpenSSL.
//
// Public side only. Thread-safe: a PublicKey is immutable and may be shared.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::signer {

enum class KeyAlgorithm { kSm2 = 1, kP256 = 2 };

// A public key ready to verify: parsed once, cached by its owner.
class PublicKey {
 public:
  // From a certificate (DER X.509) or SubjectPublicKeyInfo (DER). Errors: kInvalidArgument.
  static absl::StatusOr<PublicKey> FromCertificate(absl::string_view der);
  static absl::StatusOr<PublicKey> FromSpki(absl::string_view der);
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  KeyAlgorithm algorithm() const;
  // DER SubjectPublicKeyInfo.
  const std::string& spki() const;
  // `signature` is DER SEQUENCE{r,s}, minimal integers. SM2: e = SM3(Z || message), computed here
  // from the message, independently of the signing library. P-256: ECDSA with SHA-256.
  bool Verify(absl::string_view message, absl::string_view signature) const;

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::signer
