// SPDX-License-Identifier: Apache-2.0
// Object identifiers of SES, time stamps and GB/T 35275 (GM/T 0006).
#pragma once

#include "absl/strings/string_view.h"

namespace birthseal::signer {

inline constexpr absl::string_view kOidSm2WithSm3 = "1.2.156.10197.1.501";
inline constexpr absl::string_view kOidSm2Signature = "1.2.156.10197.1.301.1";
inline constexpr absl::string_view kOidSm2Curve = "1.2.156.10197.1.301";
inline constexpr absl::string_view kOidSm3 = "1.2.156.10197.1.401";
inline constexpr absl::string_view kOidSm3WithoutKey = "1.2.156.10197.1.401.1";
inline constexpr absl::string_view kOidSha256 = "2.16.840.1.101.3.4.2.1";
inline constexpr absl::string_view kOidGmData = "1.2.156.10197.6.1.4.2.1";
inline constexpr absl::string_view kOidGmSignedData = "1.2.156.10197.6.1.4.2.2";
inline constexpr absl::string_view kOidPkcs7Data = "1.2.840.113549.1.7.1";
inline constexpr absl::string_view kOidPkcs7SignedData = "1.2.840.113549.1.7.2";
inline constexpr absl::string_view kOidContentType = "1.2.840.113549.1.9.3";
inline constexpr absl::string_view kOidMessageDigest = "1.2.840.113549.1.9.4";
inline constexpr absl::string_view kOidTstInfo = "1.2.840.113549.1.9.16.1.4";

}  // namespace birthseal::signer
