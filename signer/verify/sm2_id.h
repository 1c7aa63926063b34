// SPDX-License-Identifier: Apache-2.0
// The SM2 user id, which OpenSSL 3.0 must be told everywhere: its own default is the empty one.
// Internal to this folder.
#pragma once

#include "absl/strings/string_view.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer {

// GM/T 0009 clause 10: the default user id.
inline constexpr absl::string_view kSm2Id = "1234567812345678";

// Sets the SM2 id, without which no SM2 signature on `certificate` checks.
bool SetSm2Id(X509* certificate);
// One DER certificate without trailing bytes, with the SM2 id set; null on failure.
X509Ptr ParseCertificate(absl::string_view der);

}  // namespace birthseal::signer
