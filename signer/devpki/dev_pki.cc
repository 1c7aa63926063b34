// SPDX-License-Identifier: Apache-2.0
#include "signer/devpki/dev_pki.h"

#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/devpki/seal_picture.h"
#include "signer/verify/electronic_seal.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer::devpki {
namespace {

constexpr char kAuthorityName[] = "Birthseal Development";

absl::Time Days(absl::Time now, int days) {
  const absl::Time midnight = absl::FromUnixSeconds(absl::ToUnixSeconds(now) / 86400 * 86400);
  return midnight + absl::Hours(24) * days;
}
absl::Time Years(absl::Time now, int years) { return Days(now, 365 * years); }

absl::StatusOr<Identity> MakeAuthority(absl::string_view name, absl::Time from, absl::Time until,
                                       KeyAlgorithm algorithm, const Identity* issuer) {
  return MakeIdentity({{kAuthorityName, "", std::string(name)}, Use::kAuthority, from, until},
                      algorithm, issuer);
}

// Fourteen digits: division of the institution and a number made from its code.
std::string SealId(const Institution& institution) {
  const certs::Digest digest = certs::Sm3Of(institution.code);
  const uint32_t number = (static_cast<uint32_t>(digest[0]) << 16 | digest[1] << 8 | digest[2]);
  return absl::StrFormat("%s%08d", institution.code.substr(2, 6), number);
}

}  // namespace

absl::StatusOr<Identity> MakeIdentity(const CertificateRequest& request, KeyAlgorithm algorithm,
                                      const Identity* issuer) {
  Identity identity;
  identity.key = PrivateKey::Generate(algorithm);
  ASSIGN_OR_RETURN(identity.certificate, MakeCertificate(request, *identity.key, issuer));
  return identity;
}

absl::StatusOr<Ed25519Pem> MakeEd25519Key() {
  const EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const BioPtr secret(BIO_new(BIO_s_mem())), open(BIO_new(BIO_s_mem()));
  if (key == nullptr || secret == nullptr || open == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1 ||
      PEM_write_bio_PUBKEY(open.get(), key.get()) != 1) {
    return certs::Error(absl::StatusCode::kInternal, "DEV_PKI", "making an Ed25519 key");
  }
  const auto text = [](const BioPtr& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(size));
  };
  return Ed25519Pem{text(secret), text(open)};
}

absl::StatusOr<Hierarchy> MakeHierarchy(absl::Time now) {
  constexpr KeyAlgorithm kSm2 = KeyAlgorithm::kSm2;
  Hierarchy made;
  ASSIGN_OR_RETURN(made.maker_root, MakeAuthority("Seal Maker Root CA", Years(now, -6),
                                                  Years(now, 20), kSm2, nullptr));
  ASSIGN_OR_RETURN(made.maker_intermediate, MakeAuthority("Seal Maker CA 1", Years(now, -5),
                                                          Years(now, 15), kSm2, &made.maker_root));
  ASSIGN_OR_RETURN(made.maker, MakeIdentity({{"云岭省开发用电子印章中心", "", "Seal Maker 01"},
                                             Use::kDocumentSigning,
                                             Years(now, -3),
                                             Years(now, 7)},
                                            kSm2, &made.maker_intermediate));
  ASSIGN_OR_RETURN(made.signer_root,
                   MakeAuthority("Signer Root CA", Years(now, -6), Years(now, 20), kSm2, nullptr));
  ASSIGN_OR_RETURN(
      made.signer_intermediate,
      MakeAuthority("Signer CA 1", Years(now, -5), Years(now, 15), kSm2, &made.signer_root));
  return made;
}

std::string Hierarchy::MakersPem() const {
  return CertificatePem(maker_intermediate.certificate) + CertificatePem(maker_root.certificate);
}

std::string Hierarchy::SignersPem() const {
  return CertificatePem(signer_intermediate.certificate) + CertificatePem(signer_root.certificate);
}

absl::StatusOr<InstitutionIdentity> MakeInstitutionSeal(const Hierarchy& hierarchy,
                                                        const Institution& institution,
                                                        absl::Time now) {
  const std::string seal_text =
      institution.managing ? "出生医学证明补发专用章" : "出生医学证明专用章";
  InstitutionIdentity made;
  SealDraft draft;
  draft.vendor_id = "BIRTHSEAL";
  draft.seal_id = SealId(institution);
  draft.name = institution.name + seal_text;
  draft.created = draft.valid_from = Days(now, -120);
  draft.valid_until = Years(now, 4);
  draft.picture = SealPicturePng({seal_text, institution.county, institution.name});
  ASSIGN_OR_RETURN(made.signer, MakeIdentity({{institution.name, institution.code, draft.seal_id},
                                              Use::kDocumentSigning,
                                              Days(now, -180),
                                              Years(now, 5)},
                                             KeyAlgorithm::kSm2, &hierarchy.signer_intermediate));
  draft.signer_certificates = {made.signer.certificate};
  const std::string info = SealInfo(draft);
  made.seal = FinishSeal(info, hierarchy.maker.certificate, SignWith(hierarchy.maker.key, info));
  ASSIGN_OR_RETURN(const ElectronicSeal seal, ParseElectronicSeal(made.seal));
  if (!SealSignatureHolds(seal)) {
    return certs::Error(absl::StatusCode::kInternal, "DEV_PKI", "making a seal: signature");
  }
  return made;
}

absl::StatusOr<Identity> MakeTlsAuthority(absl::Time now) {
  return MakeAuthority("TLS CA", Years(now, -1), Years(now, 10), KeyAlgorithm::kP256, nullptr);
}

absl::StatusOr<Identity> MakeTlsIdentity(const Identity& authority, absl::string_view role,
                                         absl::Time now) {
  return MakeIdentity(
      {{kAuthorityName, "", std::string(role)}, Use::kTls, Days(now, -30), Years(now, 5)},
      KeyAlgorithm::kP256, &authority);
}

}  // namespace birthseal::signer::devpki
