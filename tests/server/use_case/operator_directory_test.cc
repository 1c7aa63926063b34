// SPDX-License-Identifier: Apache-2.0
// Operators as use cases read them: who is unknown, whose key cannot be read, and the store that
// fails, each told apart.
#include "server/use_case/operator_directory.h"

#include "signer/sealing/approval.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/failing_engine.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

class OperatorDirectoryTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    id_ = "issuer-" + hospital();
    signature_ = IssuerOf(hospital(), digest_).signature;
  }
  absl::Status Check(server::OperatorDirectory* directory, const std::string& id) const {
    return signer::ApprovalVerifier(directory)
        .Verify(id, signature_, signer::ApprovalRole::kIssuer, hospital(), digest_)
        .status();
  }
  void OverwriteKey(const std::string& spki) {
    storage::v1::Operator who = *registry_.Operator(id_);
    who.set_public_key(spki);
    Overwrite(engine_.get(), store::Family::kRegistry,
              store::RegistryKey(store::RegistryKind::kOperator, id_), who.SerializeAsString());
  }
  const certs::Digest digest_ = certs::Sm3Of("a face");
  std::string id_, signature_;
};

TEST_F(OperatorDirectoryTest, WhoIsNotRegisteredIsUnknownAndMayNot) {
  server::OperatorDirectory directory(&registry_);
  EXPECT_THAT(directory.Find("nobody"), StatusIs(StatusCode::kNotFound, "OPERATOR_UNKNOWN"));
  signer::ApprovalVerifier approvals(&directory);
  for (const signer::ApprovalRole role :
       {signer::ApprovalRole::kIssuer, signer::ApprovalRole::kSealer}) {
    const absl::Status status =
        approvals.Verify("nobody", signature_, role, hospital(), digest_).status();
    EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
    EXPECT_EQ(certs::FieldOf(status), role == signer::ApprovalRole::kSealer ? "sealer" : "issuer");
  }
  EXPECT_OK(Check(&directory, id_));
}

TEST_F(OperatorDirectoryTest, AKeyThatCannotBeReadIsTheStoresFault) {
  const std::string good = registry_.Operator(id_)->public_key();
  for (const std::string& bad : {std::string(), std::string("no key"), good.substr(1)}) {
    OverwriteKey(bad);
    server::OperatorDirectory directory(&registry_);
    EXPECT_THAT(directory.Find(id_), StatusIs(StatusCode::kDataLoss, "OPERATOR_KEY"));
    EXPECT_THAT(Check(&directory, id_), StatusIs(StatusCode::kDataLoss, "OPERATOR_KEY"));
  }
}

TEST_F(OperatorDirectoryTest, AStoreThatFailsMakesNobodyUnknown) {
  Faults faults;
  const FailingEngine failing(engine_.get(), &faults);
  const store::Registry registry(&failing, &value_sealer_);
  server::OperatorDirectory directory(&registry);
  ExpectEveryFaultComesOut(&faults, [&] { return directory.Find(id_).status(); });
  directory.Forget(id_);
  ExpectEveryFaultComesOut(&faults, [&] { return Check(&directory, id_); });
}

TEST_F(OperatorDirectoryTest, ASignatureThatDidNotHoldNeverDoes) {
  server::OperatorDirectory directory(&registry_);
  signer::ApprovalVerifier verifier(&directory);
  const auto check = [&](const std::string& signature) {
    return verifier.Verify(id_, signature, signer::ApprovalRole::kIssuer, hospital(), digest_).ok();
  };
  const std::string other = IssuerOf(hospital(), certs::Sm3Of("something else")).signature;
  EXPECT_FALSE(check(other));
  EXPECT_FALSE(check(other));
  EXPECT_TRUE(check(signature_));
  EXPECT_FALSE(check(other));
  EXPECT_TRUE(check(signature_));
}

TEST_F(OperatorDirectoryTest, WhatWasReadStandsUntilItIsForgotten) {
  server::OperatorDirectory directory(&registry_);
  ASSERT_OK(Check(&directory, id_));
  OverwriteKey("no key");
  EXPECT_OK(Check(&directory, id_));
  directory.Forget(id_);
  EXPECT_THAT(Check(&directory, id_), StatusIs(StatusCode::kDataLoss, "OPERATOR_KEY"));
}

}  // namespace
}  // namespace birthseal::tests
