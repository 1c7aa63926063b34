// SPDX-License-Identifier: Apache-2.0
// All chance of a history: one 64-bit seed gives one sequence (splitmix64, fixed for ever, so that
// a seed in a report still means the same history).
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "certs/digest.h"
#include "store/commands.h"

namespace birthseal::simulation {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Requires n > 0.
  uint64_t Below(uint64_t n) { return Next() % n; }
  bool Percent(uint64_t chance) { return Below(100) < chance; }
  template <typename List>
  auto& Of(List& list) {
    return list[Below(list.size())];
  }

  template <class Id>
  Id NewId() {
    return *Id::FromBytes(Bytes(Id::kSize));
  }
  certs::Digest NewDigest() {
    certs::Digest digest;
    Fill(digest.data(), digest.size());
    return digest;
  }
  std::string Bytes(size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; i += 8) {
      const uint64_t word = Next();
      std::memcpy(&bytes[i], &word, size - i < 8 ? size - i : 8);
    }
    return bytes;
  }

 private:
  void Fill(uint8_t* bytes, size_t size) {
    for (size_t i = 0; i < size; i += 8) {
      const uint64_t word = Next();
      std::memcpy(bytes + i, &word, 8);
    }
  }

  uint64_t state_;
};

}  // namespace birthseal::simulation
