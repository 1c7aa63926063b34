// SPDX-License-Identifier: Apache-2.0
// One entry of the list of signatures: Type=Seal (GB/T 38540) and Type=Sign (GB/T 35275).
// Internal.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "signer/verify/coverage.h"
#include "signer/verify/report_builder.h"
#include "signer/verify/trust_checks.h"

namespace birthseal::signer {

// What the entries of one document share.
struct SignatureScene {
  const certs::ofd::OpenPackage& package;
  FileDigests& digests;
  TrustChecks& checks;
  SigningMoment moment;                            // `at` is set by each signature
  std::set<std::string> covered;                   // by signatures that hold
  std::shared_ptr<const KnownCertificate> signer;  // of the first seal; null: none readable
};

void CheckEntry(const certs::ofd::SignatureEntry& entry, SignatureScene* scene, ReportBuilder* out);

}  // namespace birthseal::signer
