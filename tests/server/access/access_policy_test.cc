// SPDX-License-Identifier: Apache-2.0
#include "server/access/access_policy.h"

#include <grpcpp/grpcpp.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "birthseal/v1/access.pb.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"
#include "tests/support/callers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_server.h"

namespace birthseal::server {
namespace {

using tests::CallRaw;
using tests::StatusIs;

constexpr Role kAllRoles[] = {
    Role::kHospital, Role::kConnector, Role::kIssuingInstitution, Role::kManagingInstitution,
    Role::kPlatform, Role::kPolice,    Role::kRelyingParty,       Role::kAdministrator,
    Role::kAuditor,  Role::kWitness};

// The golden list: a change of rights is a change of this text. H hospital, C connector, I issuing
// institution, M managing institution, P platform, O police, R relying party, A administrator,
// U auditor, W witness; "!" where the answer discloses personal data.
const char kGolden[] = R"(
/birthseal.v1.Administration/CancelReservation IM
/birthseal.v1.Administration/ConfirmStock IMA
/birthseal.v1.Administration/CreateBackup A
/birthseal.v1.Administration/GetSummary MAU
/birthseal.v1.Administration/PutClient A
/birthseal.v1.Administration/PutInstitution A
/birthseal.v1.Administration/PutOperator A
/birthseal.v1.Administration/PutSeal A
/birthseal.v1.Administration/ReceiveStock MA
/birthseal.v1.DeliveryFeed/GetDelivery HIM!
/birthseal.v1.DeliveryFeed/ListReviews HIM
/birthseal.v1.DeliveryFeed/PushDeliveries HC
/birthseal.v1.DeliveryFeed/ResolveReview IM
/birthseal.v1.Issuing/ApproveCases IM
/birthseal.v1.Issuing/GetCase IM!
/birthseal.v1.Issuing/IssueCertificates IM
/birthseal.v1.Issuing/ReportMisprint IM
/birthseal.v1.Issuing/RevokeCertificate M
/birthseal.v1.Issuing/SubmitApplication IMP
/birthseal.v1.Issuing/WithdrawCase IMP
/birthseal.v1.Sharing/DownloadDocument IMP!
/birthseal.v1.Sharing/GetCertificate IMP!
/birthseal.v1.Sharing/GetPreview IMP!
/birthseal.v1.Transparency/GetCheckpoint IMPORAUW
/birthseal.v1.Transparency/GetConsistencyProof OUW
/birthseal.v1.Transparency/GetInclusionProof OUW
/birthseal.v1.Transparency/ListLeaves UW
/birthseal.v1.Transparency/ListUpdates UW
/birthseal.v1.Transparency/Witness W
/birthseal.v1.Verification/GetReceipt IMPORU
/birthseal.v1.Verification/GetStatus HIMPORU
/birthseal.v1.Verification/ProveUniqueness MPOU!
/birthseal.v1.Verification/VerifyDocument IMPOR
/birthseal.v1.Verification/VerifyNumber IMPOR
)";

std::string Letters(const MethodAccess& access) {
  static constexpr char kLetters[] = "HCIMPORAUW";
  std::string out;
  for (size_t i = 0; i < std::size(kAllRoles); ++i) {
    if (access.allowed.Has(kAllRoles[i])) out += kLetters[i];
  }
  return access.discloses ? out + "!" : out;
}

// Rule U7.
TEST(AccessPolicyTest, RightsAreThoseOfTheGoldenList) {
  const AccessPolicy policy;
  std::string found = "\n";
  for (const auto& [path, access] : policy.methods()) {
    absl::StrAppend(&found, path, " ", Letters(access), "\n");
  }
  EXPECT_EQ(found, kGolden);
}

TEST(AccessPolicyTest, EveryMethodIsDeclared) {
  const AccessPolicy policy;
  EXPECT_FALSE(policy.methods().empty());
  for (const auto& [path, access] : policy.methods()) EXPECT_FALSE(access.allowed.empty()) << path;
}

// Rule U7.
TEST(AccessPolicyTest, WhatIsNotDeclaredIsDeniedToEveryRole) {
  const AccessPolicy policy;
  for (const Role role : kAllRoles) {
    const Caller caller = tests::MakeCaller("", {role});
    EXPECT_THAT(policy.Check("/birthseal.v1.Issuing/Forge", caller),
                StatusIs(absl::StatusCode::kPermissionDenied, "METHOD_NOT_DECLARED"));
    EXPECT_THAT(policy.Check("", caller), StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(policy.Check("/grpc.health.v1.Healthy/Check", caller),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
}

// The policy as the network sees it: each role calls each method with an empty request.
TEST(AccessPolicyTest, EachRoleReachesExactlyItsMethodsOverMutualTls) {
  tests::TestServer server;
  const AccessPolicy policy;
  for (const Role role : kAllRoles) {
    const auto channel = server.Connect(server.Register(tests::kOutsider, {role}));
    for (const auto& [path, access] : policy.methods()) {
      const grpc::Status status = CallRaw(channel, path);
      const bool refused = status.error_code() == grpc::StatusCode::PERMISSION_DENIED &&
                           tests::ReasonOf(status).reason().empty();
      EXPECT_EQ(refused, !access.allowed.Has(role))
          << path << " role " << static_cast<int>(role) << " code " << status.error_code();
      EXPECT_NE(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << path;
    }
  }
}

}  // namespace
}  // namespace birthseal::server
