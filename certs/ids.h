// SPDX-License-Identifier: Apache-2.0
// The ids of newborns, delivery records and cases: 16 random bytes each, made by the caller, for
// life. Each kind has a type of its own, and none becomes another: what is asked of a case is not
// answered of a newborn.
//
// Bytes come in by FromBytes and go out by View, both as they are stored and sent. Plain values,
// thread-safe as such; View is good as long as the id.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace birthseal::certs {

template <class Tag>
class Id;
template <class Tag>
absl::string_view View(const Id<Tag>& id);

template <class Tag>
class Id {
 public:
  static constexpr size_t kSize = 16;

  // All zero: none.
  constexpr Id() = default;
  // Nothing unless the bytes are exactly sixteen.
  [[nodiscard]] static std::optional<Id> FromBytes(absl::string_view bytes) {
    if (bytes.size() != kSize) return std::nullopt;
    Id id;
    std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
    return id;
  }

  bool empty() const { return *this == Id(); }

  friend absl::string_view View<>(const Id& id);
  friend bool operator==(const Id& a, const Id& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const Id& a, const Id& b) { return a.bytes_ != b.bytes_; }
  friend bool operator<(const Id& a, const Id& b) { return a.bytes_ < b.bytes_; }

 private:
  std::array<uint8_t, kSize> bytes_{};
};

template <class Tag>
absl::string_view View(const Id<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes_.data()), id.bytes_.size()};
}

using NewbornId = Id<struct NewbornTag>;
using DeliveryId = Id<struct DeliveryTag>;  // of one record of a delivery
using CaseId = Id<struct CaseTag>;

}  // namespace birthseal::certs
