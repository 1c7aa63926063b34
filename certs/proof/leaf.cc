// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/leaf.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kLeafType[] = "birthseal/leaf/v1";
constexpr char kRecoveryType[] = "birthseal/recovery/v1";
constexpr char kProfileType[] = "birthseal/profile-announced/v1";
// The year 10000 begins: no time that is ever written, and seconds and microseconds of it have
// room.
constexpr uint64_t kEndOfMinutes = 4'223'371'680;

}  // namespace

std::string Canonical(const Leaf& leaf) {
  return CanonicalWriter(kLeafType)
      .Number(1, static_cast<uint64_t>(leaf.kind))
      .Number(2, static_cast<uint64_t>(leaf.log_minute))
      .Text(3, leaf.institution_code)
      .Number(4, leaf.status_index)
      .Number(5, leaf.intent_index)
      .Text(6, View(leaf.commitment))
      .Text(7, leaf.detail)
      .Finish();
}

absl::StatusOr<Leaf> ParseLeaf(absl::string_view canonical) {
  CanonicalReader reader(canonical, kLeafType);
  Leaf leaf;
  uint64_t kind = reader.Number(1);
  const uint64_t minute = reader.Number(2);
  leaf.institution_code = reader.Text(3);
  leaf.status_index = reader.Number(4);
  leaf.intent_index = reader.Number(5);
  leaf.commitment = reader.Hash(6);
  leaf.detail = reader.Text(7);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole() || kind < 1 || kind > static_cast<uint64_t>(LeafKind::kClaimAdded)) {
    return Error(absl::StatusCode::kInvalidArgument, "LEAF_FORM",
                 "leaf of unknown kind or without a whole commitment");
  }
  if (minute >= kEndOfMinutes) {
    return Error(absl::StatusCode::kInvalidArgument, "LEAF_FORM", "leaf of no time before 10000");
  }
  leaf.log_minute = static_cast<int64_t>(minute);
  leaf.kind = static_cast<LeafKind>(kind);
  return leaf;
}

std::string Canonical(const Recovery& recovery) {
  return CanonicalWriter(kRecoveryType)
      .Number(1, recovery.old_epoch)
      .Number(2, recovery.kept_size)
      .Text(3, View(recovery.kept_root))
      .Text(4, View(recovery.kept_map_root))
      .Number(5, recovery.lost_size)
      .Text(6, View(recovery.lost_root))
      .Finish();
}

absl::StatusOr<Recovery> ParseRecovery(absl::string_view canonical) {
  CanonicalReader reader(canonical, kRecoveryType);
  Recovery recovery;
  recovery.old_epoch = reader.Number(1);
  recovery.kept_size = reader.Number(2);
  recovery.kept_root = reader.Hash(3);
  recovery.kept_map_root = reader.Hash(4);
  recovery.lost_size = reader.Number(5);
  recovery.lost_root = reader.Hash(6);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole() || recovery.old_epoch == 0 || recovery.lost_size < recovery.kept_size) {
    return Error(absl::StatusCode::kInvalidArgument, "RECOVERY_FORM",
                 "recovery leaf without a whole account of the old log");
  }
  return recovery;
}

std::string Canonical(const ProfileAnnounced& profile) {
  return CanonicalWriter(kProfileType)
      .Text(1, profile.name)
      .Number(2, profile.version)
      .Text(3, View(profile.digest))
      .Finish();
}

absl::StatusOr<ProfileAnnounced> ParseProfileAnnounced(absl::string_view canonical) {
  CanonicalReader reader(canonical, kProfileType);
  ProfileAnnounced profile;
  profile.name = reader.Text(1);
  profile.version = reader.Number(2);
  profile.digest = reader.Hash(3);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole() || profile.name.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "PROFILE_ANNOUNCED_FORM",
                 "announced profile without name or digest");
  }
  return profile;
}

Digest Commit(absl::string_view salt, absl::string_view what) {
  // Salt and content are both length-prefixed by the canonical form, so neither can be shifted
  // into the other.
  return Sm3Of(CanonicalWriter("birthseal/commit/v1").Nested(1, salt).Nested(2, what).Finish());
}

std::string IntentOpening(const Digest& face_digest, absl::string_view licence_id,
                          absl::string_view document_id) {
  return CanonicalWriter("birthseal/intent/v1")
      .Nested(1, View(face_digest))
      .Nested(2, licence_id)
      .Nested(3, document_id)
      .Finish();
}

}  // namespace birthseal::certs
