// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/compare.h"

#include "certs/errors.h"
#include "certs/proof/merkle.h"

namespace birthseal::witness {

absl::StatusOr<Comparison> Compare(const certs::Checkpoint& a, const certs::Checkpoint& b,
                                   const std::optional<std::vector<certs::Digest>>& path) {
  if (a.head.origin != b.head.origin) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "CHECKPOINTS_OF_DIFFERENT_LOGS",
                        "the checkpoints are of different logs or epochs", "",
                        "两个检查点不属于同一日志纪元");
  }
  const certs::TreeHead& small = a.head.size <= b.head.size ? a.head : b.head;
  const certs::TreeHead& large = a.head.size <= b.head.size ? b.head : a.head;
  if (small.size == large.size) {
    const bool same = small.root == large.root && small.map_root == large.map_root;
    return same ? Comparison::kConsistent : Comparison::kForked;
  }
  if (small.time > large.time) return Comparison::kRolledBack;
  if (!path) return Comparison::kNotShown;
  const absl::Status held =
      certs::CheckConsistency(small.size, small.root, large.size, large.root, *path);
  return held.ok() ? Comparison::kConsistent : Comparison::kNotShown;
}

}  // namespace birthseal::witness
