// SPDX-License-Identifier: Apache-2.0
// The development PKI, in memory: SM2 hierarchies of seal makers and of signers, institution
// seals, operators, TLS identities. For demonstrations and tests; production certificates come
// from a licensed CA.
//
// Dates are consistent: roots are older than intermediates, the maker's certificate is older than
// the seals, everything covers `now` and some years. Time is an argument. Thread-safe: pure.
// Errors: kInternal names the step.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "signer/sealing/sm2_sign.h"

namespace birthseal::signer::devpki {

struct Identity {
  std::string certificate;  // DER
  std::shared_ptr<const PrivateKey> key;
};

struct SubjectName {
  std::string organization, unit, common_name;  // empty: left out; C is always CN
};

// What the certificate may be used for: its basicConstraints, keyUsage and names.
enum class Use {
  kAuthority,        // CA:TRUE, keyCertSign and cRLSign
  kDocumentSigning,  // no basicConstraints; digitalSignature and nonRepudiation
  kTls,              // serverAuth and clientAuth; localhost and 127.0.0.1
};

struct CertificateRequest {
  SubjectName subject;
  Use use = Use::kDocumentSigning;
  absl::Time not_before, not_after;
};

// A certificate for `key`, by `issuer`; null: self-signed.
absl::StatusOr<std::string> MakeCertificate(const CertificateRequest& request,
                                            const PrivateKey& key, const Identity* issuer);
// The same with a new key.
absl::StatusOr<Identity> MakeIdentity(const CertificateRequest& request, KeyAlgorithm algorithm,
                                      const Identity* issuer);

// From the system's random source.
std::string RandomBytes(size_t length);

std::string CertificatePem(absl::string_view der);
std::string PrivateKeyPem(const PrivateKey& key);  // PKCS#8
std::string PublicKeyPem(const PrivateKey& key);   // SubjectPublicKeyInfo

// An Ed25519 key pair: the log's second key, keys of witnesses.
struct Ed25519Pem {
  std::string private_key;  // PKCS#8
  std::string public_key;   // SubjectPublicKeyInfo
};
absl::StatusOr<Ed25519Pem> MakeEd25519Key();

// Two hierarchies, so that no signer certificate chains to an anchor of makers.
struct Hierarchy {
  Identity maker_root, maker_intermediate, maker;
  Identity signer_root, signer_intermediate;
  std::string MakersPem() const;   // trust/seal-makers.pem: intermediate and root
  std::string SignersPem() const;  // trust/signers.pem
};
absl::StatusOr<Hierarchy> MakeHierarchy(absl::Time now);

struct Institution {
  std::string code;  // USCC
  std::string name, county;
  bool managing = false;  // a county managing institution: 出生医学证明补发专用章
};

struct InstitutionIdentity {
  Identity signer;
  std::string seal;  // SESeal DER, signed by the maker
};
absl::StatusOr<InstitutionIdentity> MakeInstitutionSeal(const Hierarchy& hierarchy,
                                                        const Institution& institution,
                                                        absl::Time now);

// A P-256 authority for TLS, and one identity for client and server use under it.
absl::StatusOr<Identity> MakeTlsAuthority(absl::Time now);
absl::StatusOr<Identity> MakeTlsIdentity(const Identity& authority, absl::string_view role,
                                         absl::Time now);

}  // namespace birthseal::signer::devpki
