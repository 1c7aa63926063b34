// SPDX-License-Identifier: Apache-2.0
// What is read from an X.509 certificate: names and validity. No trust decision.
//
// Thread-safe: pure. Errors: kInvalidArgument "CERTIFICATE_FORMAT".
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::signer {

struct CertificateFacts {
  std::string organization;         // O: name of the institution
  std::string organizational_unit;  // OU: its unified social credit code
  std::string common_name;          // CN: the seal id
  absl::Time not_before, not_after;
};

absl::StatusOr<CertificateFacts> ReadCertificateFacts(absl::string_view der);
// DER of the first certificate in the PEM.
absl::StatusOr<std::string> CertificateFromPem(absl::string_view pem);

}  // namespace birthseal::signer
