// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/document_signature.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/der/der_fields.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {
namespace {

using der::Fields;

// V1 puts text into a BIT STRING, in whatever form its maker liked; local times are Beijing's.
// Unreadable: InfinitePast.
absl::Time V1Time(absl::string_view text) {
  absl::Time time;
  std::string error;
  const absl::TimeZone beijing = absl::FixedTimeZone(8 * 60 * 60);
  if (absl::ParseTime("%Y-%m-%d%ET%H:%M:%E*SZ", text, &time, &error)) return time;
  if (absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, beijing, &time, &error)) return time;
  if (absl::ParseTime("%E4Y%m%d%H%M%SZ", text, &time, &error)) return time;
  if (absl::ParseTime("%y%m%d%H%M%SZ", text, &time, &error)) return time;
  // Or a whole UTCTime or GeneralizedTime.
  absl::string_view rest = text;
  absl::StatusOr<der::Element> element = der::Read(&rest);
  if (element.ok() && rest.empty()) {
    absl::StatusOr<absl::Time> inner = der::ToTime(*element);
    if (inner.ok()) return *inner;
  }
  return absl::InfinitePast();
}

// BIT STRING; V1 products also write OCTET STRING.
absl::string_view BitsOrOctets(Fields* fields, bool v1) {
  if (v1 && fields->NextIs(der::kOctetString)) return fields->Take(der::kOctetString).content;
  return fields->Bits();
}

void ReadTail(Fields* tbs, bool v1, DocumentSignature* out) {
  out->time = v1 ? V1Time(BitsOrOctets(tbs, true)) : tbs->Time();
  const std::optional<certs::Digest> data_hash = certs::DigestFrom(BitsOrOctets(tbs, v1));
  if (!data_hash) tbs->Fail("dataHash");
  out->data_hash = data_hash.value_or(certs::Digest{});
  out->property_info = tbs->Text(der::kIa5);
  if (v1) {
    out->signer_certificate = tbs->Text(der::kOctetString);
    out->algorithm = tbs->ObjectId();
    return;
  }
  if (!tbs->More()) return;
  Fields extensions = tbs->Enter(der::kContext0);
  der::ReadExtensions(&extensions, &out->critical_extensions);
  tbs->Close(extensions);
}

void TakeSignature(absl::string_view bits, DocumentSignature* out) {
  out->signature_bits = std::string(bits);
  out->raw_signature = der::IsRawSignature(bits);
  out->signature = out->raw_signature ? der::SignatureFromRaw(bits) : std::string(bits);
}

}  // namespace

absl::StatusOr<DocumentSignature> ParseDocumentSignature(absl::string_view der) {
  DocumentSignature out;
  Fields outer = Fields::OfSequence(der);
  const der::Element to_sign = outer.Take(der::kSequence);
  // Two elements are V1, whose certificate stands inside the signed part.
  const bool v1 = outer.NextIs(der::kBitString);
  Fields tbs(to_sign.content);
  const int64_t version = tbs.Int();
  const der::Element seal_bytes = tbs.Take(der::kSequence);
  // Whatever failed so far leaves no seal.
  ASSIGN_OR_RETURN(out.seal, ParseElectronicSeal(seal_bytes.whole));
  if (version != out.seal.header_version || v1 != (out.seal.version == 1)) tbs.Fail("version");
  out.version = out.seal.version;
  ReadTail(&tbs, v1, &out);
  RETURN_IF_ERROR(tbs.Finish());
  if (!v1) {
    out.signer_certificate = outer.Text(der::kOctetString);
    out.algorithm = outer.ObjectId();
  }
  TakeSignature(outer.Bits(), &out);
  if (!v1 && outer.More()) out.time_stamp = der::ReadTimeStampField(&outer);
  RETURN_IF_ERROR(outer.Finish());
  out.signed_bytes = std::string(to_sign.whole);
  return out;
}

bool DocumentSignatureHolds(const DocumentSignature& signature) {
  const absl::StatusOr<PublicKey> key = PublicKey::FromCertificate(signature.signer_certificate);
  return key.ok() && DocumentSignatureHolds(signature, *key);
}

bool DocumentSignatureHolds(const DocumentSignature& signature, const PublicKey& signer) {
  return signature.algorithm == kOidSm2WithSm3 && signer.algorithm() == KeyAlgorithm::kSm2 &&
         signer.Verify(signature.signed_bytes, signature.signature);
}

std::string ToBeSigned(absl::string_view seal_der, absl::Time time, const certs::Digest& data_hash,
                       absl::string_view property_info) {
  return der::Tlv(
      der::kSequence,
      absl::StrCat(der::Integer(4), seal_der, der::GeneralizedTime(time),
                   der::BitString(certs::View(data_hash)), der::Tlv(der::kIa5, property_info)));
}

std::string FinishSignature(absl::string_view to_be_signed, absl::string_view signer_certificate,
                            absl::string_view signature) {
  return der::Tlv(der::kSequence,
                  absl::StrCat(to_be_signed, der::Tlv(der::kOctetString, signer_certificate),
                               der::Oid(kOidSm2WithSm3), der::BitString(signature)));
}

}  // namespace birthseal::signer
