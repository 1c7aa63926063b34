// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/held_signatures.h"

namespace birthseal::signer {
namespace {

constexpr size_t kMaxHeld = 1u << 16;  // 2 MiB of digests

}  // namespace

bool HeldSignatures::Holds(absl::string_view spki, const certs::Digest& digest,
                           absl::string_view signature, const std::function<bool()>& verify) {
  const certs::Digest key = certs::Sm3().Add(spki).Add(certs::View(digest)).Add(signature).Finish();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (held_.count(key) != 0) return true;
  }
  if (!verify()) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (held_.size() >= kMaxHeld) held_.clear();
  held_.insert(key);
  return true;
}

}  // namespace birthseal::signer
