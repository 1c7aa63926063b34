// SPDX-License-Identifier: Apache-2.0
// SM3 (GB/T 32905) and HMAC-SM3: the hash of certificates, log and store. Where a standard demands
// SHA-256, its user makes it: Botan for VRF labels, OpenSSL for Ed25519 key ids.
//
// Thread-safe: the functions, any thread. An Sm3 object belongs to one thread.
// Source: Botan. Tested with the vectors of GB/T 32905 and of openssl.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace birthseal::certs {

// 32 bytes, big-endian as SM3 prints them.
using Digest = std::array<uint8_t, 32>;

// SM3 of the concatenation of what was added. Copyable: a copy goes on from the same state,
// which is how a constant prefix is hashed once.
class Sm3 {
 public:
  Sm3();
  Sm3(const Sm3& other);
  Sm3& operator=(const Sm3& other);
  Sm3(Sm3&&) noexcept;
  Sm3& operator=(Sm3&&) noexcept;
  ~Sm3();

  Sm3& Add(absl::string_view bytes);
  // The digest; the object is then as new.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest Sm3Of(absl::string_view bytes);
Digest HmacSm3(absl::string_view key, absl::string_view bytes);

// The digest as a 32-byte view and as an owned string.
inline absl::string_view View(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
inline std::string Bytes(const Digest& digest) { return std::string(View(digest)); }
// Of 32 bytes; nothing of any other number.
[[nodiscard]] std::optional<Digest> DigestFrom(absl::string_view bytes);

}  // namespace birthseal::certs
