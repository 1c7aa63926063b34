// SPDX-License-Identifier: Apache-2.0
// SM2 signing through Botan (P-256 of operators through OpenSSL). Private side: only server and
// development tools link it.
//
// A MessageSigner keeps its random source and key context: one per thread and key (PrivateKey is
// shared, immutable). Errors: kInvalidArgument unreadable key. A signature is empty when the
// random source or the library failed; an empty signature verifies nowhere.
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

// Not thread-safe.
class MessageSigner {
 public:
  explicit MessageSigner(std::shared_ptr<const PrivateKey> key);
  ~MessageSigner();
  // DER SEQUENCE{r,s} over the message; SM2 with the default id, P-256 with SHA-256.
  std::string Sign(absl::string_view message);
  // SM2 only: over e = the finished SM3 of Z || message, where the state came from prefix().
  std::string SignDigest(const certs::Digest& e);
  // SM3 state that already holds Z: copy it and add the message. SM2 only.
  const certs::Sm3& prefix() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sign and SignDigest with one cached MessageSigner per thread and key. The cache holds the key
// until the thread ends or 1024 other keys were used.
std::string SignWith(const std::shared_ptr<const PrivateKey>& key, absl::string_view message);
std::string SignDigestWith(const std::shared_ptr<const PrivateKey>& key, const certs::Digest& e);

}  // namespace birthseal::signer
