// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/ed25519_verify.h"

#include <openssl/err.h>

#include <utility>

#include "certs/errors.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer {
namespace {

constexpr size_t kKeyBytes = 32, kSignatureBytes = 64;
// RFC 8410: SEQUENCE { SEQUENCE { 1.3.101.112 } BIT STRING of 32 bytes }.
constexpr absl::string_view kSpkiPrefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

const uint8_t* Octets(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

}  // namespace

std::string Ed25519FromSpki(absl::string_view der) {
  if (der.size() != kSpkiPrefix.size() + kKeyBytes) return "";
  if (der.substr(0, kSpkiPrefix.size()) != kSpkiPrefix) return "";
  return std::string(der.substr(kSpkiPrefix.size()));
}

struct Ed25519Key::State {
  EvpPkeyPtr key;
};

Ed25519Key::Ed25519Key(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

absl::StatusOr<Ed25519Key> Ed25519Key::FromRaw(absl::string_view raw) {
  auto state = std::make_unique<State>();
  if (raw.size() == kKeyBytes) {
    state->key.reset(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Octets(raw), raw.size()));
  }
  if (state->key == nullptr) {
    ERR_clear_error();
    return certs::Error(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY", "no Ed25519 key");
  }
  return Ed25519Key(std::move(state));
}

bool Ed25519Key::Verify(absl::string_view message, absl::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool holds =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(), Octets(message),
                       message.size()) == 1;
  ERR_clear_error();
  return holds;
}

}  // namespace birthseal::signer
