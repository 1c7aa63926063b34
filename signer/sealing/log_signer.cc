// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/log_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::signer {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view why) {
  return certs::Error(absl::StatusCode::kFailedPrecondition, reason,
                      absl::StrCat("signing a checkpoint: ", why));
}

absl::Status Follows(const certs::TreeHead& last, const certs::TreeHead& head) {
  if (last.size == 0) return absl::OkStatus();
  if (head.origin != last.origin) {
    return Refused("LOG_OTHER_ORIGIN", "another log or log epoch than the last one signed");
  }
  if (head.size < last.size) {
    return Refused("LOG_GOES_BACK", "the tree is smaller than the last one signed");
  }
  if (head.size > last.size) return absl::OkStatus();
  if (head.root != last.root) {
    return Refused("LOG_FORKS", "same size as the last one, another root");
  }
  if (head.map_root != last.map_root) {
    return Refused("LOG_FORKS", "same size as the last one, another root of the map");
  }
  return absl::OkStatus();
}

NoteSigners OneSm2(std::string key_name, std::shared_ptr<const PrivateKey> key) {
  absl::StatusOr<std::shared_ptr<const NoteSigner>> signer =
      NewSm2NoteSigner(std::move(key_name), std::move(key));
  return signer.ok() ? NoteSigners{*std::move(signer)} : NoteSigners{};
}

}  // namespace

LogSigner::LogSigner(NoteSigners signers, certs::TreeHead last)
    : signers_(std::move(signers)), last_(std::move(last)) {}

LogSigner::LogSigner(std::string key_name, std::shared_ptr<const PrivateKey> key,
                     certs::TreeHead last)
    : LogSigner(OneSm2(std::move(key_name), std::move(key)), std::move(last)) {}

LogSigner LogSigner::OfNewLog(NoteSigners signers) { return LogSigner(std::move(signers), {}); }

LogSigner LogSigner::OfNewLog(std::string key_name, std::shared_ptr<const PrivateKey> key) {
  return LogSigner(std::move(key_name), std::move(key), {});
}

absl::Status LogSigner::Check(const std::vector<certs::TreeHead>& heads) const {
  certs::TreeHead before = last();
  for (const certs::TreeHead& head : heads) {
    RETURN_IF_ERROR(Follows(before, head));
    before = head;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> LogSigner::Sign(const certs::TreeHead& head) {
  if (signers_.empty()) {
    return certs::Error(absl::StatusCode::kInternal, "LOG_SIGNING", "the log has no usable key");
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    RETURN_IF_ERROR(Follows(last_, head));
    // Moved on before a signature exists: a failure below can only make us stricter.
    last_ = head;
  }
  const std::string body = certs::CheckpointBody(head);
  std::vector<certs::NoteSignature> signatures;
  for (const std::shared_ptr<const NoteSigner>& signer : signers_) {
    ASSIGN_OR_RETURN(certs::NoteSignature signature, signer->Sign(body));
    signatures.push_back(std::move(signature));
  }
  return certs::FormatCheckpoint(body, signatures);
}

certs::TreeHead LogSigner::last() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_;
}

}  // namespace birthseal::signer
