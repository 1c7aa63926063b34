// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/signer_options.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/operator_key.h"

namespace birthseal::cli {

absl::Status Signer::Sign(absl::string_view digest, v1::OperatorSignature* out) const {
  ASSIGN_OR_RETURN(std::string pem, ReadFile(key_file));
  ASSIGN_OR_RETURN(std::unique_ptr<OperatorKey> key, OperatorKey::FromPem(pem));
  out->set_operator_id(id);
  ASSIGN_OR_RETURN(*out->mutable_signature(), key->Sign(digest));
  return absl::OkStatus();
}

void AddSigner(CLI::App* command, const std::string& prefix, Signer* signer) {
  command->add_option(prefix + "operator", signer->id, "operator id")->required();
  command->add_option(prefix + "key", signer->key_file, "the operator's key, PEM")->required();
}

void AddTwoSigners(CLI::App* command, TwoSigners* signers) {
  AddSigner(command, "--issuer-", &signers->issuer);
  AddSigner(command, "--sealer-", &signers->sealer);
}

}  // namespace birthseal::cli
