// SPDX-License-Identifier: Apache-2.0
// A key held by a person or a witness, not by the service: an operator's signs the digests of
// approvals, a witness's its cosignatures (note_signer.h). Through OpenSSL; the service's signing
// library is not linked here.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::cli {

class OperatorKey {
 public:
  // PKCS#8 PEM: SM2, P-256 or Ed25519; Ed25519 is for witnesses, the service refuses it for
  // approvals. Errors: kInvalidArgument.
  static absl::StatusOr<std::unique_ptr<OperatorKey>> FromPem(absl::string_view pem);
  ~OperatorKey();
  // DER SEQUENCE{r,s}: SM2 with the default id, or ECDSA with SHA-256. Ed25519: 64 bytes. Not
  // thread-safe.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;
  // DER SubjectPublicKeyInfo.
  std::string PublicSpki() const;

 private:
  struct State;
  explicit OperatorKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::cli
