// SPDX-License-Identifier: Apache-2.0
// Operators with their public keys, parsed once, and approvals verified once.
//
// Thread-safe. A change of an operator (PutOperator) must call Forget after it is durable.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "signer/sealing/seal_plan.h"
#include "store/reads/registry.h"

namespace birthseal::server {

class OperatorDirectory {
 public:
  // `registry` outlives the directory.
  explicit OperatorDirectory(const store::Registry* registry);

  // Errors: kNotFound "OPERATOR_UNKNOWN"; kDataLoss the registered key cannot be read.
  absl::StatusOr<std::shared_ptr<const signer::Operator>> Find(absl::string_view id);
  void Forget(absl::string_view id);

  // Role, institution, activity and signature of one approval over `digest`. Gives whom they were
  // checked of: another Find may give a later record.
  // Errors: those of signer::CheckApproval; kPermissionDenied "OPERATOR_UNKNOWN".
  absl::StatusOr<std::shared_ptr<const signer::Operator>> CheckApproval(
      absl::string_view operator_id, absl::string_view signature, bool as_sealer,
      absl::string_view institution_code, const certs::Digest& digest);
  // True when this process saw this signature hold: the plan of the seal, which looks at role and
  // activity in any case, need not verify it again.
  bool SignatureHeld(const signer::Operator& who, absl::string_view signature,
                     const certs::Digest& digest);

 private:
  void RememberHeld(const certs::Digest& key);

  const store::Registry* const registry_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const signer::Operator>, std::less<>> operators_;
  std::set<certs::Digest> held_;  // SM3 of key, digest and signature; bounded
  uint64_t changes_ = 0;          // counts Forget: a read that began before it is not cached
};

}  // namespace birthseal::server
