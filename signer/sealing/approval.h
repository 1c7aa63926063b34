// SPDX-License-Identifier: Apache-2.0
// Approvals (审批): who signed which digest, in which role. Only a verifier makes a
// VerifiedApproval, of a person whom its register knows, so whoever holds one knows that it was
// checked, and by whom.
//
// Thread-safe. A VerifiedApproval shares its operator, and is immutable.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "signer/sealing/held_signatures.h"
#include "signer/sealing/maker_mark.h"
#include "signer/sealing/operator_register.h"

namespace birthseal::signer {

class ApprovalVerifier;

enum class ApprovalRole { kIssuer, kSealer };
// "issuer", "sealer": as fields of requests are called.
absl::string_view NameOf(ApprovalRole role);

class VerifiedApproval {
 public:
  const Operator& who() const { return *who_; }
  ApprovalRole role() const { return role_; }
  const std::string& institution_code() const { return who_->institution_code; }
  const certs::Digest& digest() const { return digest_; }
  // This verifier made it, and so its register knew the person.
  bool IsBy(const ApprovalVerifier& verifier) const;

 private:
  friend class ApprovalVerifier;
  VerifiedApproval(std::shared_ptr<const Operator> who, ApprovalRole role,
                   const certs::Digest& digest, const MakerMark& maker)
      : who_(std::move(who)), role_(role), digest_(digest), maker_(maker) {}
  std::shared_ptr<const Operator> who_;
  ApprovalRole role_;
  certs::Digest digest_;
  MakerMark maker_;
};

// Two people: neither one registration nor two registrations with one key.
bool OfTwoPeople(const VerifiedApproval& issuer, const VerifiedApproval& sealer);

class ApprovalVerifier {
 public:
  // `operators` outlives the verifier.
  explicit ApprovalVerifier(OperatorRegister* operators) : operators_(*operators) {}

  // The person is looked up, and role, institution and activity are looked at, each time; a
  // signature that this verifier saw hold is not verified again. `signature` is over the 32 bytes
  // of `digest`. Errors: kPermissionDenied "OPERATOR_UNKNOWN", "OPERATOR_OTHER_INSTITUTION",
  // "OPERATOR_INACTIVE", "OPERATOR_ROLE"; kFailedPrecondition "APPROVAL_MISSING" the register
  // answers with nobody; kUnauthenticated "APPROVAL_SIGNATURE": the field is "issuer" or "sealer".
  // Other errors of the register, as they are.
  absl::StatusOr<VerifiedApproval> Verify(absl::string_view operator_id,
                                          absl::string_view signature, ApprovalRole role,
                                          absl::string_view institution_code,
                                          const certs::Digest& digest);

 private:
  friend class VerifiedApproval;
  absl::StatusOr<std::shared_ptr<const Operator>> Find(absl::string_view id, ApprovalRole role);

  OperatorRegister& operators_;
  const MakerMark mark_;
  HeldSignatures held_;
};

}  // namespace birthseal::signer
