// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/scenario_fixture.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "certs/digest.h"

namespace birthseal::tests {
namespace {

using server::Role;

std::string NextRequestId() {
  static std::atomic<int> next{0};
  return absl::StrCat("00000000-0000-4000-8000-", 100'000'000'000 + ++next);
}

Site MakeSite(TestServer* server, const char* code, const char* name, const char* suffix,
              std::initializer_list<Role> roles) {
  const client::ClientOptions options = OptionsFor(*server, server->Register(code, roles));
  return {code, name, suffix, std::make_unique<client::Client>(options),
          std::make_unique<client::FeedClient>(options)};
}

std::unique_ptr<client::Client> MakeClient(TestServer* server, Role role) {
  return std::make_unique<client::Client>(OptionsFor(*server, server->Register(kOutsider, {role})));
}

absl::Status StatusFrom(const v1::ItemError& error) {
  return certs::Error(static_cast<absl::StatusCode>(error.code()), error.reason(), error.message());
}

// Starts the service before the first test and stops it after the last.
class TownEnvironment : public testing::Environment {
 public:
  void SetUp() override { town = std::make_unique<Town>(); }
  void TearDown() override { town.reset(); }
  std::unique_ptr<Town> town;
};

TownEnvironment* const environment =
    static_cast<TownEnvironment*>(testing::AddGlobalTestEnvironment(new TownEnvironment));

}  // namespace

client::ClientOptions OptionsFor(const TestServer& server, const Peer& peer) {
  client::ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", server.port());
  options.ca_pem = server.ca_pem();
  options.certificate_pem = peer.certificate_pem;
  options.private_key_pem = peer.key_pem;
  options.retry = false;  // a refusal is what it is
  return options;
}

Town::Town() {
  server.RegisterInstitutions();
  hospital = MakeSite(&server, kHospital, "云岭县人民医院", "1",
                      {Role::kHospital, Role::kIssuingInstitution});
  other = MakeSite(&server, kOtherHospital, "青禾县妇幼保健院", "2",
                   {Role::kHospital, Role::kIssuingInstitution});
  county = MakeSite(&server, kManaging, "云岭县卫生健康局", "m",
                    {Role::kHospital, Role::kManagingInstitution});
  police = MakeClient(&server, Role::kPolice);
  platform = MakeClient(&server, Role::kPlatform);
  relying_party = MakeClient(&server, Role::kRelyingParty);
  administrator = std::make_unique<client::Client>(OptionsFor(server, server.administrator()));
}

Town& ScenarioTest::town() { return *environment->town; }

v1::Delivery ScenarioTest::NewBirth(const Site& site) {
  static std::atomic<int> next{0};
  return BirthOf(++next, site.code, site.name);
}

v1::Delivery ScenarioTest::BirthDaysAgo(const Site& site, int days) {
  v1::Delivery birth = NewBirth(site);
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(8 * 3600)) - days;
  birth.set_birth_time(absl::FormatCivilTime(day) + "T08:10");
  birth.set_signed_time(absl::FormatCivilTime(day) + "T12:00:00");
  return birth;
}

void ScenarioTest::AddEvidence(const std::string& kind, v1::Application* application,
                               const std::string& outcome) {
  v1::Evidence* evidence = application->add_evidence();
  evidence->set_kind(kind);
  evidence->set_reference(absl::StrCat("DOC-", kind));
  evidence->set_sm3(certs::Bytes(certs::Sm3Of(kind)));
  evidence->set_outcome(outcome);
}

v1::Application ScenarioTest::ReplacementOf(const v1::Delivery& birth, const v1::Certificate& old) {
  v1::Application application = ApplicationFor(birth, old.newborn_id(), kManaging);
  application.set_kind(v1::CASE_KIND_REPLACEMENT);
  application.set_predecessor_number(old.number());
  AddEvidence("LOSS_STATEMENT", &application);
  AddEvidence("ISSUING_RECORD", &application);
  AddEvidence("POLICE_CHECK_REPLY", &application, "REGISTERED");
  return application;
}

v1::PushDeliveriesResponse ScenarioTest::Push(Site& site, const v1::Delivery& delivery) {
  const auto verdicts = site.feed->Push({MessageFor(delivery)});
  EXPECT_OK(verdicts);
  return verdicts.ok() ? verdicts->front() : v1::PushDeliveriesResponse();
}

std::string ScenarioTest::Deliver(Site& site, const v1::Delivery& delivery) {
  const v1::PushDeliveriesResponse verdict = Push(site, delivery);
  EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_ACCEPTED) << verdict.ShortDebugString();
  return verdict.newborn_id();
}

