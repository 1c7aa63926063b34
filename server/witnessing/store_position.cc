// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/store_position.h"

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/leaf.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr char kMend[] = "; bring it forward with: birthseald restore --forward --config FILE";
constexpr char kMendZh[] = "；请执行 birthseald restore --forward --config FILE 补齐后再启动";

absl::Status Behind(absl::string_view what) {
  return certs::Error(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND",
                      absl::StrCat("the store is behind what was signed for: ", what, kMend),
                      "store.directory", absl::StrCat("数据库落后于已签署的日志检查点", kMendZh));
}

absl::Status Forked(absl::string_view what) {
  return certs::Error(
      absl::StatusCode::kFailedPrecondition, "STORE_FORKED",
      absl::StrCat("the store holds another history than was signed for: ", what, kMend),
      "store.directory", absl::StrCat("数据库与已签署的日志检查点不一致", kMendZh));
}

// The mark lies in the log as it stands.
absl::Status CheckSameEpoch(const certs::TreeHead& mark, const storage::v1::Meta& meta,
                            const store::Snapshot& snapshot) {
  if (meta.log_size() < mark.size) {
    return Behind(absl::StrCat("it has ", meta.log_size(), " leaves of the log, ", mark.size,
                               " were signed for"));
  }
  ASSIGN_OR_RETURN(const certs::Digest root,
                   store::RootAt(mark.size, store::StoredNodes(&snapshot, meta.log_epoch())));
  if (root != mark.root) {
    return Forked(absl::StrCat("another root of the first ", mark.size, " leaves"));
  }
  if (meta.log_size() == mark.size && store::MapRootOf(meta) != mark.map_root) {
    return Forked(absl::StrCat("another uniqueness map at ", mark.size, " leaves"));
  }
  return absl::OkStatus();
}

absl::StatusOr<certs::Recovery> RecoveryOf(uint64_t epoch, const store::Snapshot& snapshot) {
  const absl::StatusOr<std::string> bytes =
      snapshot.Get(store::Family::kLeaves,
                   store::IndexKey(store::PlaceOf(certs::LogEpoch(epoch), certs::LeafIndex(0))));
  if (absl::IsNotFound(bytes.status())) {
    return Behind(absl::StrCat("log epoch ", epoch, " does not begin with a RECOVERY"));
  }
  RETURN_IF_ERROR(bytes.status());
  ASSIGN_OR_RETURN(const certs::Leaf leaf, certs::ParseLeaf(*bytes));
  if (leaf.kind != certs::LeafKind::kRecovery) {
    return Forked(absl::StrCat("log epoch ", epoch, " does not begin with a RECOVERY"));
  }
  return certs::ParseRecovery(leaf.detail);
}

// The mark is of an epoch that a recovery ended since.
absl::Status CheckEndedEpoch(const certs::TreeHead& mark, uint64_t epoch,
                             const store::Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const certs::Recovery recovery, RecoveryOf(epoch + 1, snapshot));
  if (recovery.old_epoch != epoch) {
    return Forked(absl::StrCat("the RECOVERY of log epoch ", epoch + 1, " ends another epoch"));
  }
  const store::NodeReader nodes = store::StoredNodes(&snapshot, epoch);
  ASSIGN_OR_RETURN(const certs::Digest kept, store::RootAt(recovery.kept_size, nodes));
  if (kept != recovery.kept_root) {
    return Forked(absl::StrCat("log epoch ", epoch, " is not what its RECOVERY kept"));
  }
  if (mark.size <= recovery.kept_size) {
    ASSIGN_OR_RETURN(const certs::Digest root, store::RootAt(mark.size, nodes));
    if (root == mark.root) return absl::OkStatus();
    return Forked(
        absl::StrCat("another root of the first ", mark.size, " leaves of epoch ", epoch));
  }
  if (recovery.lost_size < mark.size) {
    return Behind(absl::StrCat("the RECOVERY of log epoch ", epoch + 1, " names ",
                               recovery.lost_size, " leaves as lost, ", mark.size,
                               " were signed for"));
  }
  if (recovery.lost_size == mark.size && recovery.lost_root != mark.root) {
    return Forked("the RECOVERY names another root as lost");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStorePosition(const certs::TreeHead& mark, absl::string_view log_name,
                                const store::Snapshot& snapshot) {
  if (mark.size == 0) return absl::OkStatus();
  const absl::StatusOr<certs::LogEpoch> marked = certs::EpochOf(mark.origin, log_name);
  if (!marked.ok()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "HIGH_WATER_OTHER_LOG",
                        absl::StrCat("keys.high_water_file: it is of the log ", mark.origin),
                        "keys.high_water_file", "高水位标记文件属于另一日志");
  }
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, store::MetaOf(snapshot));
  const uint64_t epoch = marked->value();
  if (epoch == meta.log_epoch()) return CheckSameEpoch(mark, meta, snapshot);
  if (epoch < meta.log_epoch()) return CheckEndedEpoch(mark, epoch, snapshot);
  return Behind(
      absl::StrCat("it is in log epoch ", meta.log_epoch(), ", epoch ", epoch, " was signed for"));
}

}  // namespace birthseal::server
