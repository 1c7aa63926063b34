// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/operator_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "certs/errors.h"

namespace birthseal::cli {
namespace {

// GB/T 35276 default user id. OpenSSL 3.0 would take the empty one.
constexpr char kSm2Id[] = "1234567812345678";

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

absl::Status BadKey() {
  return certs::Error(absl::StatusCode::kInvalidArgument, "OPERATOR_KEY",
                      "the key is no readable SM2, P-256 or Ed25519 private key (PKCS#8 PEM)");
}

}  // namespace

struct OperatorKey::State {
  std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>> key;
};

OperatorKey::OperatorKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
OperatorKey::~OperatorKey() = default;

absl::StatusOr<std::unique_ptr<OperatorKey>> OperatorKey::FromPem(absl::string_view pem) {
  std::unique_ptr<BIO, Deleter<BIO_free_all>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto state = std::make_unique<State>();
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (state->key == nullptr) return BadKey();
  const EVP_PKEY* key = state->key.get();
  if (EVP_PKEY_is_a(key, "SM2") != 1 && EVP_PKEY_is_a(key, "EC") != 1 &&
      EVP_PKEY_is_a(key, "ED25519") != 1) {
    return BadKey();
  }
  // With an SM2 scalar of the order less one OpenSSL 3.0 would look for a signature for ever.
  const std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> check(
      EVP_PKEY_CTX_new(state->key.get(), nullptr));
  if (EVP_PKEY_check(check.get()) != 1) return BadKey();
  return std::unique_ptr<OperatorKey>(new OperatorKey(std::move(state)));
}

absl::StatusOr<std::string> OperatorKey::Sign(absl::string_view message) const {
  const bool sm2 = EVP_PKEY_is_a(state_->key.get(), "SM2") == 1;
  std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> key_context(
      EVP_PKEY_CTX_new(state_->key.get(), nullptr));
  if (sm2 && EVP_PKEY_CTX_set1_id(key_context.get(), kSm2Id, sizeof kSm2Id - 1) != 1) {
    return BadKey();
  }
  EVP_MD_CTX_set_pkey_ctx(context.get(), key_context.get());
  const EVP_MD* digest = sm2 ? EVP_sm3() : EVP_sha256();
  if (EVP_PKEY_is_a(state_->key.get(), "ED25519") == 1) digest = nullptr;  // hashes by itself
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1) {
    return BadKey();
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(&signature[0]), &size, bytes,
                     message.size()) != 1) {
    return BadKey();
  }
  signature.resize(size);
  return signature;
}

std::string OperatorKey::PublicSpki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &der);
  std::string spki(reinterpret_cast<char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  return spki;
}

}  // namespace birthseal::cli
