#include "store/engine.h"

#include "certs/errors.h"

namespace birthseal::store {

absl::StatusOr<std::string> Engine::Checkpoint(const std::string& /*directory*/) const {
  return certs::Error(absl::StatusCode::kUnimplemented, "STORE_NOT_ON_DISK",
                      "this store keeps nothing on disk that could be copied");
}

}  // namespace birthseal::store
