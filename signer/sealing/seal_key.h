// SPDX-License-Identifier: Apache-2.0
// The private key of an institution's seal: a key provider puts it in, and nobody but the document
// sealer, for a plan, can take it out.
//
// Thread-safe: immutable.
#pragma once

#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::signer {

class SealKey {
 public:
  SealKey() = default;
  explicit SealKey(std::shared_ptr<const PrivateKey> key) : key_(std::move(key)) {}
  bool open() const { return key_ != nullptr; }
  // It is an SM2 key, the private half of this public one (DER SubjectPublicKeyInfo).
  bool Fits(absl::string_view spki) const {
    return open() && key_->algorithm() == KeyAlgorithm::kSm2 && key_->PublicSpki() == spki;
  }

 private:
  friend class DocumentSealer;
  std::shared_ptr<const PrivateKey> key_;
};

}  // namespace birthseal::signer
