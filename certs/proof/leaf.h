// SPDX-License-Identifier: Apache-2.0
// Leaves of the transparency log: what they say and what they commit to.
//
// A leaf names an event, the minute, the institution and the status index, and commits with a
// salt to everything personal. No certificate number, licence identifier or map label is in it.
// Encoding: canonical.h, type "birthseal/leaf/v1". Pure functions over bytes; thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

// Values are persisted.
enum class LeafKind : uint8_t {
  kIntent = 1,     // a face is fixed and may be sealed once
  kIssued = 2,     // the committed document of an intent
  kVoided = 3,     // a certificate ended: exchanged, replaced or revoked
  kCancelled = 4,  // an intent given up by two people
  kSealEnrolled = 5,
  kSealSuspended = 6,
  kOperatorChanged = 7,
  kProfileChanged = 8,
  kRecovery = 9,     // first leaf of a new log epoch
  kClaimAdded = 10,  // further facts now lead to a certificate in force (uniqueness map)
};

struct Leaf {
  LeafKind kind = LeafKind::kIntent;
  int64_t log_minute = 0;        // ledger time, minutes since 1970 UTC
  std::string institution_code;  // USCC; empty for events of the service
  uint64_t status_index = 0;     // from 1, dense but for recoveries; 0: none
  uint64_t intent_index = 0;     // ISSUED, CANCELLED: the leaf index of the INTENT + 1
  Digest commitment{};           // salted, see Commit
  std::string detail;            // RECOVERY, PROFILE_CHANGED: canonical bytes, public; else empty
};

// What a RECOVERY leaf says: where the log before it ends, and what is known to be missing.
// Canonical "birthseal/recovery/v1".
struct Recovery {
  uint64_t old_epoch = 0;
  uint64_t kept_size = 0;  // leaves of the old epoch that are still there
  Digest kept_root{}, kept_map_root{};
  uint64_t lost_size = 0;  // leaves [kept_size, lost_size) were signed for and are lost
  Digest lost_root{};      // root of the old log at lost_size
};
std::string Canonical(const Recovery& recovery);
absl::StatusOr<Recovery> ParseRecovery(absl::string_view canonical);

// What a PROFILE_CHANGED leaf says. Canonical "birthseal/profile-announced/v1".
struct ProfileAnnounced {
  std::string name;
  uint64_t version = 0;
  Digest digest{};  // SM3 of the profile file
};
std::string Canonical(const ProfileAnnounced& profile);
absl::StatusOr<ProfileAnnounced> ParseProfileAnnounced(absl::string_view canonical);

std::string Canonical(const Leaf& leaf);
absl::StatusOr<Leaf> ParseLeaf(absl::string_view canonical);

// SM3 of the canonical record "birthseal/commit/v1" {1 salt, 2 what}. `salt` is 16 bytes or more.
// INTENT commits to FaceDigest || licence identifier || document id; ISSUED to SM3 of the file;
// VOIDED to the reason; CLAIM_ADDED to the label; RECOVERY and PROFILE_CHANGED, without salt, to
// their detail; the others to the digest of their record.
Digest Commit(absl::string_view salt, absl::string_view what);
// What an INTENT commits to, in one piece: canonical "birthseal/intent/v1".
std::string IntentOpening(const Digest& face_digest, absl::string_view licence_id,
                          absl::string_view document_id);

}  // namespace birthseal::certs
