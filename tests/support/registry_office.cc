// SPDX-License-Identifier: Apache-2.0
#include "tests/support/registry_office.h"

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "tests/support/birth_messages.h"

namespace birthseal::tests {
namespace {

v1::Delivery DeliveryOf(int n) { return BirthOf(n, kSiteA.code, kSiteA.name); }

absl::Status Refused(const v1::ItemError& error) {
  return certs::Error(static_cast<absl::StatusCode>(error.code()), error.reason(), error.message());
}

}  // namespace

RegistryOffice::RegistryOffice(const ServiceSite& site, int port)
    : site_(site),
      port_(port),
      feed_(site.ClientFor("hospital-a", port)),
      admin_(site.ClientFor("admin", port)),
      issuer_(site.ClientFor("issuer-a", port)),
      managing_(site.ClientFor("managing", port)),
      platform_(site.ClientFor("platform", port)),
      police_(site.ClientFor("police", port)) {}

absl::StatusOr<std::string> RegistryOffice::Report(int n) {
  ASSIGN_OR_RETURN(const std::vector<v1::PushDeliveriesResponse> verdicts,
                   feed_.Push({MessageFor(DeliveryOf(n))}));
  return verdicts.at(0).newborn_id();
}

absl::StatusOr<v1::Certificate> RegistryOffice::IssueCase(
    const v1::SubmitApplicationRequest& request) {
  ASSIGN_OR_RETURN(const v1::SubmitApplicationResponse filed, issuer_.SubmitApplication(request));
  v1::ApproveCasesRequest approve;
  *approve.add_items() = ApprovalOf(filed, "issuer-a", site_.OperatorKey("issuer-a"));
  ASSIGN_OR_RETURN(const v1::ApproveCasesResponse approved, issuer_.ApproveCases(approve));
  if (approved.results(0).has_error()) return Refused(approved.results(0).error());
  v1::IssueCertificatesRequest order;
  *order.add_items() = OrderOf(approved.results(0), "sealer-a", site_.OperatorKey("sealer-a"));
  ASSIGN_OR_RETURN(const v1::IssueCertificatesResponse issued, issuer_.IssueCertificates(order));
  if (issued.results(0).has_error()) return Refused(issued.results(0).error());
  return issued.results(0).certificate();
}

absl::StatusOr<v1::Certificate> RegistryOffice::Issue(int n) {
  ASSIGN_OR_RETURN(const std::string newborn, Report(n));
  v1::SubmitApplicationRequest request;
  request.set_request_id(absl::StrCat("first-", n));
  *request.mutable_application() = ApplicationFor(DeliveryOf(n), newborn, kSiteA.code);
  return IssueCase(request);
}

absl::StatusOr<v1::Certificate> RegistryOffice::Exchange(int n, const std::string& old) {
  ASSIGN_OR_RETURN(const std::string newborn, Report(n));
  v1::SubmitApplicationRequest request;
  request.set_request_id(absl::StrCat("exchange-", old));
  *request.mutable_application() = ExchangeFor(DeliveryOf(n), newborn, kSiteA.code, old);
  return IssueCase(request);
}

absl::StatusOr<v1::Certificate> RegistryOffice::Revoke(const std::string& number) {
  v1::RevokeCertificateRequest request;
  request.set_request_id(absl::StrCat("revoke-", number));
  request.set_number(number);
  const certs::Digest decision = certs::Sm3Of("a decision");
  request.mutable_decision()->set_kind("DECISION");
  request.mutable_decision()->set_reference("决定书一号");
  request.mutable_decision()->set_sm3(certs::Bytes(decision));
  const std::string digest = certs::Bytes(certs::Sm3()
                                              .Add(absl::string_view("birthseal/revoke/v1\0", 20))
                                              .Add(number)
                                              .Add(certs::View(decision))
                                              .Finish());
  *request.mutable_issuer() = Signed("issuer-m", site_.OperatorKey("issuer-m"), digest);
  *request.mutable_sealer() = Signed("sealer-m", site_.OperatorKey("sealer-m"), digest);
  ASSIGN_OR_RETURN(v1::RevokeCertificateResponse response, managing_.RevokeCertificate(request));
  return *response.mutable_certificate();
}

absl::Status RegistryOffice::TryToIssue() {
  client::ClientOptions options = site_.ClientFor("issuer-a", port_);
  options.retry = false;
  v1::ApproveCasesRequest request;
  auto* item = request.add_items();
  item->set_case_id(std::string(16, 'x'));
  item->set_content_digest(std::string(32, 'x'));
  item->mutable_issuer()->set_operator_id("issuer-a");
  item->mutable_issuer()->set_signature("x");
  return client::Client(options).ApproveCases(request).status();
}

absl::StatusOr<v1::GetStatusResponse> RegistryOffice::Status(const v1::Certificate& certificate) {
  v1::GetStatusRequest request;
  request.set_licence_id(certificate.licence_id());
  return police_.GetStatus(request);
}

absl::StatusOr<std::string> RegistryOffice::Download(const std::string& number) {
  v1::DownloadDocumentRequest request;
  request.mutable_key()->set_number(number);
  request.set_use_cause("户口登记");
  ASSIGN_OR_RETURN(v1::DownloadDocumentResponse response, platform_.DownloadDocument(request));
  return std::move(*response.mutable_file());
}

}  // namespace birthseal::tests
