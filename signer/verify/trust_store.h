// SPDX-License-Identifier: Apache-2.0
// Trust anchors, apart for seal makers (制章者), signers and time stamps, and chain checking.
// Rule F10.
//
// Chains go through OpenSSL with the SM2 id set on every certificate. Intermediates may stand in
// the same PEM as the roots; self-signed ones are anchors. Thread-safe: never changes, but for a
// cache of verdicts by digest, each for the time in which it holds.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::signer {

class TrustStore {
 public:
  // Certificates in PEM; empty is a store that trusts nobody. Optional CRLs in PEM, whose
  // signatures are checked by hand. Errors: kInvalidArgument.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> FromPem(absl::string_view certificates,
                                                                   absl::string_view crls = "");
  ~TrustStore();
  // Chain, validity at `at`, key usage for signatures, revocation by the CRLs given.
  // Errors: kUnauthenticated with a reason code: "CHAIN_UNTRUSTED", "CERT_EXPIRED",
  // "CERT_NOT_YET_VALID", "CERT_REVOKED", "CERT_KEY_USAGE", "CERT_CRITICAL_EXTENSION".
  absl::Status Check(absl::string_view certificate_der, absl::Time at) const;
  bool empty() const;

 private:
  struct State;
  explicit TrustStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::signer
