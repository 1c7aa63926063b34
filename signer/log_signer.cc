// SPDX-License-Identifier: Apache-2.0
#include "signer/log_signer.h"

#include <utility>

#include "certs/errors.h"
#include "signer/note_key.h"

namespace birthseal::signer {

LogSigner::LogSigner(std::string key_name, std::shared_ptr<const PrivateKey> key,
                     certs::TreeHead last)
    : key_name_(std::move(key_name)),
      key_(std::move(key)),
      key_hash_(NoteKeyHash(key_name_, key_->PublicSpki())),
      last_(std::move(last)) {}

absl::StatusOr<std::string> LogSigner::Sign(const certs::TreeHead& head) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (head.size < last_.size) {
      return certs::Error(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK",
                          "signing a checkpoint: the tree is smaller than the last one signed");
    }
    if (last_.size > 0 && head.size == last_.size && head.root != last_.root) {
      return certs::Error(absl::StatusCode::kFailedPrecondition, "LOG_FORKS",
                          "signing a checkpoint: same size as the last one, another root");
    }
    // Moved on before the signature exists: a failure below can only make us stricter.
    last_ = head;
  }
  const std::string body = certs::CheckpointBody(head);
  certs::NoteSignature signature{key_name_, key_hash_, SignWith(key_, body)};
  if (signature.signature.empty()) {
    return certs::Error(absl::StatusCode::kInternal, "LOG_SIGNING", "the log key could not sign");
  }
  return certs::FormatCheckpoint(body, {signature});
}

certs::TreeHead LogSigner::last() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_;
}

}  // namespace birthseal::signer
