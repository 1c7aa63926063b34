#include "certs/proof/leaf.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kLeafType[] = "birthseal/leaf/v1";

}  // namespace

std::string Canonical(const Leaf& leaf) {
  return CanonicalWriter(kLeafType)
      .Number(1, static_cast<uint64_t>(leaf.kind))
      .Number(2, static_cast<uint64_t>(leaf.log_minute))
      .Text(3, leaf.institution_code)
      .Number(4, leaf.status_index)
      .Number(5, leaf.intent_index)
      .Text(6, View(leaf.commitment))
      .Finish();
}

absl::StatusOr<Leaf> ParseLeaf(absl::string_view canonical) {
  CanonicalReader reader(canonical, kLeafType);
  Leaf leaf;
  uint64_t kind = reader.Number(1);
  leaf.log_minute = static_cast<int64_t>(reader.Number(2));
  leaf.institution_code = reader.Text(3);
  leaf.status_index = reader.Number(4);
  leaf.intent_index = reader.Number(5);
  bool whole = DigestFrom(reader.Text(6), &leaf.commitment);
  RETURN_IF_ERROR(reader.Finish());
  if (!whole || kind < 1 || kind > static_cast<uint64_t>(LeafKind::kRecovery)) {
    return Error(absl::StatusCode::kInvalidArgument, "LEAF_FORM",
                 "leaf of unknown kind or without a whole commitment");
  }
  leaf.kind = static_cast<LeafKind>(kind);
  return leaf;
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
