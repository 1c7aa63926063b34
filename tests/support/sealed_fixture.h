// SPDX-License-Identifier: Apache-2.0
// An in-memory development PKI and complete sealed synthetic certificates, for every test that
// needs a file to verify or to attack. All people and places are invented.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "certs/face.h"
#include "certs/ofd/certificate_document.h"
#include "certs/proof/checkpoint.h"
#include "signer/devpki/dev_pki.h"
#include "signer/sealing/document_sealer.h"
#include "signer/sealing/key_provider.h"
#include "signer/sealing/seal_plan.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::tests {

inline constexpr char kTestLogName[] = "log.birthseal.example";
// Of the cases of these fixtures: it asks for the documents of both parents.
inline constexpr char kTestProfile[] = "test";

// Time of every fixture: 2026-06-01 02:03:04 UTC.
absl::Time FixtureNow();

struct TestPki {
  signer::devpki::Hierarchy hierarchy;
  signer::devpki::Institution institution;
  signer::devpki::InstitutionIdentity identity;  // seal and its key, as a thief would have them
  std::shared_ptr<const signer::InstitutionSeal> seal;
  std::shared_ptr<const signer::PrivateKey> log_key, issuer_key, sealer_key;  // SM2, SM2, P-256
  signer::Operator issuer, sealer;
  certs::NoteVerifier log_verifier;

  // Anchors of this PKI alone; makers, signers and log.
  signer::VerifierTrust Trust() const;
};

// A new PKI; a failure ends the test program.
TestPki MakeTestPki();
// One for the whole test program.
const TestPki& SharedPki();
// An institution's seal as the maker would deliver it, opened.
std::shared_ptr<const signer::InstitutionSeal> OpenSeal(
    const signer::devpki::InstitutionIdentity& identity);

// A valid face issued by the PKI's institution.
certs::Face SyntheticFace(const TestPki& pki);

// What a plan asks for besides the approvals: evidence, and a receipt of a two-leaf log.
signer::SealEvidence CompleteEvidence(const TestPki& pki, const certs::Face& face);

// Approvals as they are handed in, not yet verified.
struct GivenApproval {
  std::string operator_id, signature;
};
struct GivenApprovals {
  GivenApproval issuer, sealer;
};
GivenApprovals ApprovalsOf(const TestPki& pki, const certs::Face& face);
// The receipt of `evidence` again, under another log key or for another face.
certs::Receipt MakeReceipt(const certs::ReceiptSubject& subject, absl::string_view institution_code,
                           const std::shared_ptr<const signer::PrivateKey>& log_key);

// What a renderer is given for this evidence.
certs::ofd::DocumentInput InputFor(const signer::SealEvidence& evidence);
// The certificate as the service would render it.
certs::ofd::Draft RenderedDraft(const signer::SealEvidence& evidence);
// The fonts of Debian's packages, loaded once, and who draws with them.
std::shared_ptr<const certs::ofd::FontSet> TestFonts();
const certs::ofd::Renderer& SharedRenderer();

// A register of people as a test puts them there; null is answered as it stands.
class MapOperators : public signer::OperatorRegister {
 public:
  absl::StatusOr<std::shared_ptr<const signer::Operator>> Find(absl::string_view id) override;
  std::map<std::string, std::shared_ptr<const signer::Operator>, std::less<>> people;
};

// Seals by the code of their institution, likewise.
class MapKeyProvider : public signer::KeyProvider {
 public:
  absl::StatusOr<std::shared_ptr<const signer::InstitutionSeal>> SealOf(
      absl::string_view code) override;
  std::map<std::string, std::shared_ptr<const signer::InstitutionSeal>, std::less<>> seals;
};

// A sealer of its own with all that it trusts: at first people, seal and log of one PKI, and
// kTestProfile.
struct TestSealer {
  explicit TestSealer(const TestPki& pki) : TestSealer(pki, pki.log_verifier) {}
  TestSealer(const TestPki& pki, certs::NoteVerifier log_key);

  // The approvals are verified, then the seal is planned.
  absl::StatusOr<signer::SealPlan> Plan(const GivenApprovals& given,
                                        const signer::SealEvidence& evidence);
  // Renders the plan and seals it with this seal.
  absl::StatusOr<signer::SealedDocument> Seal(signer::SealPlan plan,
                                              const signer::OpenedSeal& seal);
  // This seal.
  absl::StatusOr<signer::OpenedSeal> Open(std::shared_ptr<const signer::InstitutionSeal> seal);

  MapOperators operators;
  MapKeyProvider keys;
  signer::ApprovalVerifier approvals{&operators};
  std::map<std::string, certs::Profile> profiles;
  signer::DocumentSealer sealer;
};

struct SealedCertificate {
  signer::SealEvidence evidence;
  signer::SealedDocument document;
};
// A complete certificate; verify it with SharedPki().Trust() at FixtureNow().
const SealedCertificate& SharedSealedCertificate();
// The page of this evidence under the PKI's seal, by a sealer of its own.
signer::SealedDocument SealCertificate(const TestPki& pki, const signer::SealEvidence& evidence);

}  // namespace birthseal::tests
