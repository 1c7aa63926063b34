// SPDX-License-Identifier: Apache-2.0
#include "server/door/grpc_status.h"

#include <grpcpp/support/status.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "birthseal/v1/access.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "certs/errors.h"
#include "server/host/event_log.h"

namespace birthseal::server {
namespace {

template <absl::StatusCode kOurs, grpc::StatusCode kTheirs>
constexpr bool kSame = static_cast<int>(kOurs) == static_cast<int>(kTheirs);
static_assert(kSame<absl::StatusCode::kOk, grpc::StatusCode::OK>);
static_assert(kSame<absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED>);
static_assert(kSame<absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN>);
static_assert(kSame<absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT>);
static_assert(kSame<absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED>);
static_assert(kSame<absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND>);
static_assert(kSame<absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS>);
static_assert(kSame<absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED>);
static_assert(kSame<absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED>);
static_assert(kSame<absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION>);
static_assert(kSame<absl::StatusCode::kAborted, grpc::StatusCode::ABORTED>);
static_assert(kSame<absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE>);
static_assert(kSame<absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED>);
static_assert(kSame<absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL>);
static_assert(kSame<absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE>);
static_assert(kSame<absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS>);
static_assert(kSame<absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED>);

// Of a document that is known to be lost nothing is left for an operator to look for: who asks is
// told what to do instead.
bool StaysInside(const absl::Status& status) {
  if (absl::IsDataLoss(status)) return certs::ReasonOf(status) != "DOCUMENT_LOST";
  return absl::IsInternal(status);
}

std::string NewIncident() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  return absl::StrCat(absl::Hex(source(), absl::kZeroPad16));
}

struct Public {
  std::string message;
  v1::ErrorReason reason;
};

Public PublicOf(const absl::Status& status) {
  Public out;
  if (StaysInside(status)) {
    const std::string incident = NewIncident();
    LogEvent(LogLevel::kError, "incident",
             {{"incident", incident},
              {"code", absl::StatusCodeToString(status.code())},
              {"reason", certs::ReasonOf(status)},
              {"text", status.message()}});
    out.message = absl::StrCat("error of the service; tell the operator the incident ", incident);
    out.reason.set_reason("INCIDENT");
    out.reason.set_incident_id(incident);
    out.reason.set_text_zh(absl::StrCat("服务内部错误，请将事件编号 ", incident, " 告知运维人员"));
  } else {
    out.message = std::string(status.message());
    out.reason.set_reason(certs::ReasonOf(status));
    out.reason.set_field(certs::FieldOf(status));
    out.reason.set_text_zh(certs::TextZhOf(status));
  }
  out.reason.set_text_en(out.message);
  return out;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const Public shown = PublicOf(status);
  v1::StatusDetails details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(shown.message);
  details.add_details()->PackFrom(shown.reason);
  return {static_cast<grpc::StatusCode>(status.code()), shown.message, details.SerializeAsString()};
}

void ToItemError(const absl::Status& status, v1::ItemError* error) {
  const Public shown = PublicOf(status);
  error->set_code(static_cast<int>(status.code()));
  error->set_reason(shown.reason.reason());
  error->set_message(shown.message);
}

}  // namespace birthseal::server
