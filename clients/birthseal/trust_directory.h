// SPDX-License-Identifier: Apache-2.0
// The trust files of an offline check (police pack 核验包): what is trusted, in one directory.
//
//   seal-makers.pem, signers.pem   anchors of seals and signers
//   log.pem                        the log's SM2 key
//   witnesses.textproto            trusted witnesses (见证方) and quorum; may be absent
//   vrf.pem                        the key behind the labels of the uniqueness map; may be absent
// Errors: kNotFound and kInvalidArgument name the file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::cli {

absl::StatusOr<signer::VerifierTrust> ReadTrust(const std::string& directory,
                                                const std::string& log_name);
absl::StatusOr<certs::NoteVerifier> ReadLogKey(const std::string& directory,
                                               const std::string& log_name);
// Quorum 0 when there is no witnesses.textproto.
absl::StatusOr<certs::WitnessPolicy> ReadWitnessPolicy(const std::string& directory);
// Compressed point, 33 bytes.
absl::StatusOr<std::string> ReadVrfKey(const std::string& directory);

}  // namespace birthseal::cli
