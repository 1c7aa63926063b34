// SPDX-License-Identifier: Apache-2.0
// The log key's private side: signs checkpoint bodies (signed notes), and never goes back.
//
// Refuses a size below its last one, or the same size with another root: after a restore or a
// split this key must not vouch for two histories. The last head is memory of this object; the
// caller seeds it from its high-water file. Thread-safe.
// Errors: kFailedPrecondition "LOG_GOES_BACK", "LOG_FORKS"; kInternal the key could not sign.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "signer/sm2_sign.h"

namespace birthseal::signer {

class LogSigner {
 public:
  // `key` is SM2. `last` is the newest head this log ever signed; size 0 for a new log.
  LogSigner(std::string key_name, std::shared_ptr<const PrivateKey> key, certs::TreeHead last = {});
  // The signed note of `head`. A head equal to the last one is signed again.
  absl::StatusOr<std::string> Sign(const certs::TreeHead& head);
  certs::TreeHead last() const;
  const std::string& key_name() const { return key_name_; }

 private:
  const std::string key_name_;
  const std::shared_ptr<const PrivateKey> key_;
  const std::string key_hash_;
  mutable std::mutex mutex_;
  certs::TreeHead last_;  // guarded by mutex_
};

}  // namespace birthseal::signer
