#include "server/read_log.h"

#include <algorithm>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr int kMaxLeaves = 1024;

absl::Status OutOfRange(absl::string_view field) {
  return certs::Error(absl::StatusCode::kOutOfRange, "LOG_RANGE", "the log is not that long",
                      field);
}

}  // namespace

absl::StatusOr<std::string> GetCheckpoint(const Services& services) {
  ASSIGN_OR_RETURN(SignedRoot newest, services.checkpoints.Newest(kPatience));
  return std::move(newest.checkpoint);
}

absl::StatusOr<std::vector<std::string>> ListLeaves(const Services& services, uint64_t first,
                                                    int count) {
  if (count < 1 || count > kMaxLeaves) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "LEAF_COUNT", "1 to 1024 leaves",
                        "count");
  }
  const uint64_t size = services.ledger.Head().size;
  if (first >= size) return OutOfRange("first");
  return services.registry.Leaves(first, std::min<uint64_t>(count, size - first));
}

absl::StatusOr<InclusionProof> GetInclusionProof(const Services& services, uint64_t leaf_index,
                                                 uint64_t tree_size) {
  InclusionProof proof;
  proof.tree_size = tree_size;
  if (tree_size == 0) {  // the newest signed, so that a checkpoint of this size exists
    ASSIGN_OR_RETURN(const SignedRoot newest, services.checkpoints.Newest(kPatience));
    proof.tree_size = newest.size;
  }
  if (proof.tree_size > services.ledger.Head().size) return OutOfRange("tree_size");
  if (leaf_index >= proof.tree_size) return OutOfRange("leaf_index");
  ASSIGN_OR_RETURN(proof.path, services.registry.InclusionPath(leaf_index, proof.tree_size));
  ASSIGN_OR_RETURN(std::vector<std::string> leaves, services.registry.Leaves(leaf_index, 1));
  if (leaves.empty()) return OutOfRange("leaf_index");
  proof.leaf = std::move(leaves.front());
  return proof;
}

}  // namespace birthseal::server