absl::StatusOr<v1::SubmitApplicationResponse> ScenarioTest::File(
    Site& site, const v1::Application& application) {
  v1::SubmitApplicationRequest request;
  request.set_request_id(NextRequestId());
  *request.mutable_application() = application;
  return site.client->SubmitApplication(request);
}

absl::StatusOr<v1::ApproveCasesResponse::Result> ScenarioTest::Approve(
    Site& site, v1::SubmitApplicationResponse filed) {
  // Of a case that is not fit there is no digest: an impatient issuer signs one of his own.
  if (filed.content_digest().empty()) filed.set_content_digest(std::string(32, '\1'));
  const std::string issuer = absl::StrCat("issuer-", site.suffix);
  v1::ApproveCasesRequest request;
  *request.add_items() = ApprovalOf(filed, issuer, town().server.OperatorKey(issuer));
  auto response = site.client->ApproveCases(request);
  if (!response.ok()) return response.status();
  const v1::ApproveCasesResponse::Result& result = response->results(0);
  if (result.has_error()) return StatusFrom(result.error());
  return result;
}

absl::StatusOr<v1::Certificate> ScenarioTest::Order(
    Site& site, const v1::IssueCertificatesRequest::Item& item) {
  v1::IssueCertificatesRequest request;
  *request.add_items() = item;
  auto response = site.client->IssueCertificates(request);
  if (!response.ok()) return response.status();
  const v1::IssueCertificatesResponse::Result& result = response->results(0);
  if (result.has_error()) return StatusFrom(result.error());
  return result.certificate();
}

absl::StatusOr<v1::Certificate> ScenarioTest::Issue(
    Site& site, const v1::ApproveCasesResponse::Result& approved) {
  const std::string sealer = absl::StrCat("sealer-", site.suffix);
  return Order(site, OrderOf(approved, sealer, town().server.OperatorKey(sealer)));
}

absl::StatusOr<v1::Certificate> ScenarioTest::Certify(Site& site,
                                                      const v1::Application& application) {
  const auto filed = File(site, application);
  if (!filed.ok()) return filed.status();
  EXPECT_EQ(filed->state(), v1::CASE_STATE_SUBMITTED) << filed->ShortDebugString();
  const auto approved = Approve(site, *filed);
  if (!approved.ok()) return approved.status();
  return Issue(site, *approved);
}

v1::Certificate ScenarioTest::CertifyBirth(Site& site, const v1::Delivery& birth) {
  const auto certificate = Certify(site, ApplicationFor(birth, Deliver(site, birth), site.code));
  EXPECT_OK(certificate);
  return certificate.ok() ? *certificate : v1::Certificate();
}

std::string ScenarioTest::Download(const v1::Certificate& certificate) {
  v1::DownloadDocumentRequest request;
  request.mutable_key()->set_number(certificate.number());
  request.set_use_cause("户口登记");
  const auto response = town().platform->DownloadDocument(request);
  EXPECT_OK(response);
  return response.ok() ? response->file() : "";
}

v1::FaceContent ScenarioTest::ContentOf(const std::string& number) {
  v1::GetCertificateRequest request;
  request.mutable_key()->set_number(number);
  request.set_use_cause("户口登记");
  const auto response = town().platform->GetCertificate(request);
  EXPECT_OK(response);
  return response.ok() ? response->certificate().content() : v1::FaceContent();
}

v1::VerifyDocumentResponse ScenarioTest::VerifyFile(const std::string& file) {
  v1::VerifyDocumentRequest request;
  request.set_file(file);
  request.set_use_cause("户口登记");
  const auto response = town().police->VerifyDocument(request);
  EXPECT_OK(response);
  return response.ok() ? *response : v1::VerifyDocumentResponse();
}

v1::CertificateStatus ScenarioTest::StatusOfLicence(const std::string& licence_id) {
  v1::GetStatusRequest request;
  request.set_licence_id(licence_id);
  const auto response = town().police->GetStatus(request);
  EXPECT_OK(response);
  return response.ok() && response->known() ? response->status()
                                            : v1::CERTIFICATE_STATUS_UNSPECIFIED;
}

std::vector<std::string> ScenarioTest::CodesOf(const v1::SubmitApplicationResponse& filed) {
  std::vector<std::string> codes;
  for (const v1::CaseDefect& defect : filed.defects()) codes.push_back(defect.code());
  return codes;
}

v1::CaseDefect::Severity ScenarioTest::SeverityOf(const v1::SubmitApplicationResponse& filed,
                                                  const std::string& code) {
  for (const v1::CaseDefect& defect : filed.defects()) {
    if (defect.code() == code) return defect.severity();
  }
  return v1::CaseDefect::SEVERITY_UNSPECIFIED;
}

}  // namespace birthseal::tests
