// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/client.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "birthseal/v1/admin.grpc.pb.h"
#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "birthseal/v1/issuing.grpc.pb.h"
#include "birthseal/v1/sharing.grpc.pb.h"
#include "birthseal/v1/transparency.grpc.pb.h"
#include "birthseal/v1/verification.grpc.pb.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/cpp/channels.h"

namespace birthseal::client {
namespace {

// One unary call with its retries. `Service` is the generated service class.
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> CallUnary(Channels& channels,
                                   grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                         const Request&, Response*),
                                   const Request& request) {
  const absl::Time deadline = absl::Now() + channels.options().deadline;
  for (int attempt = 1;; ++attempt) {
    typename Service::Stub stub(channels.Next());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    Response response;
    absl::Status status = FromGrpcStatus((stub.*method)(&context, request, &response));
    if (status.ok()) return response;
    const absl::Duration pause = PauseBefore(attempt);
    const bool again = channels.options().retry && MayRetry(status);
    if (!again || absl::Now() + pause >= deadline) return status;
    absl::SleepFor(pause);
  }
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return certs::Error(absl::StatusCode::kNotFound, "FILE_NOT_READABLE",
                        absl::StrCat("cannot read ", path));
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

Client::Client(const ClientOptions& options) : channels_(std::make_unique<Channels>(options)) {}
Client::~Client() = default;

#define BIRTHSEAL_RPC(Service, Name)                                                  \
  absl::StatusOr<v1::Name##Response> Client::Name(const v1::Name##Request& request) { \
    return CallUnary<v1::Service>(*channels_, &v1::Service::Stub::Name, request);     \
  }
BIRTHSEAL_RPC(DeliveryFeed, ListReviews)
BIRTHSEAL_RPC(DeliveryFeed, ResolveReview)
BIRTHSEAL_RPC(DeliveryFeed, GetDelivery)
BIRTHSEAL_RPC(Issuing, SubmitApplication)
BIRTHSEAL_RPC(Issuing, GetCase)
BIRTHSEAL_RPC(Issuing, ApproveCases)
BIRTHSEAL_RPC(Issuing, IssueCertificates)
BIRTHSEAL_RPC(Issuing, ReportMisprint)
BIRTHSEAL_RPC(Issuing, WithdrawCase)
BIRTHSEAL_RPC(Issuing, RevokeCertificate)
BIRTHSEAL_RPC(Sharing, GetCertificate)
BIRTHSEAL_RPC(Sharing, DownloadDocument)
BIRTHSEAL_RPC(Sharing, GetPreview)
BIRTHSEAL_RPC(Verification, VerifyDocument)
BIRTHSEAL_RPC(Verification, VerifyNumber)
BIRTHSEAL_RPC(Verification, GetStatus)
BIRTHSEAL_RPC(Verification, GetReceipt)
BIRTHSEAL_RPC(Verification, ProveUniqueness)
BIRTHSEAL_RPC(Transparency, GetCheckpoint)
BIRTHSEAL_RPC(Transparency, ListLeaves)
BIRTHSEAL_RPC(Transparency, GetInclusionProof)
BIRTHSEAL_RPC(Transparency, GetConsistencyProof)
BIRTHSEAL_RPC(Transparency, ListUpdates)
BIRTHSEAL_RPC(Transparency, Witness)
BIRTHSEAL_RPC(Administration, PutInstitution)
BIRTHSEAL_RPC(Administration, PutClient)
BIRTHSEAL_RPC(Administration, PutOperator)
BIRTHSEAL_RPC(Administration, PutSeal)
BIRTHSEAL_RPC(Administration, ReceiveStock)
BIRTHSEAL_RPC(Administration, CancelReservation)
BIRTHSEAL_RPC(Administration, ConfirmStock)
BIRTHSEAL_RPC(Administration, CreateBackup)
BIRTHSEAL_RPC(Administration, GetSummary)
#undef BIRTHSEAL_RPC

absl::StatusOr<ClientOptions> OptionsFromDirectory(const std::string& target,
                                                   const std::string& directory,
                                                   const std::string& role) {
  ClientOptions options;
  options.target = target;
  ASSIGN_OR_RETURN(options.ca_pem, ReadWhole(absl::StrCat(directory, "/ca.pem")));
  ASSIGN_OR_RETURN(options.certificate_pem, ReadWhole(absl::StrCat(directory, "/", role, ".pem")));
  ASSIGN_OR_RETURN(options.private_key_pem, ReadWhole(absl::StrCat(directory, "/", role, ".key")));
  return options;
}

}  // namespace birthseal::client
