// SPDX-License-Identifier: Apache-2.0
// Ids for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/ids.h"
#include "gtest/gtest.h"

namespace birthseal::tests {

// The id that a record holds. Fails the test when it holds none.
template <class Id>
Id IdIn(absl::string_view bytes) {
  const std::optional<Id> id = Id::FromBytes(bytes);
  EXPECT_TRUE(id.has_value()) << bytes.size() << " bytes";
  return id.value_or(Id());
}

// Begins with these bytes; the others are zero.
template <class Id>
Id IdOf(const std::vector<uint8_t>& first) {
  std::string bytes(first.begin(), first.end());
  bytes.resize(Id::kSize, '\0');
  return *Id::FromBytes(bytes);
}

}  // namespace birthseal::tests
