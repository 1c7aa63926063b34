// SPDX-License-Identifier: Apache-2.0
// Plans a seal, renders the page of the plan and seals it (GB/T 38540 inside GB/T 33190 clause 18):
// whole-protected, SES V4.
//
// A document sealer owns what it trusts: who verifies approvals, which log key signs receipts, what
// the profiles say, who draws the page, whose keys sign. Whoever makes one decides that; plans and
// opened seals of one are nothing to another, so people, logs or seals of somebody's own lead
// nowhere. Only the wiring has a key provider to make one with (tests/architecture/layers.json).
//
// Each licence is sealed in one look: sealing again, after a commit that failed, says the same.
//
// A seal covers every file of the package but Signature.xml and SignedValue.dat, Signatures.xml and
// Seal.esl included. The constant seal prefix of TBS_Sign is hashed once per seal. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/package.h"
#include "certs/profile.h"
#include "certs/proof/checkpoint.h"
#include "signer/sealing/approval.h"
#include "signer/sealing/maker_mark.h"
#include "signer/sealing/seal_plan.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/seal_book.h"

namespace birthseal::signer {

class KeyProvider;
class SealedLooks;

struct SealedDocument {
  std::vector<certs::ofd::PartPtr> parts;  // in the order of the package
  std::string file;                        // WritePackage(parts)
  certs::Digest digest{};                  // SM3 of `file`
  certs::Digest to_be_signed_digest{};     // SM3 of TBS_Sign: the signer's journal
};

// What everybody may know of an opened seal, read once: to decode a certificate and to hash the
// picture takes longer than every check of them.
struct SealFacts {
  PublicSeal seal;
  certs::Digest digest{};  // SM3 of the seal's bytes, by which it is enrolled
  CertificateFacts certificate;
};

// The seal and its certificate are valid at `at`, belong together and are of this institution.
// Errors: kFailedPrecondition "SEAL_NOT_VALID_NOW", "SEAL_CERTIFICATE_NOT_VALID_NOW",
// "SEAL_CERTIFICATE_NOT_LISTED", "SEAL_OF_OTHER_INSTITUTION".
absl::Status CheckSealFits(const SealFacts& facts, absl::string_view institution_code,
                           absl::string_view institution_name, absl::Time at);

// An institution's seal, opened by one document sealer and of use to that one alone: it shows what
// is public and holds the key closed. Cheap to copy; shares what it holds. Thread-safe: immutable.
class OpenedSeal {
 public:
  // Copied, never moved: none is empty.
  OpenedSeal(const OpenedSeal&) = default;
  OpenedSeal& operator=(const OpenedSeal&) = default;
  const SealFacts& facts() const;

 private:
  friend class DocumentSealer;
  struct Held;
  OpenedSeal(std::shared_ptr<const Held> held, const MakerMark& maker)
      : held_(std::move(held)), maker_(maker) {}
  std::shared_ptr<const Held> held_;
  MakerMark maker_;
};

// What a document sealer is made with. None is null but the log key, without which no seal is
// planned; all of it outlives it.
struct SealerTrust {
  KeyProvider* keys;
  const ApprovalVerifier* approvals;
  certs::NoteVerifier log_key;
  const std::map<std::string, certs::Profile>* profiles;  // by name
  const certs::ofd::Renderer* renderer;
};

class DocumentSealer {
 public:
  explicit DocumentSealer(SealerTrust with);
  DocumentSealer(const DocumentSealer&) = delete;
  ~DocumentSealer();

  // Errors: those of the key provider; kInternal "SEAL_NOT_OPEN"; the certificate cannot be read.
  absl::StatusOr<OpenedSeal> Open(absl::string_view institution_code) const;

  // All that Plan asks but the receipt and the time: what can be known before anything is reserved.
  // Errors: kUnavailable "PROFILE_UNKNOWN"; kInvalidArgument "SEAL_KIND"; kFailedPrecondition
  // "EVIDENCE_MISSING" with the kind as field; kPermissionDenied "APPROVAL_OF_ANOTHER" an approval
  // that is not of its own verifier or not of this role, institution and face,
  // "SAME_PERSON_MAY_NOT_SEAL".
  absl::Status CheckGrounds(const SealEvidence& evidence, const VerifiedApproval& issuer,
                            const VerifiedApproval& sealer) const;

  // Errors: those of CheckGrounds; kInvalidArgument "SEAL_SIGNING_TIME", "SEAL_PREDECESSOR";
  // kInternal "SEALED_BEFORE" it has sealed this licence in another look (sealed_looks.h);
  // kDataLoss, kInvalidArgument, kUnauthenticated the receipt, "RECEIPT_OTHER_PLACE" among them.
  absl::StatusOr<SealPlan> Plan(const SealEvidence& evidence, const VerifiedApproval& issuer,
                                const VerifiedApproval& sealer) const;

  // Draws the page of the plan. Errors: kInternal "SEAL_PLAN_SPENT", "SEAL_PLAN_OF_ANOTHER" of
  // another document sealer; those of the renderer.
  absl::StatusOr<RenderedPlan> Render(SealPlan plan) const;

  // Spends the plan. Errors: kInternal "SEAL_PLAN_SPENT", "SEAL_PLAN_OF_ANOTHER" and
  // "SEAL_OPENED_BY_ANOTHER" of another one, "SEALED_BEFORE" as Plan, "SEAL_SIGNING"; those of
  // CheckSealFits.
  absl::StatusOr<SealedDocument> Seal(RenderedPlan rendered, const OpenedSeal& seal) const;

 private:
  struct State;
  absl::StatusOr<const certs::Profile*> ProfileOf(const SealEvidence& evidence) const;
  absl::Status CheckOwn(const SealPlan& plan) const;
  absl::Status CheckUse(const SealPlan& plan, const OpenedSeal& seal) const;

  const SealerTrust with_;
  const MakerMark mark_;
  const std::unique_ptr<State> state_;        // of the seals that were opened
  const std::unique_ptr<SealedLooks> looks_;  // of what was sealed
};

}  // namespace birthseal::signer
