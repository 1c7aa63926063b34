// SPDX-License-Identifier: Apache-2.0
// SignedData with one signer: GB/T 35275 (Type=Sign in OFD) and the CMS of time stamp tokens.
//
// Thread-safe: immutable values. Errors: kInvalidArgument "SES_FORMAT".
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::signer {

struct SignedData {
  std::string content_type;               // dotted OID
  std::string content;                    // of the OCTET STRING; empty: detached
  std::vector<std::string> certificates;  // DER each
  std::string signer_certificate;         // the one the signer names; empty: not included
  std::string digest_algorithm;           // of the signer, dotted OID
  std::string attributes;                 // DER with tag SET, as signed; empty: none
  std::string attribute_content_type;     // from the attributes
  std::string attribute_digest;           // messageDigest
  std::string signature;                  // DER{r,s}
  bool raw_signature = false;             // r || s in the file
};

absl::StatusOr<SignedData> ParseSignedData(absl::string_view der);

// SM3 or SHA-256 by its OID; empty for any other.
std::string DigestBy(absl::string_view algorithm, absl::string_view bytes);

// The signature of the signer over the attributes, which must hold the digest of `content` and
// the content type; without attributes over `content` itself. No trust decision.
bool SignedDataHolds(const SignedData& data, absl::string_view content);

// GB/T 35275 under an OFD signature: variant A signs attributes with SM3(Signature.xml), variant B
// signs these 32 bytes as its content (or their Base64 text).
bool OfdSignHolds(const SignedData& data, absl::string_view signature_xml);

}  // namespace birthseal::signer
