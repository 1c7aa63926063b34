// SPDX-License-Identifier: Apache-2.0
// Approvals (审批): who signed which digest, in which role. Only the verifier makes a
// VerifiedApproval, so whoever holds one knows that it was checked.
//
// Thread-safe. A VerifiedApproval shares its operator, and is immutable.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {

// An operator as registered: who may approve or seal for which institution.
struct Operator {
  std::string id;
  std::string institution_code;
  bool may_issue = false;  // 签发人员
  bool may_seal = false;   // 盖章人员
  bool active = false;
  std::shared_ptr<const PublicKey> key;
};

enum class ApprovalRole { kIssuer, kSealer };
// "issuer", "sealer": as fields of requests are called.
absl::string_view NameOf(ApprovalRole role);

class VerifiedApproval {
 public:
  const Operator& who() const { return *who_; }
  ApprovalRole role() const { return role_; }
  const std::string& institution_code() const { return who_->institution_code; }
  const certs::Digest& digest() const { return digest_; }

 private:
  friend class ApprovalVerifier;
  VerifiedApproval(std::shared_ptr<const Operator> who, ApprovalRole role,
                   const certs::Digest& digest)
      : who_(std::move(who)), role_(role), digest_(digest) {}
  std::shared_ptr<const Operator> who_;
  ApprovalRole role_;
  certs::Digest digest_;
};

// Two people: neither one registration nor two registrations with one key.
bool OfTwoPeople(const VerifiedApproval& issuer, const VerifiedApproval& sealer);

class ApprovalVerifier {
 public:
  // Role, institution and activity are looked at each time; a signature that this verifier saw hold
  // is not verified again. `signature` is over the 32 bytes of `digest`; `who` may be null.
  // Errors: kFailedPrecondition "APPROVAL_MISSING"; kPermissionDenied "OPERATOR_OTHER_INSTITUTION",
  // "OPERATOR_INACTIVE", "OPERATOR_ROLE"; kUnauthenticated "APPROVAL_SIGNATURE". The field is
  // "issuer" or "sealer".
  absl::StatusOr<VerifiedApproval> Verify(std::shared_ptr<const Operator> who,
                                          absl::string_view signature, ApprovalRole role,
                                          absl::string_view institution_code,
                                          const certs::Digest& digest);
  // Whether this signature was seen to hold.
  bool Remembers(const Operator& who, absl::string_view signature,
                 const certs::Digest& digest) const;

 private:
  bool Holds(const Operator& who, absl::string_view signature, const certs::Digest& digest);
  bool Remembers(const certs::Digest& key) const;
  void Remember(const certs::Digest& key);

  mutable std::mutex mutex_;
  std::set<certs::Digest> held_;  // SM3 of key, digest and signature; bounded
};

}  // namespace birthseal::signer
