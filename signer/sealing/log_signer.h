// SPDX-License-Identifier: Apache-2.0
// The log's private side: signs checkpoint bodies (signed notes) with each of its keys, and never
// goes back.
//
// Refuses a size below its last one, the same size with another root or map root, and another
// origin: after a restore or a split these keys must not vouch for two histories. The last head is
// memory of this object; the caller seeds it from its high-water file. Thread-safe.
// Errors: kFailedPrecondition "LOG_GOES_BACK", "LOG_FORKS", "LOG_OTHER_ORIGIN"; kInternal a key
// could not sign.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "signer/sealing/note_signer.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::signer {

class LogSigner {
 public:
  // One signature line for each of `signers`, in this order. `last` is the newest head this log
  // ever signed; size 0 for the first checkpoint of a new log epoch.
  LogSigner(NoteSigners signers, certs::TreeHead last);
  // With one SM2 key.
  LogSigner(std::string key_name, std::shared_ptr<const PrivateKey> key, certs::TreeHead last);
  // Of a log for which nothing was ever signed: it has nothing to go back from.
  static LogSigner OfNewLog(NoteSigners signers);
  static LogSigner OfNewLog(std::string key_name, std::shared_ptr<const PrivateKey> key);

  // Whether Sign would refuse these heads, in this order. Nothing is signed.
  absl::Status Check(const std::vector<certs::TreeHead>& heads) const;
  // The signed note of `head`. A head equal to the last one is signed again.
  absl::StatusOr<std::string> Sign(const certs::TreeHead& head);
  certs::TreeHead last() const;

 private:
  const NoteSigners signers_;
  mutable std::mutex mutex_;
  certs::TreeHead last_;  // guarded by mutex_
};

}  // namespace birthseal::signer
