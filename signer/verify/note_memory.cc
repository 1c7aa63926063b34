// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/note_memory.h"

#include <memory>
#include <utility>

#include "certs/digest.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {
namespace {

constexpr size_t kRemembered = 4096;

}  // namespace

certs::NoteVerifier RememberingVerifier(certs::NoteVerifier verifier) {
  if (!verifier) return verifier;
  const auto accepted = std::make_shared<VerdictCache<bool>>(kRemembered);
  return [verifier = std::move(verifier), accepted](absl::string_view message,
                                                    const certs::NoteSignature& signature) {
    const absl::string_view zero("\0", 1);
    const certs::Digest key = certs::Sm3()
                                  .Add(signature.key_name)
                                  .Add(zero)
                                  .Add(signature.key_hash)
                                  .Add(certs::View(certs::Sm3Of(message)))
                                  .Add(signature.signature)
                                  .Finish();
    if (accepted->Find(key).has_value()) return true;
    if (!verifier(message, signature)) return false;
    accepted->Put(key, true);
    return true;
  };
}

}  // namespace birthseal::signer
