// SPDX-License-Identifier: Apache-2.0
// The log key: signs and checks checkpoints (signed notes). SM2.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "signer/sm2_verify.h"

namespace birthseal::signer {

// `spki_pem` is the log's public key (trust/log.pem). Algorithm byte of the key hash: 0xfe.
absl::StatusOr<certs::NoteVerifier> NoteVerifierFromPem(absl::string_view key_name,
                                                        absl::string_view spki_pem);
std::string NoteKeyHash(absl::string_view key_name, absl::string_view spki_der);

}  // namespace birthseal::signer
