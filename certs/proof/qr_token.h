// SPDX-License-Identifier: Apache-2.0
// The token in the QR code of a certificate (二维码): which certificate this page claims to be,
// signed by a QR key that the log key certifies. It holds nothing personal and no number.
//
//   HTTPS://HOST/B/ and the base32 (RFC 4648, no padding) of 82 bytes, big-endian:
//   0        version, 1
//   1-2      key id
//   3-4      log epoch
//   5-9      status index
//   10-17    fingerprint: the first 8 bytes of SM3(domain || licence id || document id)
//   18-81    signature: raw r || s, SM2 with the default id over domain || bytes 0-17
// where domain is "birthseal/qr/v1" 00.
//
// The host is where a phone's browser goes and says nothing: a code outlives a domain. Letters may
// come in either case, as people and scanners write them. Pure functions; thread-safe.
// Errors: kInvalidArgument "QR_NOT_OURS" not of this form, "QR_VERSION" of a later one,
// "QR_MALFORMED" of this form and damaged.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/log_place.h"

namespace birthseal::certs {

inline constexpr size_t kQrFingerprintSize = 8, kQrSignatureSize = 64;
// Of the five bytes of a token.
inline constexpr StatusIndex kMostStatusIndex{(uint64_t{1} << 40) - 1};

struct QrToken {
  uint16_t key_id = 0;
  LogEpoch log_epoch;        // two bytes
  StatusIndex status_index;  // five bytes
  std::string fingerprint;   // 8 bytes
  std::string signature;     // 64 bytes
};

std::string QrFingerprint(absl::string_view licence_id, absl::string_view document_id);
// What the QR key signs.
std::string QrSignedBytes(const QrToken& token);
// Whether a QR code in alphanumeric mode can hold the host: letters, digits, '-', '.' and ':', up
// to 40 of them.
bool IsQrHost(absl::string_view host);
// Requires IsQrHost and sizes as above.
std::string QrText(absl::string_view host, const QrToken& token);
absl::StatusOr<QrToken> ParseQrText(absl::string_view text);

}  // namespace birthseal::certs
