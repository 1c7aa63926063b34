// SPDX-License-Identifier: Apache-2.0
// A case is looked at several times on its way to the seal: each signature is verified once.
// Thread-safe when `verify` is.
#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::signer {

class HeldSignatures {
 public:
  // Whether `signature` is that of the key over `digest`. Asks `verify`, unless the same three were
  // seen to hold: a signature that held holds for ever. Remembers tens of thousands.
  bool Holds(absl::string_view spki, const certs::Digest& digest, absl::string_view signature,
             const std::function<bool()>& verify);

 private:
  std::mutex mutex_;
  std::set<certs::Digest> held_;  // SM3 of key, digest and signature
};

}  // namespace birthseal::signer
