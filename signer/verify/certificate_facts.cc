// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/certificate_facts.h"

#include <openssl/pem.h>

#include <ctime>
#include <optional>

#include "certs/errors.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer {
namespace {

absl::Status Malformed() {
  return certs::Error(absl::StatusCode::kInvalidArgument, "CERTIFICATE_FORMAT",
                      "not an X.509 certificate");
}

// The single value of one attribute as UTF-8; empty when absent or repeated.
std::string NameText(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0) return "";
  uint8_t* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (length < 0) return "";
  std::string value(reinterpret_cast<char*>(text), static_cast<size_t>(length));
  OPENSSL_free(text);
  return value;
}

std::optional<absl::Time> ToTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificateFacts(absl::string_view der) {
  const auto* cursor = reinterpret_cast<const uint8_t*>(der.data());
  X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (certificate == nullptr) return Malformed();
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  CertificateFacts facts;
  facts.organization = NameText(subject, NID_organizationName);
  facts.organizational_unit = NameText(subject, NID_organizationalUnitName);
  facts.common_name = NameText(subject, NID_commonName);
  const std::optional<absl::Time> not_before = ToTime(X509_get0_notBefore(certificate.get()));
  const std::optional<absl::Time> not_after = ToTime(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return Malformed();
  facts.not_before = *not_before;
  facts.not_after = *not_after;
  return facts;
}

absl::StatusOr<std::string> CertificateFromPem(absl::string_view pem) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  uint8_t* bytes = nullptr;
  const int length = certificate == nullptr ? 0 : i2d_X509(certificate.get(), &bytes);
  if (length <= 0) return Malformed();
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace birthseal::signer
