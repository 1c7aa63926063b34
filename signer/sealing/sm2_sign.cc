// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/sm2_sign.h"

#include <botan/ber_dec.h>
#include <botan/data_src.h>
#include <botan/der_enc.h>
#include <botan/hash.h>
#include <botan/pem.h>
#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/system_rng.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <exception>
#include <unordered_map>
#include <utility>

#include "absl/strings/match.h"
#include "certs/errors.h"
#include "signer/sealing/message_signer.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/sm2_id.h"

namespace birthseal::signer {
namespace {

// Botan 2.19 reads "USERID,HASH"; "Raw" takes e itself.
constexpr char kSignMessage[] = "1234567812345678,SM3";
constexpr char kSignDigest[] = "1234567812345678,Raw";
const char* const kIdEcPublicKey = "1.2.840.10045.2.1";
const char* const kSm2Curve = "1.2.156.10197.1.301";

absl::Status Unreadable() {
  return certs::Error(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE",
                      "not a PKCS#8 private key of SM2 or P-256");
}

// AlgorithmIdentifier {id-ecPublicKey, SM2 curve}: what OpenSSL, BouncyCastle and GmSSL read.
// Botan's own would be {1.2.156.10197.1.301.1, curve}.
Botan::AlgorithmIdentifier Sm2AlgorithmId() {
  std::vector<uint8_t> curve;
  Botan::DER_Encoder(curve).encode(Botan::OID(kSm2Curve));
  return {Botan::OID(kIdEcPublicKey), curve};
}

// The DER inside PEM, or the bytes as they are.
Botan::secure_vector<uint8_t> Pkcs8Der(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "-----BEGIN")) {
    Botan::DataSource_Memory source(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    return Botan::PEM_Code::decode_check_label(source, "PRIVATE KEY");
  }
  return {bytes.begin(), bytes.end()};
}

template <typename Bytes>
std::string ToString(const Bytes& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

// Null: not one. The caller has seen that nothing follows the structure.
EvpPkeyPtr LoadP256(const Botan::secure_vector<uint8_t>& der) {
  const uint8_t* cursor = der.data();
  Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(der.size())));
  EvpPkeyPtr key(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
  char group[32] = "";  // stays empty for a key that has none
  if (key != nullptr) EVP_PKEY_get_group_name(key.get(), group, sizeof(group), nullptr);
  if (absl::string_view(group) != "prime256v1") return nullptr;
  // 1 <= scalar < order, and the public half, if the file has one, is its own.
  const EvpPkeyCtxPtr check(EVP_PKEY_CTX_new(key.get(), nullptr));
  return EVP_PKEY_check(check.get()) == 1 ? std::move(key) : nullptr;
}

std::string SignP256(EVP_PKEY* key, absl::string_view message) {
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  size_t length = 0;
  const auto* data = reinterpret_cast<const uint8_t*>(message.data());
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, data, message.size()) != 1) {
    return "";
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(&signature[0]), &length, data,
                     message.size()) != 1) {
    return "";
  }
  signature.resize(length);
  return signature;
}

}  // namespace

// Exactly one of the two is set. Both libraries wipe key material when they free it.
struct PrivateKey::State {
  std::unique_ptr<Botan::SM2_PrivateKey> sm2;
  EvpPkeyPtr p256;
};

PrivateKey::PrivateKey() : state_(std::make_unique<State>()) {}
PrivateKey::~PrivateKey() = default;

absl::StatusOr<std::shared_ptr<const PrivateKey>> PrivateKey::FromPkcs8(absl::string_view bytes) {
  try {
    const Botan::secure_vector<uint8_t> der = Pkcs8Der(bytes);
    size_t version = 1;
    Botan::AlgorithmIdentifier algorithm;
    Botan::secure_vector<uint8_t> private_bits;
    Botan::BER_Decoder(der)
        .start_cons(Botan::SEQUENCE)
        .decode(version)
        .decode(algorithm)
        .decode(private_bits, Botan::OCTET_STRING)
        .discard_remaining()
        .end_cons()
        .verify_end();
    std::shared_ptr<PrivateKey> key(new PrivateKey());
    if (algorithm == Sm2AlgorithmId()) {
      key->state_->sm2 = std::make_unique<Botan::SM2_PrivateKey>(algorithm, private_bits);
      // Botan takes a scalar beyond the order for what is left of it; others do not read it.
      const Botan::SM2_PrivateKey& sm2 = *key->state_->sm2;
      if (sm2.private_value() >= sm2.domain().get_order()) return Unreadable();
      // Signs and checks once: a file may hold the public half of another key.
      if (!sm2.check_key(Botan::system_rng(), true)) return Unreadable();
    } else {
      key->state_->p256 = LoadP256(der);
      if (key->state_->p256 == nullptr) return Unreadable();
    }
    return std::shared_ptr<const PrivateKey>(std::move(key));
  } catch (const std::exception&) {  // never the text: it may quote input
    return Unreadable();
  }
}

