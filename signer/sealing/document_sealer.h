// SPDX-License-Identifier: Apache-2.0
// Seals a rendered draft (GB/T 38540 inside GB/T 33190 clause 18): whole-protected, SES V4.
//
// Covers every file of the package but Signature.xml and SignedValue.dat, Signatures.xml and
// Seal.esl included. The constant seal prefix of TBS_Sign is hashed once per seal.
// Thread-safe. Errors: kInternal a spent plan or a draft of another face; kFailedPrecondition the
// seal or its certificate is not valid now, or its name is not the institution's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/package.h"
#include "signer/sealing/key_provider.h"
#include "signer/sealing/seal_plan.h"
#include "signer/verify/certificate_facts.h"

namespace birthseal::signer {

struct SealedDocument {
  std::vector<certs::ofd::PartPtr> parts;  // in the order of the package
  std::string file;                        // WritePackage(parts)
  certs::Digest digest{};                  // SM3 of `file`
  certs::Digest to_be_signed_digest{};     // SM3 of TBS_Sign: the signer's journal
};

// What an opened seal is, read once: to decode a certificate and to hash the picture takes longer
// than every check of them.
struct KnownSeal {
  std::shared_ptr<const InstitutionSeal> seal;
  certs::Digest digest{};  // SM3 of the seal's bytes, by which it is enrolled
  CertificateFacts certificate;
};

// The seal and its certificate are valid at `at`, belong together and are of this institution.
// Errors: kFailedPrecondition "SEAL_NOT_VALID_NOW", "SEAL_CERTIFICATE_NOT_VALID_NOW",
// "SEAL_CERTIFICATE_NOT_LISTED", "SEAL_OF_OTHER_INSTITUTION".
absl::Status CheckSealFits(const KnownSeal& known, absl::string_view institution_code,
                           absl::string_view institution_name, absl::Time at);

class DocumentSealer {
 public:
  DocumentSealer();
  ~DocumentSealer();
  // Errors: the certificate cannot be read.
  absl::StatusOr<std::shared_ptr<const KnownSeal>> Know(
      const std::shared_ptr<const InstitutionSeal>& seal) const;
  // Spends the plan.
  absl::StatusOr<SealedDocument> Seal(SealPlan plan, const certs::ofd::Draft& draft,
                                      const std::shared_ptr<const InstitutionSeal>& seal) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::signer
