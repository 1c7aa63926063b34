// SPDX-License-Identifier: Apache-2.0
// The X.509 half of dev_pki.h: certificates through OpenSSL, SM2 always with the default id.
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "signer/devpki/dev_pki.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/sm2_id.h"

namespace birthseal::signer::devpki {
namespace {

absl::Status Failed(absl::string_view step) {
  return certs::Error(absl::StatusCode::kInternal, "DEV_PKI",
                      absl::StrCat("making a certificate: ", step));
}

EvpPkeyPtr ToOpenssl(const PrivateKey& key) {
  std::string der = key.DangerouslyExportPkcs8();
  const auto* cursor = reinterpret_cast<const uint8_t*>(der.data());
  EvpPkeyPtr loaded(d2i_AutoPrivateKey(nullptr, &cursor, static_cast<long>(der.size())));
  OPENSSL_cleanse(&der[0], der.size());
  return loaded;
}

bool AddName(X509_NAME* name, const char* attribute, const std::string& value) {
  if (value.empty()) return true;
  return X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8,
                                    reinterpret_cast<const uint8_t*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool SetSubject(X509* certificate, const SubjectName& subject) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return AddName(name, "C", "CN") && AddName(name, "O", subject.organization) &&
         AddName(name, "OU", subject.unit) && AddName(name, "CN", subject.common_name);
}

bool SetSerial(X509* certificate) {
  uint8_t bytes[8];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  bytes[0] = static_cast<uint8_t>((bytes[0] & 0x3F) | 0x40);  // positive, constant length
  uint64_t serial = 0;
  for (const uint8_t byte : bytes) serial = serial << 8 | byte;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1;
}

bool SetValidity(X509* certificate, absl::Time from, absl::Time until) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(until)) != nullptr;
}

struct Extension {
  int nid;
  const char* value;
};

std::vector<Extension> ExtensionsFor(Use use) {
  std::vector<Extension> extensions = {{NID_subject_key_identifier, "hash"},
                                       {NID_authority_key_identifier, "keyid"}};
  switch (use) {
    case Use::kAuthority:
      extensions.push_back({NID_basic_constraints, "critical,CA:TRUE"});
      extensions.push_back({NID_key_usage, "critical,keyCertSign,cRLSign"});
      break;
    case Use::kDocumentSigning:
      extensions.push_back({NID_key_usage, "critical,digitalSignature,nonRepudiation"});
      break;
    case Use::kTls:
      extensions.push_back({NID_key_usage, "critical,digitalSignature"});
      extensions.push_back({NID_ext_key_usage, "serverAuth,clientAuth"});
      extensions.push_back({NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"});
      break;
  }
  return extensions;
}

bool AddExtensions(X509* certificate, X509* issuer, Use use) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  bool added = true;
  for (const Extension& wanted : ExtensionsFor(use)) {
    X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value));
    added = added && extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
  }
  return added;
}

bool SignCertificate(X509* certificate, const PrivateKey& issuer_key) {
  EvpPkeyPtr key = ToOpenssl(issuer_key);
  if (key == nullptr) return false;
  const bool sm2 = issuer_key.algorithm() == KeyAlgorithm::kSm2;
  EvpMdCtxPtr digest(EVP_MD_CTX_new());
  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (sm2) {
    if (EVP_PKEY_CTX_set1_id(context.get(), kSm2Id.data(), static_cast<int>(kSm2Id.size())) != 1)
      return false;
    EVP_MD_CTX_set_pkey_ctx(digest.get(), context.get());
  }
  return EVP_DigestSignInit(digest.get(), nullptr, sm2 ? EVP_sm3() : EVP_sha256(), nullptr,
                            key.get()) == 1 &&
         X509_sign_ctx(certificate, digest.get()) > 0;
}

std::string Pem(const char* label, absl::string_view der) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), label, "", reinterpret_cast<const uint8_t*>(der.data()),
                static_cast<long>(der.size()));
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(length));
}

}  // namespace

absl::StatusOr<std::string> MakeCertificate(const CertificateRequest& request,
                                            const PrivateKey& key, const Identity* issuer) {
  X509Ptr certificate(X509_new());
  X509Ptr issuer_certificate = issuer == nullptr ? nullptr : ParseCertificate(issuer->certificate);
  X509* issued_by = issuer == nullptr ? certificate.get() : issuer_certificate.get();
  const EvpPkeyPtr public_key = ToOpenssl(key);
  if (issued_by == nullptr || public_key == nullptr) return Failed("keys");
  if (X509_set_version(certificate.get(), X509_VERSION_3) != 1 || !SetSerial(certificate.get()) ||
      !SetSubject(certificate.get(), request.subject) ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(issued_by)) != 1 ||
      !SetValidity(certificate.get(), request.not_before, request.not_after) ||
      X509_set_pubkey(certificate.get(), public_key.get()) != 1) {
    return Failed("fields");
  }
  if (!AddExtensions(certificate.get(), issued_by, request.use)) return Failed("extensions");
  if (!SignCertificate(certificate.get(), issuer == nullptr ? key : *issuer->key)) {
    return Failed("signature");
  }
  uint8_t* bytes = nullptr;
  const int length = i2d_X509(certificate.get(), &bytes);
  if (length <= 0) return Failed("encoding");
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

std::string RandomBytes(size_t length) {
  std::string bytes(length, '\0');
  const int drawn =
      RAND_priv_bytes(reinterpret_cast<uint8_t*>(&bytes[0]), static_cast<int>(length));
  return drawn == 1 ? bytes : "";
}

std::string CertificatePem(absl::string_view der) { return Pem("CERTIFICATE", der); }

std::string PrivateKeyPem(const PrivateKey& key) {
  return Pem("PRIVATE KEY", key.DangerouslyExportPkcs8());
}

std::string PublicKeyPem(const PrivateKey& key) { return Pem("PUBLIC KEY", key.PublicSpki()); }

}  // namespace birthseal::signer::devpki
