// SPDX-License-Identifier: Apache-2.0
#include "tests/signer/verify/raw_x509.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "signer/der/der.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/signed_data.h"

namespace birthseal::tests {
namespace {

namespace der = signer::der;
using signer::SignWith;
using signer::devpki::Identity;

std::string Sequence(const std::string& content) { return der::Tlv(der::kSequence, content); }
std::string Set(const std::string& content) { return der::Tlv(der::kSet, content); }
std::string Algorithm(absl::string_view oid) { return Sequence(der::Oid(oid)); }
const std::string kSm2 = Algorithm(signer::kOidSm2WithSm3);

std::string Name(const std::string& common_name) {
  return Sequence(Set(Sequence(der::Oid("2.5.4.3") + der::Tlv(der::kUtf8, common_name))));
}

// The elements of a TBSCertificate behind its version.
std::vector<std::string> Parts(const std::string& certificate) {
  absl::string_view whole = certificate;
  absl::string_view rest = der::Read(&whole)->content;
  absl::string_view tbs = der::Read(&rest)->content;
  std::vector<std::string> parts;
  while (!tbs.empty()) parts.emplace_back(der::Read(&tbs)->whole);
  if (!parts.empty() && static_cast<uint8_t>(parts[0][0]) == der::kContext0) {
    parts.erase(parts.begin());
  }
  return parts;
}

std::string Signed(const std::string& tbs, const std::shared_ptr<const signer::PrivateKey>& key) {
  return Sequence(absl::StrCat(tbs, kSm2, der::BitString(SignWith(key, tbs))));
}

}  // namespace

std::string SubjectOf(const std::string& certificate) { return Parts(certificate).at(4); }

std::string MakeRaw(const RawCertificate& made) {
  const std::string issuer =
      made.issuer == nullptr ? Name(made.common_name) : SubjectOf(made.issuer->certificate);
  std::string tbs = absl::StrCat(
      der::Tlv(der::kContext0, der::Integer(2)), der::Integer(made.serial), kSm2, issuer,
      Sequence(absl::StrCat(der::GeneralizedTime(made.not_before),
                            der::GeneralizedTime(made.not_after))),
      Name(made.common_name), made.spki.empty() ? made.key->PublicSpki() : made.spki);
  if (!made.extensions.empty()) tbs += der::Tlv(0xA3, Sequence(made.extensions));
  return Signed(Sequence(tbs), made.issuer == nullptr ? made.key : made.issuer->key);
}

std::string Extension(const std::string& oid, bool critical, const std::string& value) {
  return Sequence(absl::StrCat(der::Oid(oid), critical ? der::Tlv(der::kBoolean, "\xFF") : "",
                               der::Tlv(der::kOctetString, value)));
}

std::string KeyUsage(const std::string& bit_string_content) {
  return Extension("2.5.29.15", true, der::Tlv(der::kBitString, bit_string_content));
}

std::string TimeStampUsage() {
  return Extension("2.5.29.37", true, Sequence(der::Oid("1.3.6.1.5.5.7.3.8")));
}

std::string CaExtensions() {
  return Extension("2.5.29.19", true, Sequence(der::Tlv(der::kBoolean, "\xFF"))) +
         KeyUsage(std::string("\x01\x06", 2));
}

std::string Pem(const std::string& label, const std::string& der) {
  const std::string base64 = absl::Base64Escape(der);
  std::string lines;
  for (size_t at = 0; at < base64.size(); at += 64) {
    absl::StrAppend(&lines, base64.substr(at, 64), "\n");
  }
  return absl::StrCat("-----BEGIN ", label, "-----\n", lines, "-----END ", label, "-----\n");
}

std::string MakeCrl(const Identity& issuer, absl::Time revoked_at,
                    const std::vector<uint64_t>& serials) {
  std::string entries;
  for (const uint64_t serial : serials) {
    entries += Sequence(der::Integer(serial) + der::GeneralizedTime(revoked_at));
  }
  const std::string tbs = Sequence(absl::StrCat(
      der::Integer(1), kSm2, SubjectOf(issuer.certificate), der::GeneralizedTime(revoked_at),
      der::GeneralizedTime(revoked_at + absl::Hours(24 * 365)), Sequence(entries)));
  return Signed(tbs, issuer.key);
}

std::string MakeSignedData(const RawSignedData& data) {
  const std::string digest = signer::DigestBy(data.digest_algorithm, data.content);
  const std::string attributes =
      data.write_attributes
          ? data.write_attributes(data.content_type, digest)
          : SignedAttribute(std::string(signer::kOidContentType), der::Oid(data.content_type)) +
                SignedAttribute(std::string(signer::kOidMessageDigest),
                                der::Tlv(der::kOctetString, digest));
  std::string signature =
      SignWith(data.signer.key, data.attributes ? Set(attributes) : data.content);
  if (data.raw_signature) {
    absl::string_view whole = signature;
    absl::string_view rest = der::Read(&whole)->content;
    std::string raw;
    for (int i = 0; i < 2; ++i) {
      const std::string scalar(der::Read(&rest)->content);
      raw += (std::string(32, '\0') + scalar).substr(scalar.size());
    }
    signature = raw;
  }
  const std::vector<std::string> certificate = Parts(data.signer.certificate);
  const std::string signer_info = Sequence(absl::StrCat(
      der::Integer(1), Sequence(certificate.at(2) + certificate.at(0)),
      Algorithm(data.digest_algorithm), data.attributes ? der::Tlv(der::kContext0, attributes) : "",
      Algorithm(signer::kOidSm2Signature), der::Tlv(der::kOctetString, signature)));
  const std::string content = Sequence(absl::StrCat(
      der::Oid(data.content_type),
      data.detached ? "" : der::Tlv(der::kContext0, der::Tlv(der::kOctetString, data.content))));
  const std::string body = Sequence(
      absl::StrCat(der::Integer(1), Set(Algorithm(signer::kOidSm3)), content,
                   data.with_certificate ? der::Tlv(der::kContext0, data.signer.certificate) : "",
                   Set(signer_info)));
  return Sequence(der::Oid(data.outer_type) + der::Tlv(der::kContext0, body));
}

std::string SignedAttribute(const std::string& type, const std::string& value) {
  return Sequence(der::Oid(type) + Set(value));
}

std::string MakeTstInfo(const RawTstInfo& info) {
  return Sequence(absl::StrCat(
      der::Integer(info.version), der::Oid("1.2.3.4"),
      Sequence(Algorithm(info.imprint_algorithm) + der::Tlv(der::kOctetString, info.imprint)),
      der::Integer(7), der::Tlv(der::kGeneralizedTime, info.time)));
}

std::string MakeToken(const Identity& authority, const std::string& stamped, absl::Time time) {
  RawSignedData data;
  data.outer_type = std::string(signer::kOidPkcs7SignedData);
  data.content_type = std::string(signer::kOidTstInfo);
  RawTstInfo info;
  info.imprint = certs::Bytes(certs::Sm3Of(stamped));
  info.time = absl::FormatTime("%Y%m%d%H%M%SZ", time, absl::UTCTimeZone());
  data.content = MakeTstInfo(info);
  data.signer = authority;
  return MakeSignedData(data);
}

}  // namespace birthseal::tests
