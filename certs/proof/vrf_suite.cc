// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/vrf_suite.h"

#include <botan/hash.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <initializer_list>
#include <utility>

namespace birthseal::certs::vrf {
namespace {

// suite_string and the domain separators of RFC 9381 §5.2, §5.4.1.1 and §5.4.3; each string ends
// with 00.
constexpr absl::string_view kEncodeFront("\x01\x01", 2);
constexpr absl::string_view kChallengeFront("\x01\x02", 2);
constexpr absl::string_view kOutputFront("\x01\x03", 2);
constexpr absl::string_view kBack("\x00", 1);

const uint8_t* Raw(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

Digest Sha256Of(std::initializer_list<absl::string_view> parts) {
  thread_local std::unique_ptr<Botan::HashFunction> hash =
      Botan::HashFunction::create_or_throw("SHA-256");
  for (absl::string_view part : parts) hash->update(Raw(part), part.size());
  Digest digest;
  hash->final(digest.data());
  return digest;
}

}  // namespace

const EC_GROUP* P256() {
  static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return group;
}

PointPtr NewPoint() { return PointPtr(EC_POINT_new(P256())); }

NumberPtr NumberFrom(absl::string_view big_endian) {
  return NumberPtr(BN_bin2bn(Raw(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

PointPtr PointFrom(absl::string_view bytes, BN_CTX* scratch) {
  if (bytes.size() != kPointSize || (bytes[0] != 2 && bytes[0] != 3)) return nullptr;
  PointPtr point = NewPoint();
  // That half of all x have no point is no error of the library: its queue stays as it was.
  ERR_set_mark();
  const bool read = point != nullptr &&
                    EC_POINT_oct2point(P256(), point.get(), Raw(bytes), bytes.size(), scratch) == 1;
  ERR_pop_to_mark();
  return read ? std::move(point) : nullptr;
}

std::string PointString(const EC_POINT* point, BN_CTX* scratch) {
  std::string bytes(kPointSize, '\0');
  const size_t size =
      EC_POINT_point2oct(P256(), point, POINT_CONVERSION_COMPRESSED,
                         reinterpret_cast<uint8_t*>(&bytes[0]), bytes.size(), scratch);
  return size == kPointSize ? bytes : "";
}

HashedPoint EncodeToCurve(absl::string_view public_key, absl::string_view alpha, BN_CTX* scratch) {
  HashedPoint hashed;
  for (int tried = 0; tried < 256 && hashed.point == nullptr; ++tried) {
    const char counter = static_cast<char>(tried);
    const Digest x =
        Sha256Of({kEncodeFront, public_key, alpha, absl::string_view(&counter, 1), kBack});
    hashed.bytes = "\x02" + Bytes(x);
    hashed.point = PointFrom(hashed.bytes, scratch);
  }
  return hashed;
}

std::string Challenge(absl::string_view public_key, absl::string_view h, absl::string_view gamma,
                      absl::string_view u, absl::string_view v) {
  const Digest whole = Sha256Of({kChallengeFront, public_key, h, gamma, u, v, kBack});
  return std::string(View(whole).substr(0, kChallengeSize));
}

VrfOutput OutputOf(absl::string_view gamma) { return Sha256Of({kOutputFront, gamma, kBack}); }

}  // namespace birthseal::certs::vrf
