// SPDX-License-Identifier: Apache-2.0
// A snapshot that shows each value it reads to a hook, which may alter it. Belongs to one thread if
// the hook does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "certs/status_macros.h"
#include "store/engine.h"

namespace birthseal::tests {

class AlteredSnapshot : public store::Snapshot {
 public:
  using Hook = std::function<void(store::Family, const std::string& key, std::string* value)>;
  AlteredSnapshot(std::unique_ptr<store::Snapshot> below, Hook hook)
      : below_(std::move(below)), hook_(std::move(hook)) {}

  absl::StatusOr<std::string> Get(store::Family family, absl::string_view key) const override {
    absl::StatusOr<std::string> value = below_->Get(family, key);
    if (value.ok()) hook_(family, std::string(key), &*value);
    return value;
  }
  absl::Status Scan(
      store::Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    return below_->Scan(family, prefix, from, [&](absl::string_view key, absl::string_view stored) {
      std::string value(stored);
      hook_(family, std::string(key), &value);
      return visit(key, value);
    });
  }

 private:
  const std::unique_ptr<store::Snapshot> below_;
  const Hook hook_;
};

}  // namespace birthseal::tests
