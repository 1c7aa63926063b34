// SPDX-License-Identifier: Apache-2.0
// In which look each licence (证照标识) was sealed: one, however often it is sealed again.
//
// A look is what the log's receipt leaves open and the page says all the same, with the INTENT it
// stands on; the receipt's path and checkpoint may be newer. Memory of one process: over a restart
// the log and the ledger know. Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::signer {

class SealedLooks {
 public:
  // Remembers the newest `most` licences, and never more than twice as many.
  explicit SealedLooks(size_t most) : most_(most) {}
  // Errors: kInternal "SEALED_BEFORE" the licence was sealed in another look.
  absl::Status Check(absl::string_view licence_id, const certs::Digest& look) const;
  // The same, and remembers.
  absl::Status Add(absl::string_view licence_id, const certs::Digest& look);

 private:
  using Looks = std::map<certs::Digest, certs::Digest>;  // by SM3 of the licence identifier
  const certs::Digest* Find(const certs::Digest& licence) const;

  const size_t most_;
  mutable std::mutex mutex_;
  Looks newer_, older_;  // guarded by mutex_; the newer fills up, then takes the place of the older
};

}  // namespace birthseal::signer
