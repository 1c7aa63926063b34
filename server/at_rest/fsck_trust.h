// SPDX-License-Identifier: Apache-2.0
// What fsck --signatures trusts, from the configuration: anchors, the log's keys, witnesses.
// Errors: kInvalidArgument names the field.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/at_rest/fsck_signatures.h"
#include "server/host/config.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::server {

struct FsckTrust {
  std::unique_ptr<const signer::DocumentVerifier> verifier;
  SignatureTrust trust;  // points to the verifier
};
absl::StatusOr<FsckTrust> FsckTrustOf(const Config& config, absl::Time now);

}  // namespace birthseal::server
