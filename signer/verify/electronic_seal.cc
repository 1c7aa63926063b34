// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/electronic_seal.h"

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

constexpr int64_t kLargestPicture = 1000;  // mm; pages and seals are far smaller

// V1 products put certificates there as OCTET STRING, as IA5String or bare.
std::string LooseCertificate(const der::Element& element, Fields* fields) {
  if (element.tag == der::kSequence) return std::string(element.whole);
  if (element.tag != der::kOctetString && element.tag != der::kIa5) {
    fields->Fail("entry of certList");
  }
  return std::string(element.content);
}

void ReadSigners(Fields* property, ElectronicSeal* seal) {
  if (seal->version == 1) {
    Fields list = property->Enter();
    while (list.More()) seal->signer_certificates.push_back(LooseCertificate(list.Any(), &list));
    property->Close(list);
    return;
  }
  const int64_t form = property->Int();
  if (form != 1 && form != 2) property->Fail("certListType");
  Fields list = property->Enter();
  while (list.More()) {
    if (form == 1) {
      seal->signer_certificates.push_back(list.Text(der::kOctetString));
      continue;
    }
    Fields digest = list.Enter();
    digest.Take(der::kPrintable);  // "self-defined": tells nothing to rely on
    seal->signer_digests.push_back(digest.Text(der::kOctetString));
    list.Close(digest);
  }
  property->Close(list);
}

void ReadProperty(Fields* info, ElectronicSeal* seal) {
  Fields property = info->Enter();
  seal->type = static_cast<int>(property.Int());
  seal->name = property.Text(der::kUtf8);
  ReadSigners(&property, seal);
  seal->created = property.Time();
  seal->valid_from = property.Time();
  seal->valid_until = property.Time();
  if (seal->valid_until < seal->valid_from) property.Fail("validity ends before it starts");
  info->Close(property);
}

int ReadSize(Fields* picture) {
  const int64_t millimetres = picture->Int();
  if (millimetres < 1 || millimetres > kLargestPicture) picture->Fail("size of the picture");
  return static_cast<int>(millimetres);
}

void ReadPicture(Fields* info, ElectronicSeal* seal) {
  Fields picture = info->Enter();
  seal->picture_type = picture.Text(der::kIa5);
  seal->picture = picture.Text(der::kOctetString);
  seal->width_mm = ReadSize(&picture);
  seal->height_mm = ReadSize(&picture);
  info->Close(picture);
}

void ReadInfo(const der::Element& whole, bool two_elements, Fields* outer, ElectronicSeal* seal) {
  Fields info(whole.content);
  Fields header = info.Enter();
  if (header.Text(der::kIa5) != "ES") header.Fail("header is not ES");
  const int64_t version = header.Int();
  seal->vendor_id = header.Text(der::kIa5);
  info.Close(header);
  // Two elements are V1 (also seen numbered 2); four or five are V4 or V5 by their own number.
  const bool known = two_elements ? version == 1 || version == 2 : version == 4 || version == 5;
  if (!known) info.Fail("version");
  seal->version = two_elements ? 1 : static_cast<int>(version);
  seal->header_version = static_cast<int>(version);
  seal->seal_id = info.Text(der::kIa5);
  ReadProperty(&info, seal);
  ReadPicture(&info, seal);
  if (info.More()) {
    if (info.NextIs(der::kContext0)) {
      Fields holder = info.Enter(der::kContext0);
      der::ReadExtensions(&holder, &seal->critical_extensions);
      info.Close(holder);
    } else {
      der::ReadExtensions(&info, &seal->critical_extensions);
    }
  }
  outer->Close(info);
}

void ReadV1Signature(const der::Element& info, Fields* outer, ElectronicSeal* seal) {
  Fields sign = outer->Enter();
  const der::Element certificate = sign.Take(der::kOctetString);
  const der::Element algorithm = sign.Any();
  seal->maker_certificate = std::string(certificate.content);
  absl::StatusOr<std::string> oid = der::ToOid(algorithm);
  if (oid.ok()) {
    seal->algorithm = *std::move(oid);
  } else {
    sign.Fail("algorithm");
  }
  seal->signature = std::string(sign.Bits());
  seal->signed_bytes =
      der::Tlv(der::kSequence, absl::StrCat(info.whole, certificate.whole, algorithm.whole));
  outer->Close(sign);
}

void ReadSignature(const der::Element& info, Fields* outer, ElectronicSeal* seal) {
  seal->maker_certificate = outer->Text(der::kOctetString);
  seal->algorithm = outer->ObjectId();
  seal->signature = std::string(outer->Bits());
  seal->signed_bytes = std::string(info.whole);
  if (seal->version == 5 && outer->More()) seal->time_stamp = der::ReadTimeStampField(outer);
}

}  // namespace

absl::StatusOr<ElectronicSeal> ParseElectronicSeal(absl::string_view der) {
  ElectronicSeal seal;
  Fields outer = Fields::OfSequence(der);
  const der::Element info = outer.Take(der::kSequence);
  const bool two_elements = outer.NextIs(der::kSequence);
  ReadInfo(info, two_elements, &outer, &seal);
  if (two_elements) {
    ReadV1Signature(info, &outer, &seal);
  } else {
    ReadSignature(info, &outer, &seal);
  }
  RETURN_IF_ERROR(outer.Finish());
  seal.bytes = std::string(der);
  return seal;
}

bool SealSignatureHolds(const ElectronicSeal& seal) {
  // The V4 signature binds neither certificate nor algorithm: pin the algorithm here, the
  // certificate by its chain.
  if (seal.algorithm != kOidSm2WithSm3) return false;
  const absl::StatusOr<PublicKey> maker = PublicKey::FromCertificate(seal.maker_certificate);
  return maker.ok() && maker->algorithm() == KeyAlgorithm::kSm2 &&
         maker->Verify(seal.signed_bytes, seal.signature);
}

std::string SealInfo(const SealDraft& draft) {
  std::string signers;
  for (const std::string& certificate : draft.signer_certificates) {
    signers += der::Tlv(der::kOctetString, certificate);
  }
  const std::string header =
      der::Tlv(der::kSequence, absl::StrCat(der::Tlv(der::kIa5, "ES"), der::Integer(4),
                                            der::Tlv(der::kIa5, draft.vendor_id)));
  const std::string property = der::Tlv(
      der::kSequence,
      absl::StrCat(
          der::Integer(static_cast<uint64_t>(draft.type)), der::Tlv(der::kUtf8, draft.name),
          der::Integer(1), der::Tlv(der::kSequence, signers), der::GeneralizedTime(draft.created),
          der::GeneralizedTime(draft.valid_from), der::GeneralizedTime(draft.valid_until)));
  const std::string picture =
      der::Tlv(der::kSequence, absl::StrCat(der::Tlv(der::kIa5, draft.picture_type),
                                            der::Tlv(der::kOctetString, draft.picture),
                                            der::Integer(static_cast<uint64_t>(draft.width_mm)),
                                            der::Integer(static_cast<uint64_t>(draft.height_mm))));
  return der::Tlv(der::kSequence,
                  absl::StrCat(header, der::Tlv(der::kIa5, draft.seal_id), property, picture));
}

std::string FinishSeal(absl::string_view info, absl::string_view maker_certificate,
                       absl::string_view signature) {
  return der::Tlv(der::kSequence,
                  absl::StrCat(info, der::Tlv(der::kOctetString, maker_certificate),
                               der::Oid(kOidSm2WithSm3), der::BitString(signature)));
}

}  // namespace birthseal::signer
