// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/signed_data.h"

#include <openssl/evp.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/status_macros.h"
#include "signer/der/der_fields.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {
namespace {

using der::Fields;

std::string AlgorithmId(Fields* fields) {
  Fields algorithm = fields->Enter();
  std::string oid = algorithm.ObjectId();
  if (algorithm.More()) algorithm.Any();  // parameters
  fields->Close(algorithm);
  return oid;
}

// issuerAndSerialNumber of a certificate; empty when it cannot be read.
std::string IssuerAndSerial(absl::string_view certificate) {
  Fields whole = Fields::OfSequence(certificate);
  Fields tbs = whole.Enter();
  if (tbs.NextIs(der::kContext0)) tbs.Any();
  const der::Element serial = tbs.Take(der::kInteger);
  tbs.Take(der::kSequence);
  const der::Element issuer = tbs.Take(der::kSequence);
  return tbs.failed() ? "" : absl::StrCat(issuer.whole, serial.whole);
}

void ReadAttributes(Fields* signer, SignedData* data) {
  const der::Element attributes = signer->Take(der::kContext0);
  data->attributes = der::Tlv(der::kSet, attributes.content);
  Fields list(attributes.content);
  while (list.More()) {
    Fields attribute = list.Enter();
    const std::string type = attribute.ObjectId();
    Fields values = attribute.Enter(der::kSet);
    const bool known = type == kOidContentType || type == kOidMessageDigest;
    std::string* to =
        type == kOidContentType ? &data->attribute_content_type : &data->attribute_digest;
    if (known && !to->empty()) attribute.Fail("attribute twice");
    if (type == kOidContentType) *to = values.ObjectId();
    if (type == kOidMessageDigest) *to = values.Text(der::kOctetString);
    if (known) attribute.Close(values);
    list.Close(attribute);
  }
  signer->Close(list);
}

void ReadSigner(Fields* signers, SignedData* data) {
  Fields signer = signers->Enter();
  signer.Int();
  const absl::string_view named = signer.Take(der::kSequence).content;
  for (const std::string& certificate : data->certificates) {
    if (IssuerAndSerial(certificate) == named) data->signer_certificate = certificate;
  }
  data->digest_algorithm = AlgorithmId(&signer);
  if (signer.NextIs(der::kContext0)) ReadAttributes(&signer, data);
  AlgorithmId(&signer);
  data->signature = signer.Text(der::kOctetString);
  if (der::IsRawSignature(data->signature)) {
    data->raw_signature = true;
    data->signature = der::SignatureFromRaw(data->signature);
  }
  if (signer.NextIs(der::kContext1)) signer.Any();  // unsigned attributes
  signers->Close(signer);
}

void ReadContent(Fields* fields, SignedData* data) {
  Fields info = fields->Enter();
  data->content_type = info.ObjectId();
  if (info.More()) {
    Fields holder = info.Enter(der::kContext0);
    data->content = holder.Text(der::kOctetString);
    info.Close(holder);
  }
  fields->Close(info);
}

void ReadSignedData(Fields* fields, SignedData* data) {
  Fields body = fields->Enter();
  body.Int();
  body.Take(der::kSet);  // digest algorithms: the signer's counts
  ReadContent(&body, data);
  if (body.NextIs(der::kContext0)) {
    Fields certificates = body.Enter(der::kContext0);
    while (certificates.More()) data->certificates.emplace_back(certificates.Any().whole);
    body.Close(certificates);
  }
  if (body.NextIs(der::kContext1)) body.Any();  // CRLs
  Fields signers = body.Enter(der::kSet);
  ReadSigner(&signers, data);
  body.Close(signers);
  fields->Close(body);
}

}  // namespace

absl::StatusOr<SignedData> ParseSignedData(absl::string_view der) {
  SignedData data;
  Fields outer = Fields::OfSequence(der);
  const std::string type = outer.ObjectId();
  if (type != kOidGmSignedData && type != kOidPkcs7SignedData) outer.Fail("not SignedData");
  Fields holder = outer.Enter(der::kContext0);
  ReadSignedData(&holder, &data);
  outer.Close(holder);
  RETURN_IF_ERROR(outer.Finish());
  return data;
}

std::string DigestBy(absl::string_view algorithm, absl::string_view bytes) {
  if (algorithm == kOidSm3 || algorithm == kOidSm3WithoutKey) {
    return certs::Bytes(certs::Sm3Of(bytes));
  }
  if (algorithm != kOidSha256) return "";
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) return "";
  return std::string(reinterpret_cast<char*>(digest), size);
}

bool SignedDataHolds(const SignedData& data, absl::string_view content) {
  const absl::StatusOr<PublicKey> key = PublicKey::FromCertificate(data.signer_certificate);
  if (!key.ok()) return false;
  // The key decides the signature algorithm; the digest named must be its own.
  const bool sha256 = data.digest_algorithm == kOidSha256;
  if (sha256 != (key->algorithm() == KeyAlgorithm::kP256)) return false;
  if (data.attributes.empty()) return key->Verify(content, data.signature);
  const std::string digest = DigestBy(data.digest_algorithm, content);
  return !digest.empty() && data.attribute_digest == digest &&
         data.attribute_content_type == data.content_type &&
         key->Verify(data.attributes, data.signature);
}

bool OfdSignHolds(const SignedData& data, absl::string_view signature_xml) {
  const std::string digest = certs::Bytes(certs::Sm3Of(signature_xml));
  if (!data.attributes.empty()) {
    return data.content.empty() && SignedDataHolds(data, signature_xml);
  }
  if (data.content != digest && data.content != absl::Base64Escape(digest)) return false;
  return SignedDataHolds(data, data.content);
}

}  // namespace birthseal::signer
