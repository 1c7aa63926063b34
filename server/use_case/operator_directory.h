// SPDX-License-Identifier: Apache-2.0
// Operators with their public keys, as registered, parsed when first asked for and kept: the
// register whose people approve. The rooms have views of it (operators.h).
//
// Thread-safe. A change of an operator (PutOperator) must call Forget after it is durable.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/sealing/operator_register.h"
#include "store/reads/registry.h"

namespace birthseal::server {

class OperatorDirectory : public signer::OperatorRegister {
 public:
  // `registry` outlives the directory.
  explicit OperatorDirectory(const store::Registry* registry);

  // Errors: kNotFound "OPERATOR_UNKNOWN"; kDataLoss the registered key cannot be read; those of the
  // store.
  absl::StatusOr<std::shared_ptr<const signer::Operator>> Find(absl::string_view id) override;
  void Forget(absl::string_view id);

 private:
  const store::Registry* const registry_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const signer::Operator>, std::less<>> operators_;
  uint64_t changes_ = 0;  // counts Forget: a read that began before it is not cached
};

}  // namespace birthseal::server
