// SPDX-License-Identifier: Apache-2.0
#include "store/engine.h"

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::store {

absl::StatusOr<std::string> Engine::Checkpoint(const std::string& /*directory*/) const {
  return certs::Error(absl::StatusCode::kUnimplemented, "STORE_NOT_ON_DISK",
                      "this store keeps nothing on disk that could be copied");
}

absl::Status Engine::Clear(Family family, FenceEpoch fencing_epoch) {
  WriteBatch batch;
  RETURN_IF_ERROR(
      NewSnapshot()->Scan(family, "", "", [&](absl::string_view key, absl::string_view) {
        batch.Erase(family, std::string(key));
        return true;
      }));
  return Commit(batch, fencing_epoch);
}

}  // namespace birthseal::store
