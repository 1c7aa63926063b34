// SPDX-License-Identifier: Apache-2.0
// A bounded map from an SM3 digest to something that was found out about those bytes.
//
// Two generations: when the young one is full it becomes the old one and the old one is dropped,
// so memory is bounded and what is in use stays. Thread-safe. Values are copied out: keep them
// small or shared. Expiry is the value's own business.
#pragma once

#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "certs/digest.h"

namespace birthseal::signer {

template <typename Value>
class VerdictCache {
 public:
  explicit VerdictCache(size_t generation_size) : generation_size_(generation_size) {}

  std::optional<Value> Find(const certs::Digest& key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (auto found = young_.find(key); found != young_.end()) return found->second;
    auto found = old_.find(key);
    if (found == old_.end()) return std::nullopt;
    Value value = found->second;
    Insert(key, value);
    return value;
  }

  void Put(const certs::Digest& key, Value value) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Insert(key, std::move(value));
  }

 private:
  struct Hash {
    size_t operator()(const certs::Digest& digest) const {
      size_t hash;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };
  using Map = std::unordered_map<certs::Digest, Value, Hash>;

  void Insert(const certs::Digest& key, Value value) {
    if (young_.size() >= generation_size_) {
      old_ = std::move(young_);
      young_ = Map();
    }
    young_.insert_or_assign(key, std::move(value));
  }

  const size_t generation_size_;
  std::mutex mutex_;
  Map young_, old_;
};

}  // namespace birthseal::signer
