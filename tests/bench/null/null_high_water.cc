// SPDX-License-Identifier: Apache-2.0
// Nothing is remembered of what was signed.
#include "server/witnessing/high_water.h"

#include <utility>

namespace birthseal::server {

HighWater::HighWater(int descriptor, uint64_t sequence, certs::TreeHead head)
    : descriptor_(descriptor), sequence_(sequence), head_(std::move(head)) {}
HighWater::~HighWater() = default;
absl::StatusOr<std::unique_ptr<HighWater>> HighWater::Open(const std::string&) {
  return std::unique_ptr<HighWater>(new HighWater(-1, 0, {}));
}
absl::StatusOr<std::unique_ptr<HighWater>> HighWater::Create(const std::string&,
                                                             const certs::TreeHead&) {
  return std::unique_ptr<HighWater>(new HighWater(-1, 0, {}));
}
absl::Status HighWater::Raise(const certs::TreeHead&) { return absl::OkStatus(); }

}  // namespace birthseal::server
