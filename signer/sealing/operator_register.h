// SPDX-License-Identifier: Apache-2.0
// Operators (操作人员) as registered, and where the signer asks for them: whoever hands in an
// approval names a person, and never brings one along.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {

// Who may approve or seal for which institution.
struct Operator {
  std::string id;
  std::string institution_code;
  bool may_issue = false;  // 签发人员
  bool may_seal = false;   // 盖章人员
  bool active = false;
  std::shared_ptr<const PublicKey> key;
};

// Implementations are thread-safe, and share what they answer.
class OperatorRegister {
 public:
  virtual ~OperatorRegister() = default;
  // Errors: kNotFound nobody is registered under this id; whatever keeps the register from knowing.
  virtual absl::StatusOr<std::shared_ptr<const Operator>> Find(absl::string_view id) = 0;
};

}  // namespace birthseal::signer
