// SPDX-License-Identifier: Apache-2.0
// A witness's own key: signs cosignatures. Through OpenSSL, as operator_key.h.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"

namespace birthseal::cli {

using Cosigner =
    std::function<absl::StatusOr<certs::NoteSignature>(absl::Time, absl::string_view body)>;

// `pkcs8_pem`: Ed25519 or SM2. Errors: kInvalidArgument "OPERATOR_KEY", "NOTE_KEY",
// "NOTE_KEY_NAME".
absl::StatusOr<Cosigner> CosignerOf(absl::string_view name, absl::string_view pkcs8_pem);
// The public half, SubjectPublicKeyInfo PEM: what the service and checkers are given.
absl::StatusOr<std::string> PublicPemOf(absl::string_view pkcs8_pem);

}  // namespace birthseal::cli
