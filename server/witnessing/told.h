// SPDX-License-Identifier: Apache-2.0
// When the background tells of what it could not do: when it first fails, when the reason changes,
// and once more each hour while it goes on. Told at each try, nobody would read it.
// Not thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::server {

class Told {
 public:
  // True, and remembered, when this is to be told now. `reason`: the reason code.
  bool Due(absl::string_view reason, absl::Time now) {
    if (reason == reason_ && now - at_ < absl::Hours(1)) return false;
    reason_ = std::string(reason);
    at_ = now;
    return true;
  }
  // It works again: the next failure is a first one.
  void Over() { *this = Told(); }

 private:
  std::string reason_;
  absl::Time at_ = absl::InfinitePast();
};

}  // namespace birthseal::server
