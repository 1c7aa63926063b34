// SPDX-License-Identifier: Apache-2.0
// Hospitals, institutions and verifiers as clients of the whole service: every step is a call of
// the public API over mutual TLS. One service for the program; each test takes births of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/feed_client.h"
#include "gtest/gtest.h"
#include "tests/support/birth_messages.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_server.h"

namespace birthseal::tests {

// One organisation with its connections and operators.
struct Site {
  std::string code, name;
  std::string suffix;  // of its operators: "issuer-1", "sealer-1"
  std::unique_ptr<client::Client> client;
  std::unique_ptr<client::FeedClient> feed;
};

// Options of a client that is `peer` to the server.
client::ClientOptions OptionsFor(const TestServer& server, const Peer& peer);

// The service and everyone who calls it.
struct Town {
  Town();
  TestServer server;
  Site hospital, other, county;
  std::unique_ptr<client::Client> police, platform, relying_party, administrator;
};

class ScenarioTest : public testing::Test {
 protected:
  static Town& town();
  static Site& hospital() { return town().hospital; }
  static Site& other() { return town().other; }
  static Site& county() { return town().county; }

  // A birth that no other test has.
  static v1::Delivery NewBirth(const Site& site);
  // The same, so many days ago.
  static v1::Delivery BirthDaysAgo(const Site& site, int days);
  static void AddEvidence(const std::string& kind, v1::Application* application,
                          const std::string& outcome = "");
  static v1::Application ReplacementOf(const v1::Delivery& birth, const v1::Certificate& old);

  // Pushes a record; its verdict.
  static v1::PushDeliveriesResponse Push(Site& site, const v1::Delivery& delivery);
  // Pushes a record that must be accepted; its newborn.
  static std::string Deliver(Site& site, const v1::Delivery& delivery);
  static absl::StatusOr<v1::SubmitApplicationResponse> File(Site& site,
                                                            const v1::Application& application);
  static absl::StatusOr<v1::ApproveCasesResponse::Result> Approve(
      Site& site, v1::SubmitApplicationResponse filed);
  static absl::StatusOr<v1::Certificate> Order(Site& site,
                                               const v1::IssueCertificatesRequest::Item& item);
  static absl::StatusOr<v1::Certificate> Issue(Site& site,
                                               const v1::ApproveCasesResponse::Result& approved);
  // From case to certificate; ends the test's expectations when the case is not fit.
  static absl::StatusOr<v1::Certificate> Certify(Site& site, const v1::Application& application);
  // A complete first issue.
  static v1::Certificate CertifyBirth(Site& site, const v1::Delivery& birth);

  static std::string Download(const v1::Certificate& certificate);
  static v1::FaceContent ContentOf(const std::string& number);
  static v1::VerifyDocumentResponse VerifyFile(const std::string& file);
  static v1::CertificateStatus StatusOfLicence(const std::string& licence_id);
  static std::vector<std::string> CodesOf(const v1::SubmitApplicationResponse& filed);
  static v1::CaseDefect::Severity SeverityOf(const v1::SubmitApplicationResponse& filed,
                                             const std::string& code);
};

}  // namespace birthseal::tests
