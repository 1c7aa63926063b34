// SPDX-License-Identifier: Apache-2.0
// An institution's work through the public API, one birth at a time: what tests of restores,
// witnesses and disasters let happen before and after.
//
// Certificates are those of the institution A of a ServiceSite, revocations of its managing one.
// One owner thread. Errors: those of the service.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/feed_client.h"
#include "tests/support/service_harness.h"

namespace birthseal::tests {

class RegistryOffice {
 public:
  // Of a service that serves at `port`; the site outlives the office.
  RegistryOffice(const ServiceSite& site, int port);

  // Birth `n` (birth_messages.h) is reported; gives the newborn id. A repeat is as the first.
  absl::StatusOr<std::string> Report(int n);
  absl::StatusOr<v1::Certificate> Issue(int n);
  // `old` is exchanged (换发): damaged, the original returned.
  absl::StatusOr<v1::Certificate> Exchange(int n, const std::string& old);
  absl::StatusOr<v1::Certificate> Revoke(const std::string& number);

  // One approval of no case, without retries: what the service says of issuing.
  absl::Status TryToIssue();
  absl::StatusOr<v1::GetStatusResponse> Status(const v1::Certificate& certificate);
  absl::StatusOr<std::string> Download(const std::string& number);
  client::Client& admin() { return admin_; }
  client::Client& managing() { return managing_; }

 private:
  absl::StatusOr<v1::Certificate> IssueCase(const v1::SubmitApplicationRequest& request);

  const ServiceSite& site_;
  const int port_;
  client::FeedClient feed_;
  client::Client admin_, issuer_, managing_, platform_, police_;
};

}  // namespace birthseal::tests
