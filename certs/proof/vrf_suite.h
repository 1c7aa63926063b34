// SPDX-License-Identifier: Apache-2.0
// Parts of ECVRF-P256-SHA256-TAI that proving and checking share. Internal: for vrf.cc and
// signer/sealing/vrf_key.cc only, since it shows OpenSSL's types. Names and sections are RFC
// 9381's.
//
// OpenSSL because its P-256 is several times as fast as Botan's (variable-base multiplication 47
// against 250 to 340 µs) and constant in time. Thread-safe: functions; objects of one thread.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "certs/proof/vrf.h"

namespace birthseal::certs::vrf {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
// All are wiped when freed: some hold secrets.
using PointPtr = std::unique_ptr<EC_POINT, Deleter<EC_POINT_clear_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using ScratchPtr = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;

constexpr size_t kPointSize = 33, kChallengeSize = 16, kScalarSize = 32;

// For the life of the process; shared by all threads, never changed.
const EC_GROUP* P256();

PointPtr NewPoint();
NumberPtr NumberFrom(absl::string_view big_endian);

// string_to_point: compressed, x below the prime, on the curve; never the identity. Null if not.
PointPtr PointFrom(absl::string_view bytes, BN_CTX* scratch);
// point_to_string; empty for the identity, which no caller has a use for.
std::string PointString(const EC_POINT* point, BN_CTX* scratch);

// ECVRF_encode_to_curve_try_and_increment (RFC 9381 §5.4.1.1), the salt being the public key. The
// number of tries, so the time, tells a little about `alpha` to who can measure it; inherent in
// this suite.
struct HashedPoint {
  PointPtr point;  // null: none of 256 tries is a point, which does not happen
  std::string bytes;
};
HashedPoint EncodeToCurve(absl::string_view public_key, absl::string_view alpha, BN_CTX* scratch);

// ECVRF_challenge_generation (RFC 9381 §5.4.3): 16 bytes. All arguments are point strings.
std::string Challenge(absl::string_view public_key, absl::string_view h, absl::string_view gamma,
                      absl::string_view u, absl::string_view v);

// ECVRF_proof_to_hash (RFC 9381 §5.2) of the point string of Gamma; the cofactor is 1.
VrfOutput OutputOf(absl::string_view gamma);

}  // namespace birthseal::certs::vrf
