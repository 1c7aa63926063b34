// SPDX-License-Identifier: Apache-2.0
// SES_Signature: the electronic signature value of a sealed document, V1, V4 and V5.
//
// The document signature covers the DER of TBS_Sign exactly as it stands in the file.
// Thread-safe: immutable values.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "signer/verify/electronic_seal.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {

struct DocumentSignature {
  int version = 0;
  ElectronicSeal seal;
  absl::Time time;            // timeInfo; InfinitePast: V1 text that nobody can read
  certs::Digest data_hash{};  // SM3 of Signature.xml
  std::string property_info;
  std::vector<std::string> critical_extensions;  // OIDs; none is defined
  std::string signer_certificate;                // DER
  std::string algorithm;                         // dotted OID
  std::string signed_bytes;                      // TBS_Sign DER
  std::string signature;                         // DER{r,s}
  std::string signature_bits;                    // as in the file: what a time stamp covers
  bool raw_signature = false;  // 64 bytes r||s in the file (compat form, reported)
  std::string time_stamp;      // raw token; empty: none
};

// Errors: kInvalidArgument "SES_FORMAT: ...".
absl::StatusOr<DocumentSignature> ParseDocumentSignature(absl::string_view der);
// By the certificate it carries; with a key parsed before, for callers that keep keys.
bool DocumentSignatureHolds(const DocumentSignature& signature);
bool DocumentSignatureHolds(const DocumentSignature& signature, const PublicKey& signer);

// V4. The prefix up to timeInfo holds the constant seal; hash it once per seal.
std::string ToBeSigned(absl::string_view seal_der, absl::Time time, const certs::Digest& data_hash,
                       absl::string_view property_info);
std::string FinishSignature(absl::string_view to_be_signed, absl::string_view signer_certificate,
                            absl::string_view signature);

}  // namespace birthseal::signer
