// SPDX-License-Identifier: Apache-2.0
// Names and validity of a certificate: read when all of it can be, else not at all.
#include "signer/verify/certificate_facts.h"

#include "signer/der/der.h"
#include "signer/devpki/dev_pki.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::FixtureNow;
using tests::SharedPki;
using tests::StatusIs;

const auto kMalformed = StatusIs(absl::StatusCode::kInvalidArgument, "CERTIFICATE_FORMAT");

TEST(CertificateFactsTest, WhatIsNoCertificateHasNoFacts) {
  for (const char* bytes : {"", "no certificate"}) {
    EXPECT_THAT(ReadCertificateFacts(bytes), kMalformed);
    EXPECT_THAT(CertificateFromPem(bytes), kMalformed);
  }
  EXPECT_THAT(CertificateFromPem(devpki::PublicKeyPem(*SharedPki().log_key)), kMalformed);
}

// The library reads any text there; whoever asks for the validity must not get another time.
TEST(CertificateFactsTest, AValidityThatIsNoTimeIsMalformed) {
  const auto made = devpki::MakeIdentity({{"某机构", "", "名"},
                                          devpki::Use::kDocumentSigning,
                                          FixtureNow(),
                                          FixtureNow() + absl::Hours(24)},
                                         KeyAlgorithm::kSm2, nullptr);
  ASSERT_OK(made);
  const auto facts = ReadCertificateFacts(made->certificate);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->not_before, FixtureNow());
  EXPECT_EQ(facts->not_after, FixtureNow() + absl::Hours(24));
  for (const absl::Time time : {facts->not_before, facts->not_after}) {
    const std::string text = absl::FormatTime("%y%m%d%H%M%SZ", time, absl::UTCTimeZone());
    std::string bad = made->certificate;
    const size_t at = bad.find(text);
    ASSERT_NE(at, std::string::npos);
    bad[at + 2] = 'X';
    EXPECT_THAT(ReadCertificateFacts(bad), kMalformed);
  }
}

}  // namespace
}  // namespace birthseal::signer
