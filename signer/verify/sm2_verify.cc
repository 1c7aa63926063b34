// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/sm2_verify.h"

#include <openssl/err.h>

#include <optional>
#include <utility>

#include "certs/errors.h"
#include "signer/der/der_fields.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/sm2_id.h"

namespace birthseal::signer {
namespace {

const uint8_t* Octets(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

absl::Status BadKey(absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY", what);
}

// Only the named curves: a key with parameters of its own is refused, as is null.
std::optional<KeyAlgorithm> AlgorithmOf(EVP_PKEY* key) {
  char group[32] = "";  // stays empty for a key that has none
  if (key != nullptr) EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
  const absl::string_view name(group);
  if (name == "SM2" && EVP_PKEY_is_a(key, "SM2") == 1) return KeyAlgorithm::kSm2;
  if ((name == "prime256v1" || name == "P-256") && EVP_PKEY_is_a(key, "EC") == 1) {
    return KeyAlgorithm::kP256;
  }
  return std::nullopt;
}

// Fetched once, for the life of the process: looking an algorithm up takes microseconds.
const EVP_MD* DigestOf(KeyAlgorithm algorithm) {
  static const EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm == KeyAlgorithm::kSm2 ? sm3 : sha256;
}

}  // namespace

X509Ptr ParseCertificate(absl::string_view der) {
  ERR_clear_error();
  const uint8_t* at = Octets(der);
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != Octets(der) + der.size() || !SetSm2Id(certificate.get())) {
    ERR_clear_error();
    return nullptr;
  }
  return certificate;
}

bool SetSm2Id(X509* certificate) {
  ASN1_OCTET_STRING* id = ASN1_OCTET_STRING_new();
  if (id == nullptr ||
      ASN1_OCTET_STRING_set(id, Octets(kSm2Id), static_cast<int>(kSm2Id.size())) != 1) {
    ASN1_OCTET_STRING_free(id);
    return false;
  }
  X509_set0_distinguishing_id(certificate, id);
  return true;
}

struct PublicKey::State {
  EvpPkeyPtr key;
  KeyAlgorithm algorithm = KeyAlgorithm::kSm2;
  std::string spki;

  static absl::StatusOr<std::unique_ptr<State>> Make(EvpPkeyPtr key);
};

absl::StatusOr<std::unique_ptr<PublicKey::State>> PublicKey::State::Make(EvpPkeyPtr key) {
  const std::optional<KeyAlgorithm> algorithm = AlgorithmOf(key.get());
  if (!algorithm) {
    ERR_clear_error();
    return BadKey("not a readable public key of SM2 or P-256");
  }
  auto state = std::make_unique<State>();
  state->algorithm = *algorithm;
  uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) return BadKey("cannot be encoded");
  state->spki.assign(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  state->key = std::move(key);
  return state;
}

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

absl::StatusOr<PublicKey> PublicKey::FromCertificate(absl::string_view der) {
  const X509Ptr certificate = ParseCertificate(der);
  absl::StatusOr<std::unique_ptr<State>> state = State::Make(
      EvpPkeyPtr(certificate == nullptr ? nullptr : X509_get_pubkey(certificate.get())));
  if (!state.ok()) return state.status();
  return PublicKey(*std::move(state));
}

absl::StatusOr<PublicKey> PublicKey::FromSpki(absl::string_view der) {
  ERR_clear_error();
  const uint8_t* at = Octets(der);
  EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key != nullptr && at != Octets(der) + der.size()) return BadKey("bytes after the key");
  absl::StatusOr<std::unique_ptr<State>> state = State::Make(std::move(key));
  if (!state.ok()) return state.status();
  return PublicKey(*std::move(state));
}

KeyAlgorithm PublicKey::algorithm() const { return state_->algorithm; }
const std::string& PublicKey::spki() const { return state_->spki; }

bool PublicKey::Verify(absl::string_view message, absl::string_view signature) const {
  if (!der::IsSignature(signature)) return false;
  const bool sm2 = state_->algorithm == KeyAlgorithm::kSm2;
  ERR_clear_error();
  // The digest context borrows the key context: declared later, gone first.
  const EvpPkeyCtxPtr key(EVP_PKEY_CTX_new(state_->key.get(), nullptr));
  const EvpMdCtxPtr digest(EVP_MD_CTX_new());
  if (digest == nullptr || key == nullptr) return false;
  if (sm2 && EVP_PKEY_CTX_set1_id(key.get(), kSm2Id.data(), static_cast<int>(kSm2Id.size())) != 1) {
    return false;
  }
  EVP_MD_CTX_set_pkey_ctx(digest.get(), key.get());
  const bool holds = EVP_DigestVerifyInit(digest.get(), nullptr, DigestOf(state_->algorithm),
                                          nullptr, state_->key.get()) == 1 &&
                     EVP_DigestVerify(digest.get(), Octets(signature), signature.size(),
                                      Octets(message), message.size()) == 1;
  ERR_clear_error();
  return holds;
}

}  // namespace birthseal::signer
