// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/qr_token.h"

#include <botan/base32.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/digest.h"
#include "certs/errors.h"

namespace birthseal::certs {
namespace {

constexpr absl::string_view kDomain("birthseal/qr/v1\0", 16);
constexpr absl::string_view kScheme = "HTTPS://", kPath = "/B/";
constexpr uint8_t kVersion = 1;
constexpr size_t kSignedSize = 18, kTokenSize = kSignedSize + kQrSignatureSize;
constexpr size_t kLongestHost = 40;

absl::Status Refused(absl::string_view reason, absl::string_view what, absl::string_view zh) {
  return Error(absl::StatusCode::kInvalidArgument, reason, what, "qr", zh);
}

std::string Head(const QrToken& token) {
  std::string head;
  AppendBigEndian(kVersion, 1, &head);
  AppendBigEndian(token.key_id, 2, &head);
  AppendBigEndian(token.log_epoch.value(), 2, &head);
  AppendBigEndian(token.status_index.value(), 5, &head);
  return head + token.fingerprint;
}

std::string Base32(absl::string_view bytes) {
  std::string text =
      Botan::base32_encode(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

// Empty when it is not base32 in its one spelling.
std::string FromBase32(absl::string_view text) {
  const auto is_digit = [](char c) { return ('A' <= c && c <= 'Z') || ('2' <= c && c <= '7'); };
  if (!std::all_of(text.begin(), text.end(), is_digit)) return "";
  // Eight digits hold five bytes; so many are left over for one to four bytes more.
  const size_t left = text.size() % 8;
  if (left == 1 || left == 3 || left == 6) return "";
  const std::string padding(left == 0 ? 0 : 8 - left, '=');
  const auto bytes = Botan::base32_decode(absl::StrCat(text, padding), /*ignore_ws=*/false);
  std::string out(bytes.begin(), bytes.end());
  return Base32(out) == text ? out : "";
}

}  // namespace

std::string QrFingerprint(absl::string_view licence_id, absl::string_view document_id) {
  const Digest digest = Sm3().Add(kDomain).Add(licence_id).Add(document_id).Finish();
  return std::string(View(digest).substr(0, kQrFingerprintSize));
}

std::string QrSignedBytes(const QrToken& token) { return absl::StrCat(kDomain, Head(token)); }

bool IsQrHost(absl::string_view host) {
  return !host.empty() && host.size() <= kLongestHost &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == ':';
         });
}

std::string QrText(absl::string_view host, const QrToken& token) {
  return absl::StrCat(kScheme, absl::AsciiStrToUpper(host), kPath,
                      Base32(absl::StrCat(Head(token), token.signature)));
}

absl::StatusOr<QrToken> ParseQrText(absl::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(text));
  const size_t path = absl::string_view(upper).rfind(kPath);
  const bool ours =
      absl::StartsWith(upper, kScheme) && path != absl::string_view::npos &&
      path > kScheme.size() &&
      IsQrHost(absl::string_view(upper).substr(kScheme.size(), path - kScheme.size()));
  if (!ours) {
    return Refused("QR_NOT_OURS", "the text is not that of a certificate's QR code: scan it again",
                   "不是出生医学证明二维码的内容，请重新扫描");
  }
  const std::string bytes = FromBase32(absl::string_view(upper).substr(path + kPath.size()));
  if (!bytes.empty() && bytes[0] != kVersion) {
    return Refused("QR_VERSION",
                   "the QR code is of a form that this program does not know: "
                   "use a newer one",
                   "二维码版本未知，请升级程序");
  }
  if (bytes.size() != kTokenSize) {
    return Refused("QR_MALFORMED", "the text of the QR code is cut or damaged: scan it again",
                   "二维码内容不完整或已损坏，请重新扫描");
  }
  const absl::string_view at = bytes;
  QrToken token;
  token.key_id = static_cast<uint16_t>(ReadBigEndian(at.substr(1, 2)));
  token.log_epoch = LogEpoch(ReadBigEndian(at.substr(3, 2)));
  token.status_index = StatusIndex(ReadBigEndian(at.substr(5, 5)));
  token.fingerprint = std::string(at.substr(10, kQrFingerprintSize));
  token.signature = std::string(at.substr(kSignedSize));
  return token;
}

}  // namespace birthseal::certs
