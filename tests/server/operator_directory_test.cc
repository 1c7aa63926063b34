// The directory of operators: a store that fails is no "unknown", and a key that cannot be read is
// nobody's.
#include "server/operator_directory.h"

#include "tests/server/stored_records.h"
#include "tests/server/use_case_fixture.h"
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
  absl::Status Check() {
    server::OperatorDirectory directory(&directory_registry_);
    return directory.CheckApproval(id_, signature_, false, hospital(), digest_);
  }

  Faults reads_;
  FailingEngine failing_{engine_.get(), &reads_};
  const store::Registry directory_registry_{&failing_, &value_sealer_};
  const certs::Digest digest_ = certs::Sm3Of("what is approved");
  std::string id_, signature_;
};

TEST_F(OperatorDirectoryTest, EveryReadThatFailsComesOut) {
  ExpectEveryFaultComesOut(&reads_, [this] { return Check(); });
  ExpectEveryFaultComesOut(&reads_, [this] {
    return server::OperatorDirectory(&directory_registry_).Find(id_).status();
  });
}

TEST_F(OperatorDirectoryTest, WhoIsNotRegisteredIsUnknown) {
  server::OperatorDirectory directory(&directory_registry_);
  EXPECT_THAT(directory.Find("nobody"), StatusIs(StatusCode::kNotFound, "OPERATOR_UNKNOWN"));
  for (const bool as_sealer : {false, true}) {
    const absl::Status status =
        directory.CheckApproval("nobody", signature_, as_sealer, hospital(), digest_);
    EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
    EXPECT_EQ(certs::FieldOf(status), as_sealer ? "sealer" : "issuer");
  }
}

TEST_F(OperatorDirectoryTest, ASignatureThatWasNotSeenToHoldIsNotRemembered) {
  server::OperatorDirectory directory(&directory_registry_);
  const auto who = directory.Find(id_);
  ASSERT_OK(who);
  const std::string other = IssuerOf(hospital(), certs::Sm3Of("something else")).signature;
  EXPECT_FALSE(directory.CheckApproval(id_, other, false, hospital(), digest_).ok());
  EXPECT_FALSE(directory.SignatureHeld(**who, other, digest_));
  EXPECT_FALSE(directory.SignatureHeld(**who, signature_, digest_));
  EXPECT_OK(directory.CheckApproval(id_, signature_, false, hospital(), digest_));
  EXPECT_TRUE(directory.SignatureHeld(**who, signature_, digest_));
}

TEST_F(OperatorDirectoryTest, AKeyThatCannotBeReadIsTheStoresFault) {
  storage::v1::Operator who = *registry_.Operator(id_);
  who.mutable_public_key()->pop_back();
  Overwrite(engine_.get(), store::Family::kRegistry,
            store::RegistryKey(store::RegistryKind::kOperator, id_), who.SerializeAsString());
  EXPECT_THAT(Check(), StatusIs(StatusCode::kDataLoss, "OPERATOR_KEY"));
}

}  // namespace
}  // namespace birthseal::tests
