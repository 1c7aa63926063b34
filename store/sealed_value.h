// SPDX-License-Identifier: Apache-2.0
// Values with personal data at rest: SM4-GCM under a key of their own, itself wrapped by the
// key-encryption key, both bound to the place of the value (family and key) by associated data.
//
// Thread-safe. Errors: kDataLoss the value was altered or moved.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/families.h"

namespace birthseal::store {

class ValueSealer {
 public:
  // `key_encryption_key` is 16 bytes.
  explicit ValueSealer(absl::string_view key_encryption_key);
  ~ValueSealer();
  // zstd-compressed first when that is smaller.
  std::string Seal(Family family, absl::string_view key, absl::string_view value) const;
  absl::StatusOr<std::string> Open(Family family, absl::string_view key,
                                   absl::string_view sealed) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::store
