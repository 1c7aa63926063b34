#include "server/note_memory.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <utility>

#include "certs/digest.h"

namespace birthseal::server {
namespace {

struct Accepted {
  std::mutex mutex;
  std::array<certs::Digest, 64> keys{};  // under mutex; a ring
  size_t next = 0;                       // under mutex
};

}  // namespace

certs::NoteVerifier RememberingVerifier(certs::NoteVerifier verifier) {
  if (!verifier) return verifier;
  const auto accepted = std::make_shared<Accepted>();
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
    {
      const std::lock_guard<std::mutex> lock(accepted->mutex);
      const auto& keys = accepted->keys;
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) return true;
    }
    if (!verifier(message, signature)) return false;
    const std::lock_guard<std::mutex> lock(accepted->mutex);
    accepted->keys[accepted->next++ % accepted->keys.size()] = key;
    return true;
  };
}

}  // namespace birthseal::server
