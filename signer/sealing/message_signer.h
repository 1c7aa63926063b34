// SPDX-License-Identifier: Apache-2.0
// How a key signs, down to the finished digest: for this folder alone (tests/architecture), since
// who signs a digest signs anything.
//
// A MessageSigner keeps its random source and key context: one per thread and key (PrivateKey is
// shared, immutable). A signature is empty when the random source or the library failed.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::signer {

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

// SignDigest with one cached MessageSigner per thread and key.
std::string SignDigestWith(const std::shared_ptr<const PrivateKey>& key, const certs::Digest& e);

}  // namespace birthseal::signer
