// SPDX-License-Identifier: Apache-2.0
// SM2 signing through Botan (P-256 of operators through OpenSSL). Private side: the service, the
// development tools and the tests link it.
//
// Errors: kInvalidArgument unreadable key. A signature is empty when the random source or the
// library failed; an empty signature verifies nowhere.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {

// SM2 or P-256 private key. Wiped on destruction, no stream operator. Thread-safe: immutable.
class PrivateKey {
 public:
  // PKCS#8 DER or PEM, id-ecPublicKey, as openssl writes it.
  static absl::StatusOr<std::shared_ptr<const PrivateKey>> FromPkcs8(absl::string_view bytes);
  static std::shared_ptr<const PrivateKey> Generate(KeyAlgorithm algorithm);
  ~PrivateKey();
  KeyAlgorithm algorithm() const;
  // DER SubjectPublicKeyInfo that OpenSSL reads.
  std::string PublicSpki() const;
  // Plain PKCS#8 DER. The name says what it hands out.
  std::string DangerouslyExportPkcs8() const;

  struct State;
  const State& state() const { return *state_; }

 private:
  PrivateKey();
  std::unique_ptr<State> state_;
};

// Signs a message: SM2 with the default id, P-256 with SHA-256. One signer is cached for each
// thread and key, until the thread ends or 1024 other keys were used.
std::string SignWith(const std::shared_ptr<const PrivateKey>& key, absl::string_view message);

}  // namespace birthseal::signer
