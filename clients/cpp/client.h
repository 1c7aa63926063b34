// SPDX-License-Identifier: Apache-2.0
// C++ client of the service: every unary method, mutual TLS, retries of what is safe to retry.
//
// Every method of the API is safe to repeat: mutating ones carry a request_id or name what they
// change. UNAVAILABLE, ABORTED and RESOURCE_EXHAUSTED are retried with growing pauses until the
// deadline. Thread-safe. Errors: those of the service, with their reason code (certs/errors.h).
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "birthseal/v1/admin.pb.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "birthseal/v1/sharing.pb.h"
#include "birthseal/v1/transparency.pb.h"
#include "birthseal/v1/verification.pb.h"

namespace birthseal::client {

struct ClientOptions {
  std::string target;                                    // "127.0.0.1:7443"
  std::string ca_pem, certificate_pem, private_key_pem;  // contents, not paths
  absl::Duration deadline = absl::Seconds(60);           // of one call, its retries included
  bool retry = true;
  // Connections to spread calls over; more than one helps only loads of thousands a second.
  int channels = 1;
};

class Channels;  // shared by Client and FeedClient; hides grpc

class Client {
 public:
  explicit Client(const ClientOptions& options);
  ~Client();

#define BIRTHSEAL_RPC(Name) \
  absl::StatusOr<v1::Name##Response> Name(const v1::Name##Request& request)
  BIRTHSEAL_RPC(ListReviews);
  BIRTHSEAL_RPC(ResolveReview);
  BIRTHSEAL_RPC(GetDelivery);
  BIRTHSEAL_RPC(SubmitApplication);
  BIRTHSEAL_RPC(GetCase);
  BIRTHSEAL_RPC(ApproveCases);
  BIRTHSEAL_RPC(IssueCertificates);
  BIRTHSEAL_RPC(ReportMisprint);
  BIRTHSEAL_RPC(WithdrawCase);
  BIRTHSEAL_RPC(RevokeCertificate);
  BIRTHSEAL_RPC(GetCertificate);
  BIRTHSEAL_RPC(DownloadDocument);
  BIRTHSEAL_RPC(GetPreview);
  BIRTHSEAL_RPC(VerifyDocument);
  BIRTHSEAL_RPC(VerifyNumber);
  BIRTHSEAL_RPC(GetStatus);
  BIRTHSEAL_RPC(GetReceipt);
  BIRTHSEAL_RPC(ProveUniqueness);
  BIRTHSEAL_RPC(GetCheckpoint);
  BIRTHSEAL_RPC(ListLeaves);
  BIRTHSEAL_RPC(GetInclusionProof);
  BIRTHSEAL_RPC(GetConsistencyProof);
  BIRTHSEAL_RPC(ListUpdates);
  BIRTHSEAL_RPC(Witness);
  BIRTHSEAL_RPC(PutInstitution);
  BIRTHSEAL_RPC(PutClient);
  BIRTHSEAL_RPC(PutOperator);
  BIRTHSEAL_RPC(PutSeal);
  BIRTHSEAL_RPC(ReceiveStock);
  BIRTHSEAL_RPC(CancelReservation);
  BIRTHSEAL_RPC(ConfirmStock);
  BIRTHSEAL_RPC(CreateBackup);
  BIRTHSEAL_RPC(GetSummary);
#undef BIRTHSEAL_RPC

 private:
  std::unique_ptr<Channels> channels_;
};

// Options from DIR/ca.pem, DIR/<role>.pem and DIR/<role>.key. Errors: kNotFound names the file.
absl::StatusOr<ClientOptions> OptionsFromDirectory(const std::string& target,
                                                   const std::string& directory,
                                                   const std::string& role);

}  // namespace birthseal::client
