// SPDX-License-Identifier: Apache-2.0
// What the rooms may ask of the operators' directory: most look people up, and administration says
// whose record has changed. Only the wiring sees the directory.
//
// Thread-safe; copied by value. The directory outlives them. Errors are its own
// (operator_directory.h).
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/sealing/operator_register.h"

namespace birthseal::server {

class OperatorDirectory;

class Operators {
 public:
  explicit Operators(OperatorDirectory& directory) : directory_(&directory) {}
  // A copy: what the directory shares stays with it.
  absl::StatusOr<signer::Operator> Find(absl::string_view id) const;

 private:
  OperatorDirectory* directory_;
};

// For administration: after a change of an operator is durable, or may be.
class OperatorChanges {
 public:
  explicit OperatorChanges(OperatorDirectory& directory) : directory_(&directory) {}
  void Forget(absl::string_view id) const;

 private:
  OperatorDirectory* directory_;
};

}  // namespace birthseal::server
