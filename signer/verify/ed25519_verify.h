// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032) verification through OpenSSL: second signature of checkpoints, witnesses.
// Never a key of seals or operators, so it stands apart from PublicKey. Thread-safe: immutable.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::signer {

// The 32 bytes of the key when `der` is exactly the SubjectPublicKeyInfo of one; else empty.
std::string Ed25519FromSpki(absl::string_view der);

class Ed25519Key {
 public:
  // Errors: kInvalidArgument "PUBLIC_KEY" not 32 bytes.
  static absl::StatusOr<Ed25519Key> FromRaw(absl::string_view raw);
  Ed25519Key(Ed25519Key&&) noexcept;
  ~Ed25519Key();
  bool Verify(absl::string_view message, absl::string_view signature) const;

 private:
  struct State;
  explicit Ed25519Key(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::signer