std::shared_ptr<const PrivateKey> PrivateKey::Generate(KeyAlgorithm algorithm) {
  std::shared_ptr<PrivateKey> key(new PrivateKey());
  if (algorithm == KeyAlgorithm::kP256) {
    key->state_->p256.reset(EVP_EC_gen("P-256"));
  } else {
    key->state_->sm2 =
        std::make_unique<Botan::SM2_PrivateKey>(Botan::system_rng(), Botan::EC_Group("sm2p256v1"));
  }
  return key;
}

KeyAlgorithm PrivateKey::algorithm() const {
  return state_->sm2 != nullptr ? KeyAlgorithm::kSm2 : KeyAlgorithm::kP256;
}

std::string PrivateKey::PublicSpki() const {
  if (state_->sm2 != nullptr) {
    std::vector<uint8_t> spki;
    Botan::DER_Encoder(spki)
        .start_cons(Botan::SEQUENCE)
        .encode(Sm2AlgorithmId())
        .encode(state_->sm2->public_key_bits(), Botan::BIT_STRING)
        .end_cons();
    return ToString(spki);
  }
  uint8_t* bytes = nullptr;
  const int length = i2d_PUBKEY(state_->p256.get(), &bytes);
  if (length <= 0) return "";
  std::string spki(reinterpret_cast<char*>(bytes), static_cast<size_t>(length));
  OPENSSL_free(bytes);
  return spki;
}

std::string PrivateKey::DangerouslyExportPkcs8() const {
  if (state_->sm2 != nullptr) {
    Botan::secure_vector<uint8_t> der;
    Botan::DER_Encoder(der)
        .start_cons(Botan::SEQUENCE)
        .encode(static_cast<size_t>(0))
        .encode(Sm2AlgorithmId())
        .encode(state_->sm2->private_key_bits(), Botan::OCTET_STRING)
        .end_cons();
    return ToString(der);
  }
  Pkcs8Ptr info(EVP_PKEY2PKCS8(state_->p256.get()));
  uint8_t* bytes = nullptr;
  const int length = info == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), &bytes);
  if (length <= 0) return "";
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(length));
  OPENSSL_clear_free(bytes, static_cast<size_t>(length));
  return der;
}

struct MessageSigner::State {
  std::shared_ptr<const PrivateKey> key;
  // System_RNG keeps no state of its own: nothing to leak, nothing to share after a fork.
  Botan::System_RNG random;
  std::unique_ptr<Botan::PK_Signer> message, digest;  // SM2 only
  certs::Sm3 prefix;
};

MessageSigner::MessageSigner(std::shared_ptr<const PrivateKey> key)
    : state_(std::make_unique<State>()) {
  state_->key = std::move(key);
  const Botan::SM2_PrivateKey* sm2 = state_->key->state().sm2.get();
  if (sm2 == nullptr) return;
  state_->message =
      std::make_unique<Botan::PK_Signer>(*sm2, state_->random, kSignMessage, Botan::DER_SEQUENCE);
  state_->digest =
      std::make_unique<Botan::PK_Signer>(*sm2, state_->random, kSignDigest, Botan::DER_SEQUENCE);
  const std::unique_ptr<Botan::HashFunction> sm3 = Botan::HashFunction::create_or_throw("SM3");
  state_->prefix.Add(ToString(
      Botan::sm2_compute_za(*sm3, std::string(kSm2Id), sm2->domain(), sm2->public_point())));
}

MessageSigner::~MessageSigner() = default;

std::string MessageSigner::Sign(absl::string_view message) {
  if (state_->message == nullptr) return SignP256(state_->key->state().p256.get(), message);
  try {
    return ToString(state_->message->sign_message(reinterpret_cast<const uint8_t*>(message.data()),
                                                  message.size(), state_->random));
  } catch (const std::exception&) {
    return "";
  }
}

std::string MessageSigner::SignDigest(const certs::Digest& e) {
  if (state_->digest == nullptr) return "";
  try {
    return ToString(state_->digest->sign_message(e.data(), e.size(), state_->random));
  } catch (const std::exception&) {
    return "";
  }
}

const certs::Sm3& MessageSigner::prefix() const { return state_->prefix; }

namespace {

MessageSigner& CachedSigner(const std::shared_ptr<const PrivateKey>& key) {
  constexpr size_t kMaxSigners = 1024;
  // The signer holds its key, so an address in the map is never reused by another key.
  thread_local std::unordered_map<const PrivateKey*, MessageSigner> signers;
  const auto found = signers.find(key.get());
  if (found != signers.end()) return found->second;
  if (signers.size() >= kMaxSigners) signers.clear();
  return signers.try_emplace(key.get(), key).first->second;
}

}  // namespace

std::string SignWith(const std::shared_ptr<const PrivateKey>& key, absl::string_view message) {
  return CachedSigner(key).Sign(message);
}

std::string SignDigestWith(const std::shared_ptr<const PrivateKey>& key, const certs::Digest& e) {
  return CachedSigner(key).SignDigest(e);
}

}  // namespace birthseal::signer
