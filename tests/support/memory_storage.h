// SPDX-License-Identifier: Apache-2.0
// Storage of a witness in memory, whose n-th write can fail, before or after it took effect.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "clients/witness/storage.h"

namespace birthseal::tests {

class MemoryStorage : public witness::Storage {
 public:
  enum class Crash { kNever, kBefore, kAfter };

  absl::StatusOr<std::string> Load() override { return state; }
  absl::Status Save(absl::string_view bytes) override {
    return Write([&] { state = std::string(bytes); });
  }
  absl::Status Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                      const std::vector<witness::Update>& updates) override {
    auto& records = mirror[epoch.value()];
    if (first.value() > records.size()) return absl::InternalError("a gap in the mirror");
    return Write([&] {
      records.resize(first.value());
      records.insert(records.end(), updates.begin(), updates.end());
    });
  }
  absl::StatusOr<certs::LogSize> MirrorSize(certs::LogEpoch epoch) override {
    return certs::LogSize(mirror[epoch.value()].size());
  }
  absl::StatusOr<std::vector<witness::Update>> ReadMirror(certs::LogEpoch epoch,
                                                          certs::LeafIndex first,
                                                          int count) override {
    const auto& records = mirror[epoch.value()];
    if (first.value() >= records.size()) return std::vector<witness::Update>();
    const auto at = records.begin() + static_cast<ptrdiff_t>(first.value());
    return std::vector<witness::Update>(at, at + std::min<ptrdiff_t>(count, records.end() - at));
  }
  absl::Status Keep(const witness::Evidence& e) override {
    return Write([&] { evidence.push_back(e); });
  }

  int writes = 0;
  int crash_at = -1;  // number of the write, from 0
  Crash crash = Crash::kNever;
  std::string state;
  std::map<uint64_t, std::vector<witness::Update>> mirror;
  std::vector<witness::Evidence> evidence;

 private:
  template <typename Effect>
  absl::Status Write(Effect effect) {
    const bool now = writes++ == crash_at;
    if (!now || crash == Crash::kAfter) effect();
    return now ? absl::UnavailableError("the disk is gone") : absl::OkStatus();
  }
};

}  // namespace birthseal::tests
