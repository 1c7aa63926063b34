// SPDX-License-Identifier: Apache-2.0
#include "server/door/grpc_status.h"

#include <grpcpp/support/status.h>

#include "birthseal/v1/issuing.pb.h"
#include "certs/errors.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"

namespace birthseal::server {
namespace {

TEST(GrpcStatusTest, AllSeventeenCodesKeepTheirNumber) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "text");
    EXPECT_EQ(static_cast<int>(ToGrpcStatus(status).error_code()), code);
  }
}

TEST(GrpcStatusTest, ReasonFieldAndChineseTextTravelAsDetail) {
  const grpc::Status status = ToGrpcStatus(certs::Error(
      absl::StatusCode::kPermissionDenied, "SAME_PERSON", "one person", "sealer", "同一人"));
  const v1::ErrorReason reason = tests::ReasonOf(status);
  EXPECT_EQ(reason.reason(), "SAME_PERSON");
  EXPECT_EQ(reason.field(), "sealer");
  EXPECT_EQ(reason.text_zh(), "同一人");
  EXPECT_EQ(reason.text_en(), "one person");
  EXPECT_EQ(reason.incident_id(), "");
}

TEST(GrpcStatusTest, OurOwnErrorsLeaveOnlyAnIncidentBehind) {
  for (const absl::StatusCode code : {absl::StatusCode::kInternal, absl::StatusCode::kDataLoss}) {
    const grpc::Status status =
        ToGrpcStatus(certs::Error(code, "INNER_REASON", "inner text", "inner.field"));
    EXPECT_EQ(status.error_message().find("inner"), std::string::npos);
    EXPECT_EQ(status.error_details().find("inner"), std::string::npos);
    EXPECT_EQ(status.error_details().find("INNER"), std::string::npos);
    EXPECT_EQ(tests::ReasonOf(status).incident_id().size(), 16u);
  }
}

// deploy/README.md promises it after a recovery, and the text says what to do.
TEST(GrpcStatusTest, ADocumentThatIsKnownToBeLostIsToldToItsCaller) {
  const absl::Status lost = certs::Error(absl::StatusCode::kDataLoss, "DOCUMENT_LOST",
                                         "the parents' file stays good", "key", "仍然有效");
  const grpc::Status status = ToGrpcStatus(lost);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  const v1::ErrorReason reason = tests::ReasonOf(status);
  EXPECT_EQ(reason.reason(), "DOCUMENT_LOST");
  EXPECT_EQ(reason.field(), "key");
  EXPECT_EQ(reason.text_en(), "the parents' file stays good");
  EXPECT_EQ(reason.text_zh(), "仍然有效");
  EXPECT_EQ(reason.incident_id(), "");
  v1::ItemError error;
  ToItemError(lost, &error);
  EXPECT_EQ(error.reason(), "DOCUMENT_LOST");
  // The reason alone is no passport.
  const absl::Status inner =
      certs::Error(absl::StatusCode::kInternal, "DOCUMENT_LOST", "inner text");
  EXPECT_EQ(tests::ReasonOf(ToGrpcStatus(inner)).reason(), "INCIDENT");
}

TEST(GrpcStatusTest, ItemsOfABatchCarryCodeAndReason) {
  v1::ItemError error;
  ToItemError(certs::Error(absl::StatusCode::kFailedPrecondition, "CASE_STATE", "moved on"),
              &error);
  EXPECT_EQ(error.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(error.reason(), "CASE_STATE");
}

}  // namespace
}  // namespace birthseal::server
