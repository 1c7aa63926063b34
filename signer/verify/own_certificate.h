// SPDX-License-Identifier: Apache-2.0
// What only our own documents have: the record, its institution and the receipt. Internal.
#pragma once

#include <string>

#include "certs/ofd/reader.h"
#include "certs/ofd/structure.h"
#include "certs/proof/checkpoint.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/report_builder.h"

namespace birthseal::signer {

// Reads the record and cross-checks it with what is shown; sets out->ours. Rule F12.
void ReadOwnRecord(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   ReportBuilder* out);

// The receipt R1 opens to this face, licence and document and is signed by the log key. True when
// it does: the log then proves when the face was accepted. Requires out->ours. Rule F13.
bool CheckReceiptOf(const VerifierTrust& trust, ReportBuilder* out);
// Receipts R2 and R3 given with this file, beside an R1 that held: strength; a failed layer for one
// of another file; else a notice.
void CheckFetchedReceipts(const VerifierTrust& trust, absl::string_view file,
                          const std::vector<std::string>& fetched, ReportBuilder* out);

// Rule F11: seal and signer are the issuing institution named in the record. Requires out->ours.
// `signer` may be null: then nobody's.
void CheckInstitution(const CertificateFacts* signer, ReportBuilder* out);

}  // namespace birthseal::signer
