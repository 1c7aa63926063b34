// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/vrf.h"

#include "certs/errors.h"
#include "certs/proof/vrf_suite.h"

namespace birthseal::certs {
namespace {

using vrf::NewPoint;
using vrf::NumberPtr;
using vrf::P256;
using vrf::PointFrom;
using vrf::PointPtr;
using vrf::PointString;
using vrf::ScratchPtr;

absl::Status BadKey() {
  return Error(absl::StatusCode::kInvalidArgument, "VRF_KEY",
               "not a VRF public key: a compressed point of P-256, 33 bytes");
}
absl::Status BadForm(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "VRF_PROOF_FORM", what);
}
absl::Status LibraryFailed() {
  return Error(absl::StatusCode::kInternal, "VRF_LIBRARY", "VRF: the crypto library failed");
}

struct Proof {
  absl::string_view gamma_bytes, c_bytes;
  PointPtr gamma;
  NumberPtr c, s;
};

// ECVRF_decode_proof, RFC 9381 §5.4.4.
absl::StatusOr<Proof> Decode(absl::string_view bytes, BN_CTX* scratch) {
  if (bytes.size() != kVrfProofSize) return BadForm("VRF proof: not 81 bytes");
  Proof proof;
  proof.gamma_bytes = bytes.substr(0, vrf::kPointSize);
  proof.c_bytes = bytes.substr(vrf::kPointSize, vrf::kChallengeSize);
  proof.gamma = PointFrom(proof.gamma_bytes, scratch);
  if (proof.gamma == nullptr) return BadForm("VRF proof: Gamma is no compressed point of P-256");
  proof.c = vrf::NumberFrom(proof.c_bytes);
  proof.s = vrf::NumberFrom(bytes.substr(vrf::kPointSize + vrf::kChallengeSize));
  if (proof.c == nullptr || proof.s == nullptr) return LibraryFailed();
  if (BN_cmp(proof.s.get(), EC_GROUP_get0_order(P256())) >= 0) {
    return BadForm("VRF proof: s is not below the order");
  }
  return proof;
}

}  // namespace

absl::Status CheckVrfKey(absl::string_view public_key) {
  ScratchPtr scratch(BN_CTX_new());
  if (scratch == nullptr) return LibraryFailed();
  // The cofactor is 1: every point but the identity, which is not 33 bytes, has the full order.
  return PointFrom(public_key, scratch.get()) == nullptr ? BadKey() : absl::OkStatus();
}

// ECVRF_verify, RFC 9381 §5.3.
absl::StatusOr<VrfOutput> CheckVrf(absl::string_view public_key, absl::string_view alpha,
                                   absl::string_view proof_bytes) {
  ScratchPtr scratch(BN_CTX_new());
  if (scratch == nullptr) return LibraryFailed();
  BN_CTX* const bn = scratch.get();
  const PointPtr y = PointFrom(public_key, bn);
  if (y == nullptr) return BadKey();
  absl::StatusOr<Proof> proof = Decode(proof_bytes, bn);
  if (!proof.ok()) return proof.status();
  const vrf::HashedPoint h = vrf::EncodeToCurve(public_key, alpha, bn);
  const PointPtr u = NewPoint(), v = NewPoint(), c_gamma = NewPoint();
  if (h.point == nullptr || u == nullptr || v == nullptr || c_gamma == nullptr) {
    return LibraryFailed();
  }
  // U = s*B - c*Y, V = s*H - c*Gamma. A null pointer leaves a term out.
  const BIGNUM* s = proof->s.get();
  BIGNUM* const c = proof->c.get();
  const bool computed = EC_POINT_mul(P256(), c_gamma.get(), nullptr, proof->gamma.get(), c, bn) &&
                        EC_POINT_invert(P256(), c_gamma.get(), bn) &&
                        EC_POINT_mul(P256(), v.get(), nullptr, h.point.get(), s, bn) &&
                        EC_POINT_add(P256(), v.get(), v.get(), c_gamma.get(), bn);
  BN_set_negative(c, 1);
  if (!computed || EC_POINT_mul(P256(), u.get(), s, y.get(), c, bn) != 1) return LibraryFailed();
  const std::string u_bytes = PointString(u.get(), bn), v_bytes = PointString(v.get(), bn);
  // An identity would mean a nonce of zero, which gives the secret key away: no prover makes it.
  const bool identity = u_bytes.empty() || v_bytes.empty();
  if (identity ||
      vrf::Challenge(public_key, h.bytes, proof->gamma_bytes, u_bytes, v_bytes) != proof->c_bytes) {
    return Error(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH",
                 "VRF proof: not of this input under this key");
  }
  return vrf::OutputOf(proof->gamma_bytes);
}

}  // namespace birthseal::certs
