// SPDX-License-Identifier: Apache-2.0
// The memory of signatures that held: asked with each input changed.
#include "signer/sealing/held_signatures.h"

#include <string>

#include "gtest/gtest.h"

namespace birthseal::signer {
namespace {

class HeldSignaturesTest : public testing::Test {
 protected:
  // Asked whether it holds, when verifying it would say no.
  bool Remembers(const std::string& key, const certs::Digest& digest,
                 const std::string& signature) {
    return held_.Holds(key, digest, signature, [] { return false; });
  }
  void Hold() {
    EXPECT_TRUE(held_.Holds(key_, digest_, signature_, [] { return true; }));
  }
  const std::string key_ = "a key", signature_ = "a signature";
  const certs::Digest digest_ = certs::Sm3Of("a face");
  HeldSignatures held_;
};

TEST_F(HeldSignaturesTest, OneIsRememberedOnceItHeld) {
  EXPECT_FALSE(Remembers(key_, digest_, signature_));
  Hold();
  EXPECT_TRUE(Remembers(key_, digest_, signature_));
}

TEST_F(HeldSignaturesTest, OneThatDidNotHoldIsAskedForAgain) {
  int asked = 0;
  for (int time = 1; time <= 3; ++time) {
    EXPECT_FALSE(held_.Holds(key_, digest_, signature_, [&] { return ++asked == 0; }));
    EXPECT_EQ(asked, time);
  }
}

TEST_F(HeldSignaturesTest, OneHoldsForNoOtherKeyDigestOrSignature) {
  Hold();
  EXPECT_FALSE(Remembers("another key", digest_, signature_));
  EXPECT_FALSE(Remembers("", digest_, signature_));
  EXPECT_FALSE(Remembers(key_, certs::Sm3Of("another face"), signature_));
  EXPECT_FALSE(Remembers(key_, {}, signature_));
  EXPECT_FALSE(Remembers(key_, digest_, "another signature"));
  EXPECT_FALSE(Remembers(key_, digest_, ""));
  EXPECT_FALSE(Remembers(key_, digest_, signature_ + '\0'));
}

}  // namespace
}  // namespace birthseal::signer
