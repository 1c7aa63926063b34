// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/vrf_key.h"

#include <botan/hash.h>
#include <botan/hmac_drbg.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/vrf_suite.h"
#include "certs/status_macros.h"
#include "signer/sealing/sm2_sign.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer {
namespace {

namespace vrf = certs::vrf;
using vrf::NumberPtr;
using vrf::P256;
using vrf::PointPtr;
using vrf::ScratchPtr;
using SecretBytes = Botan::secure_vector<uint8_t>;  // wiped when freed
using MontgomeryPtr = std::unique_ptr<BN_MONT_CTX, vrf::Deleter<BN_MONT_CTX_free>>;

absl::Status Unreadable() {
  return certs::Error(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE",
                      "not a PKCS#8 private key of P-256 for the VRF");
}
absl::Status LibraryFailed() {
  return certs::Error(absl::StatusCode::kInternal, "VRF_LIBRARY", "VRF: the crypto library failed");
}

const BIGNUM* Order() { return EC_GROUP_get0_order(P256()); }

SecretBytes SecretBytesOf(const BIGNUM* number) {
  SecretBytes bytes(vrf::kScalarSize);
  if (BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size())) < 0) bytes.clear();
  return bytes;
}

NumberPtr NumberFrom(const SecretBytes& bytes) {
  NumberPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (number != nullptr) BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

// Null: no key of P-256. One that is: 1 <= x < q, and the public half of the file is x*B.
EvpPkeyPtr Load(absl::string_view bytes) {
  const auto key = PrivateKey::FromPkcs8(bytes);
  if (!key.ok() || (*key)->algorithm() != KeyAlgorithm::kP256) return nullptr;
  std::string der = (*key)->DangerouslyExportPkcs8();
  const auto* cursor = reinterpret_cast<const uint8_t*>(der.data());
  EvpPkeyPtr loaded(d2i_AutoPrivateKey(nullptr, &cursor, static_cast<long>(der.size())));
  OPENSSL_cleanse(&der[0], der.size());
  return loaded;
}

// A point times a secret number, as point string; empty when the library failed.
std::string Times(const EC_POINT* point, const BIGNUM* number, BN_CTX* scratch) {
  const PointPtr product = vrf::NewPoint();
  const bool base = point == nullptr;
  if (product == nullptr || EC_POINT_mul(P256(), product.get(), base ? number : nullptr, point,
                                         base ? nullptr : number, scratch) != 1) {
    return "";
  }
  return vrf::PointString(product.get(), scratch);
}
std::string TimesBase(const BIGNUM* number, BN_CTX* scratch) {
  return Times(nullptr, number, scratch);
}

// bits2octets(SHA-256(message)) of RFC 6979: the hash, reduced once by the order.
SecretBytes ReducedHash(absl::string_view message, BN_CTX* scratch) {
  auto sha256 = Botan::HashFunction::create_or_throw("SHA-256");
  sha256->update(reinterpret_cast<const uint8_t*>(message.data()), message.size());
  const NumberPtr number = NumberFrom(sha256->final());
  if (number == nullptr || BN_nnmod(number.get(), number.get(), Order(), scratch) != 1) return {};
  return SecretBytesOf(number.get());
}

// ECVRF_nonce_generation_RFC6979, RFC 9381 §5.4.2.1, of the point string of H. RFC 6979 §3.2 is
// HMAC_DRBG seeded with x and the hash, asked until a number of 1 to q-1 comes. Null on failure.
NumberPtr NonceOf(const BIGNUM* x, absl::string_view h, BN_CTX* scratch) {
  SecretBytes seed = SecretBytesOf(x);
  try {
    const SecretBytes hash = ReducedHash(h, scratch);
    if (seed.empty() || hash.empty()) return nullptr;
    seed.insert(seed.end(), hash.begin(), hash.end());
    Botan::HMAC_DRBG drbg("SHA-256");
    drbg.initialize_with(seed.data(), seed.size());
    while (true) {
      NumberPtr k = NumberFrom(drbg.random_vec(vrf::kScalarSize));
      if (k == nullptr || (!BN_is_zero(k.get()) && BN_cmp(k.get(), Order()) < 0)) return k;
    }
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

struct VrfKey::State {
  NumberPtr x;
  MontgomeryPtr order_arithmetic;
  std::string public_key;

  // s = (k + c*x) mod q. The order's Montgomery form keeps the time free of x and k.
  std::string Response(const BIGNUM* k, absl::string_view c_bytes, BN_CTX* scratch) const {
    const NumberPtr c = vrf::NumberFrom(c_bytes), s(BN_new());
    BN_MONT_CTX* const mont = order_arithmetic.get();
    std::string bytes(vrf::kScalarSize, '\0');
    if (c == nullptr || s == nullptr || BN_to_montgomery(s.get(), c.get(), mont, scratch) != 1 ||
        BN_mod_mul_montgomery(s.get(), s.get(), x.get(), mont, scratch) != 1 ||
        BN_mod_add_quick(s.get(), s.get(), k, Order()) != 1 ||
        BN_bn2binpad(s.get(), reinterpret_cast<uint8_t*>(&bytes[0]),
                     static_cast<int>(bytes.size())) < 0) {
      return "";
    }
    return bytes;
  }
};

VrfKey::VrfKey() : state_(std::make_unique<State>()) {}
VrfKey::~VrfKey() = default;

absl::StatusOr<std::shared_ptr<const VrfKey>> VrfKey::FromPkcs8(absl::string_view bytes) {
  const EvpPkeyPtr loaded = Load(bytes);
  BIGNUM* x = nullptr;
  if (loaded != nullptr) EVP_PKEY_get_bn_param(loaded.get(), OSSL_PKEY_PARAM_PRIV_KEY, &x);
  if (x == nullptr) return Unreadable();
  std::shared_ptr<VrfKey> key(new VrfKey());
  State& state = *key->state_;
  state.x.reset(x);
  BN_set_flags(x, BN_FLG_CONSTTIME);
  const ScratchPtr scratch(BN_CTX_new());
  state.order_arithmetic.reset(BN_MONT_CTX_new());
  if (scratch == nullptr || state.order_arithmetic == nullptr ||
      BN_MONT_CTX_set(state.order_arithmetic.get(), Order(), scratch.get()) != 1) {
    return LibraryFailed();
  }
  state.public_key = TimesBase(x, scratch.get());
  if (state.public_key.empty()) return LibraryFailed();
  return std::shared_ptr<const VrfKey>(std::move(key));
}

const std::string& VrfKey::PublicKey() const { return state_->public_key; }

absl::StatusOr<certs::VrfOutput> VrfKey::Label(absl::string_view alpha) const {
  const ScratchPtr scratch(BN_CTX_new());
  if (scratch == nullptr) return LibraryFailed();
  const vrf::HashedPoint h = vrf::EncodeToCurve(state_->public_key, alpha, scratch.get());
  if (h.point == nullptr) return LibraryFailed();
  const std::string gamma = Times(h.point.get(), state_->x.get(), scratch.get());
  if (gamma.empty()) return LibraryFailed();
  return vrf::OutputOf(gamma);
}

// ECVRF_prove, RFC 9381 §5.1.
absl::StatusOr<std::string> VrfKey::Prove(absl::string_view alpha) const {
  const ScratchPtr scratch(BN_CTX_new());
  if (scratch == nullptr) return LibraryFailed();
  BN_CTX* const bn = scratch.get();
  const vrf::HashedPoint h = vrf::EncodeToCurve(state_->public_key, alpha, bn);
  if (h.point == nullptr) return LibraryFailed();
  const NumberPtr k = NonceOf(state_->x.get(), h.bytes, bn);
  if (k == nullptr) return LibraryFailed();
  const std::string gamma = Times(h.point.get(), state_->x.get(), bn);
  const std::string u = TimesBase(k.get(), bn), v = Times(h.point.get(), k.get(), bn);
  const std::string c = vrf::Challenge(state_->public_key, h.bytes, gamma, u, v);
  const std::string proof = absl::StrCat(gamma, c, state_->Response(k.get(), c, bn));
  // The nonce is the same each time: a proof with a computing fault beside the right one would
  // give the key away. So a proof that does not hold is never shown.
  if (!certs::CheckVrf(state_->public_key, alpha, proof).ok()) return LibraryFailed();
  return proof;
}

}  // namespace birthseal::signer
