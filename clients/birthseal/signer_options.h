// SPDX-License-Identifier: Apache-2.0
// A person who signs, and the person's key file: options of commands that take signatures.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "birthseal/v1/issuing.pb.h"

namespace CLI {
class App;
}

namespace birthseal::cli {

struct Signer {
  std::string id, key_file;

  // Errors: those of ReadFile and OperatorKey::FromPem.
  absl::Status Sign(absl::string_view digest, v1::OperatorSignature* out) const;
};

// Adds `prefix`operator and `prefix`key, both required. `signer` outlives the command.
void AddSigner(CLI::App* command, const std::string& prefix, Signer* signer);

// Two people: --issuer-operator, --issuer-key, --sealer-operator, --sealer-key.
struct TwoSigners {
  Signer issuer, sealer;

  // Sets both signatures of `request` over `digest`.
  template <typename Request>
  absl::Status Sign(absl::string_view digest, Request* request) const {
    const absl::Status first = issuer.Sign(digest, request->mutable_issuer());
    return first.ok() ? sealer.Sign(digest, request->mutable_sealer()) : first;
  }
};
void AddTwoSigners(CLI::App* command, TwoSigners* signers);

}  // namespace birthseal::cli
