// SPDX-License-Identifier: Apache-2.0
// The VRF over a library whose calls fail, or compute wrong, one after the other: the RFC's value
// or an error, never another value. A proof with another nonce may give the key away.
#include "certs/proof/vrf.h"
#include "signer/sealing/vrf_key.h"
#include "tests/support/failing_openssl.h"
#include "tests/support/status_matchers.h"
#include "tests/support/vrf_vectors.h"

namespace birthseal::signer {
namespace {

using tests::FailingOpenssl;
using tests::FromHex;
using tests::OpensslFault;
using tests::VrfVector;

class VrfFaultsTest : public testing::TestWithParam<VrfVector> {
 protected:
  const std::string pkcs8_ = FromHex(
      std::string("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420") +
      GetParam().sk);
  const std::string alpha_ = FromHex(GetParam().alpha);
  const std::shared_ptr<const VrfKey> key_ = VrfKey::FromPkcs8(pkcs8_).value();
  tests::Faults faults_;

  // There the library's own calls go through the test's functions too, and it ignores some of them.
  void SetUp() override {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    GTEST_SKIP() << "under a sanitizer faults cannot be kept to our own calls";
#endif
  }
  template <typename Act>
  void ExpectEveryFaultFound(OpensslFault kind, const Act& act) {
    const FailingOpenssl failing(kind, &faults_);
    tests::ExpectEveryFaultComesOut(&faults_, act, absl::StatusCode::kInternal, "VRF_LIBRARY");
  }
};
INSTANTIATE_TEST_SUITE_P(Rfc9381, VrfFaultsTest, testing::ValuesIn(tests::VrfVectors()));

TEST_P(VrfFaultsTest, AProofIsThatOfTheRfcOrNone) {
  for (const OpensslFault kind : {OpensslFault::kFails, OpensslFault::kIsMistaken}) {
    ExpectEveryFaultFound(kind, [&] {
      const auto proof = key_->Prove(alpha_);
      if (proof.ok()) EXPECT_EQ(absl::BytesToHexString(*proof), GetParam().pi);
      return proof.status();
    });
  }
}

TEST_P(VrfFaultsTest, ALabelIsThatOfTheRfcOrNone) {
  ExpectEveryFaultFound(OpensslFault::kFails, [&] {
    const auto label = key_->Label(alpha_);
    if (label.ok()) EXPECT_EQ(absl::BytesToHexString(certs::View(*label)), GetParam().beta);
    return label.status();
  });
}

TEST_P(VrfFaultsTest, AKeyIsReadWholeOrNotAtAll) {
  ExpectEveryFaultFound(OpensslFault::kFails, [&] {
    const auto key = VrfKey::FromPkcs8(pkcs8_);
    if (key.ok()) EXPECT_EQ(absl::BytesToHexString((*key)->PublicKey()), GetParam().pk);
    return key.status();
  });
}

// What the library cannot do is no fault of the proof.
TEST_P(VrfFaultsTest, AGoodProofIsNeverCalledWrong) {
  ExpectEveryFaultFound(OpensslFault::kFails, [&] {
    const auto label = certs::CheckVrf(FromHex(GetParam().pk), alpha_, FromHex(GetParam().pi));
    if (label.ok()) EXPECT_EQ(absl::BytesToHexString(certs::View(*label)), GetParam().beta);
    return label.status();
  });
}

}  // namespace
}  // namespace birthseal::signer
