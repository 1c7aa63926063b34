// SPDX-License-Identifier: Apache-2.0
// Writes the development PKI as files; what exists is kept, so a second run changes nothing and
// a longer list of institutions or operators adds what is new. Layout: deploy/pki/README.md.
//
// Errors: kInternal, kInvalidArgument name the file or the line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "signer/devpki/dev_pki.h"

namespace birthseal::signer::devpki {

struct OperatorKey {
  std::string id;  // letters, digits, '.', '_', '-'
  KeyAlgorithm algorithm = KeyAlgorithm::kSm2;
};

struct PkiRequest {
  std::string directory;
  std::vector<Institution> institutions;
  std::vector<OperatorKey> operators;
  absl::Time now;
  std::string log_name = "birthseal.example/log";  // key name of the log, for its verifier keys
};

// code <TAB> name <TAB> county <TAB> kind (first-issue or managing); '#' starts a comment line.
absl::StatusOr<std::vector<Institution>> ParseInstitutions(absl::string_view list);
// "ID", "ID:sm2" or "ID:p256".
absl::StatusOr<OperatorKey> ParseOperator(absl::string_view text);

absl::Status WritePkiDirectory(const PkiRequest& request);

}  // namespace birthseal::signer::devpki
