// SPDX-License-Identifier: Apache-2.0
#include "certs/digest.h"

#include <botan/hash.h>
#include <botan/mac.h>

#include <cstring>

namespace birthseal::certs {
namespace {

const uint8_t* Raw(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

}  // namespace

struct Sm3::State {
  std::unique_ptr<Botan::HashFunction> hash;
};

Sm3::Sm3() : state_(std::make_unique<State>()) {
  state_->hash = Botan::HashFunction::create_or_throw("SM3");
}
Sm3::Sm3(const Sm3& other) : state_(std::make_unique<State>()) {
  state_->hash = other.state_->hash->copy_state();
}
Sm3& Sm3::operator=(const Sm3& other) {
  state_->hash = other.state_->hash->copy_state();
  return *this;
}
Sm3::Sm3(Sm3&&) noexcept = default;
Sm3& Sm3::operator=(Sm3&&) noexcept = default;
Sm3::~Sm3() = default;

Sm3& Sm3::Add(absl::string_view bytes) {
  state_->hash->update(Raw(bytes), bytes.size());
  return *this;
}

Digest Sm3::Finish() {
  Digest digest;
  state_->hash->final(digest.data());
  return digest;
}

Digest Sm3Of(absl::string_view bytes) {
  // Making the object costs as much as hashing a tree node: keep one for each thread.
  thread_local Sm3 sm3;
  return sm3.Add(bytes).Finish();
}

Digest HmacSm3(absl::string_view key, absl::string_view bytes) {
  thread_local std::unique_ptr<Botan::MessageAuthenticationCode> mac =
      Botan::MessageAuthenticationCode::create_or_throw("HMAC(SM3)");
  mac->set_key(Raw(key), key.size());
  mac->update(Raw(bytes), bytes.size());
  Digest digest;
  mac->final(digest.data());
  mac->clear();  // the key is not left behind
  return digest;
}

std::optional<Digest> DigestFrom(absl::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace birthseal::certs
