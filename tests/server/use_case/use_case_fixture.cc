// SPDX-License-Identifier: Apache-2.0
#include "tests/server/use_case/use_case_fixture.h"

#include <algorithm>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/identifiers.h"
#include "server/reading/download_document.h"
#include "signer/sealing/vrf_key.h"
#include "signer/verify/note_memory.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using server::Role;

// Keys and seals cost more than the tests: made once for the program.
const std::shared_ptr<const signer::InstitutionSeal>& SealFor(const std::string& code,
                                                              const std::string& name,
                                                              bool managing) {
  static auto* const seals =
      new std::map<std::string, std::shared_ptr<const signer::InstitutionSeal>>();
  auto& seal = (*seals)[code];
  if (seal == nullptr && code == SharedPki().institution.code) seal = SharedPki().seal;
  if (seal == nullptr) {
    const auto made = signer::devpki::MakeInstitutionSeal(
        SharedPki().hierarchy, {code, name, "云岭县", managing}, FixtureNow());
    EXPECT_OK(made);
    seal = OpenSeal(*made);
  }
  return seal;
}

Staff StaffOf(const std::string& code) {
  static auto* const staff = new std::map<std::string, Staff>();
  Staff& keys = (*staff)[code];
  if (keys.issuer == nullptr) {
    keys.issuer = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
    keys.sealer = signer::PrivateKey::Generate(signer::KeyAlgorithm::kP256);
  }
  return keys;
}

std::shared_ptr<const signer::VrfKey> TestVrfKey() {
  static const auto* const key =
      new std::shared_ptr<const signer::VrfKey>(*signer::VrfKey::FromPkcs8(
          signer::PrivateKey::Generate(signer::KeyAlgorithm::kP256)->DangerouslyExportPkcs8()));
  return *key;
}

std::string CitizenNumber(const std::string& birth_day, int sequence) {
  const std::string body = absl::StrFormat("529901%s%03d", birth_day, sequence);
  return absl::StrCat(body, std::string(1, certs::Mod11_2CheckCharacter(body)));
}

}  // namespace

UseCaseTest::UseCaseTest(std::unique_ptr<store::Engine> engine) : engine_(std::move(engine)) {
  const auto profile =
      certs::ParseProfile(ReadSource("deploy/profiles/national-default.textproto"));
  EXPECT_OK(profile);
  profiles_.by_name.emplace(profile->name, *profile);
  profiles_.default_name = profile->name;
  log_signer_ = *signer::NewSm2NoteSigner(kTestLogName, pki_.log_key);
  log_key_ = signer::RememberingVerifier(pki_.log_verifier);
  signer::VerifierTrust trust = pki_.Trust();
  trust.log_key = log_key_;
  verifier_ = std::make_unique<signer::DocumentVerifier>(std::move(trust));
}

void UseCaseTest::SetUp() {
  Restart();
  Register({hospital(), pki_.institution.name, false, "Z520000001", "Z520000900"});
  Register({kOtherHospital, "云岭县妇幼保健院", false, "Z520001001", "Z520001900"});
  Register({kManaging, "云岭县卫生健康局", true, "Z520002001", "Z520002900"});
}

void UseCaseTest::Restart() {
  Stop();
  ASSERT_OK(Start());
}

void UseCaseTest::Stop() {
  house_.reset();
  workers_.reset();
  ledger_.reset();
}

absl::Status UseCaseTest::OpenMark() {
  checkpoints_.reset();  // it writes the mark
  mark_.reset();
  if (mark_path_.empty()) return absl::OkStatus();
  auto opened = server::HighWater::Open(mark_path_);
  if (absl::IsNotFound(opened.status())) opened = server::HighWater::Create(mark_path_);
  if (!opened.ok()) return opened.status();
  mark_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status UseCaseTest::Start() {
  registry_ = store::Registry(engine_.get(), &value_sealer_);  // a process remembers nothing
  if (absl::Status opened = OpenMark(); !opened.ok()) return opened;
  server::CheckpointSigner::Options signing;
  signing.keys = {log_signer_};
  signing.log_name = kTestLogName;
  signing.verifier = pki_.log_verifier;
  signing.mark = mark_.get();
  checkpoints_ = std::make_unique<server::CheckpointSigner>(std::move(signing));
  store::LedgerOptions options;
  options.index_key = "an index key of thirty-two bytes";
  options.may_log = [] { return true; };
  options.monotonic = [this] { return clock_.Now() - absl::UnixEpoch(); };
  options.on_durable = [this](const store::DurableRoot& root) {
    checkpoints_->OnDurable(root);
    desk_->OnDurable(root);
  };
  auto opened = store::Ledger::Open(engine_.get(), &clock_, options);
  if (!opened.ok()) return opened.status();
  ledger_ = *std::move(opened);
  checkpoints_->OnDurable(ledger_->Head());
  server::Freshness::Options fresh;
  fresh.witnesses = witnesses_.witnesses.size();
  fresh.quorum = witnesses_.quorum;
  freshness_ = std::make_unique<server::Freshness>(std::move(fresh), &clock_);
  server::WitnessDesk::Options desk;
  desk.log_name = kTestLogName;
  desk.log_keys = {log_key_};
  desk.policy = witnesses_;
  desk.clients = witness_clients_;
  desk_ = std::make_unique<server::WitnessDesk>(
      std::move(desk), server::WitnessDesk::Surroundings{engine_.get(), checkpoints_.get(),
                                                         freshness_.get(), &clock_});
  desk_->OnDurable(ledger_->Head());
  labels_ = std::make_unique<server::ClaimLabels>(TestVrfKey());
  workers_ = std::make_unique<server::WorkerPool>(4, 1024);
  operators_ = std::make_unique<server::OperatorDirectory>(&registry_);
  approvals_ = std::make_unique<signer::ApprovalVerifier>(operators_.get());
  sealer_ = std::make_unique<signer::DocumentSealer>(signer::SealerTrust{
      &keys_, approvals_.get(), log_key_, &profiles_.by_name, &SharedRenderer()});
  open_issues_ = std::make_unique<server::OpenIssues>();
  house_ = std::make_unique<server::House>(server::Furnishing{
      *ledger_, registry_, clock_, profiles_, *operators_, *approvals_, *workers_, *open_issues_,
      *checkpoints_, *desk_, *freshness_, *labels_, SharedRenderer(), *verifier_, *sealer_,
      seal_book_, seal_check_, options.index_key, TestFonts()->version()});
  return absl::OkStatus();
}

server::Caller UseCaseTest::As(const std::string& organisation, Role role) const {
  server::Caller caller;
  caller.organisation_code = organisation;
  caller.roles.Add(role);
  return caller;
}

void UseCaseTest::Register(const Office& office) {
  const server::Caller admin = As(kManaging, Role::kAdministrator);
  storage::v1::Institution institution;
  institution.set_code(office.code);
  institution.set_name(office.name);
  institution.set_county_code(office.division);
  institution.set_county_name("云岭县");
  institution.set_licensed(office.licensed);
  institution.set_managing(office.managing);
  ASSERT_OK(server::PutInstitution(*house_, admin, institution));
  RegisterStaff(office.code);
  keys_.seals[office.code] = SealFor(office.code, office.name, office.managing);
  storage::v1::SealRecord seal;
  seal.set_institution_code(office.code);
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(keys_.seals[office.code]->seal.bytes)));
  ASSERT_OK(server::PutSeal(*house_, admin, seal));
  ASSERT_OK(server::ReceiveStock(
      *house_, admin,
      {absl::StrCat("stock-", office.code), office.code, office.first_number, office.last_number}));
}

void UseCaseTest::RegisterStaff(const std::string& code) {
  staff_[code] = StaffOf(code);
  for (const bool seals : {false, true}) {
    storage::v1::Operator who;
    who.set_id(absl::StrCat(seals ? "sealer-" : "issuer-", code));
    who.set_institution_code(code);
    who.set_may_issue(!seals);
    who.set_may_seal(seals);
    who.set_active(true);
    who.set_public_key((seals ? staff_[code].sealer : staff_[code].issuer)->PublicSpki());
    ASSERT_OK(server::PutOperator(*house_, As(kManaging, Role::kAdministrator), who));
  }
}

server::OperatorSignature UseCaseTest::IssuerOf(const std::string& code,
                                                const certs::Digest& digest) const {
  return {"issuer-" + code, signer::SignWith(staff_.at(code).issuer, certs::View(digest))};
}

server::OperatorSignature UseCaseTest::SealerOf(const std::string& code,
                                                const certs::Digest& digest) const {
  return {"sealer-" + code, signer::SignWith(staff_.at(code).sealer, certs::View(digest))};
}

certs::Delivery UseCaseTest::BirthOf(int n) const {
  certs::Delivery delivery;
  delivery.facility_code = hospital();
  delivery.facility_name = pki_.institution.name;
  delivery.baby_record_no = absl::StrCat("B-", n);
  delivery.mother_inpatient_no = absl::StrCat("I-", n);
  delivery.sex = certs::Sex::kFemale;
  delivery.birth_time = absl::CivilMinute(2026, 5, 28, 8, n % 60);
  delivery.birth_time_known = true;
  delivery.gestation_weeks = 38;
  delivery.gestation_days = 3;
  delivery.birth_weight_g = 3250;
  delivery.birth_length_mm = 500;
  delivery.birth_place = {"贵州省", "云岭市", "云岭县", "529901"};
  delivery.outcome = certs::Outcome::kLive;
  delivery.plurality = delivery.birth_order = 1;
  delivery.mother_name = "林晚舟";
  delivery.mother_id_type = certs::IdType::kCitizenId;
  delivery.mother_id_number = CitizenNumber("19970601", 2 * (n % 499 + 1));
  delivery.midwife_id = "MW-1";
  delivery.signed_at = absl::CivilSecond(2026, 5, 28, 10, 0, 0);
  return delivery;
}

certs::Application UseCaseTest::ApplicationFor(int n, const certs::NewbornId& newborn) const {
  const certs::Delivery delivery = BirthOf(n);
  certs::Application application;
  application.institution_code = hospital();
  application.newborn_id = std::string(certs::View(newborn));
  application.newborn_name = "云知夏";
  application.mother = {delivery.mother_name,
                        28,
                        "CHN",
                        "01",
                        "贵州省云岭县松风街道栖霞路18号",
                        delivery.mother_id_type,
                        delivery.mother_id_number};
  application.father = application.mother;
  application.father->name = "云长青";
  application.father->age = 31;
  application.father->id_number = CitizenNumber("19950203", 2 * (n % 499) + 1);
  application.collector.name = delivery.mother_name;
  application.collector.relation = "MOTHER";
  application.collector.id_type = delivery.mother_id_type;
  application.collector.id_number = delivery.mother_id_number;
  for (const certs::EvidenceKind kind :
       {certs::EvidenceKind::kMotherId, certs::EvidenceKind::kFatherId}) {
    application.evidence.push_back({kind, "DOC-1", certs::Sm3Of("document"), ""});
  }
  return application;
}

server::DeliveryMessage UseCaseTest::MessageOf(const certs::Delivery& delivery) const {
  server::DeliveryMessage message;
  message.facility_code = delivery.facility_code;
  message.source_message_id = absl::StrCat("HIS|", delivery.baby_record_no);
  message.content_digest = certs::Sm3Of(certs::Canonical(delivery));
  message.delivery = delivery;
  message.raw = "a message as it came";
  message.raw_format = "grpc";
  message.event_time = clock_.Now();
  return message;
}

absl::StatusOr<store::DeliveryAnswer> UseCaseTest::Push(const server::DeliveryMessage& message) {
  std::promise<absl::StatusOr<store::DeliveryAnswer>> answered;
  server::PushDelivery(
      *house_, As(message.facility_code, Role::kHospital), message,
      [&](absl::StatusOr<store::DeliveryAnswer> answer) { answered.set_value(std::move(answer)); });
  return answered.get_future().get();
}

certs::NewbornId UseCaseTest::PushBirth(const certs::Delivery& delivery) {
  const auto answer = Push(MessageOf(delivery));
  EXPECT_OK(answer);
  if (!answer.ok()) return {};
  for (const store::FeedDefect& defect : answer->defects) ADD_FAILURE() << defect.code;
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kAccepted);
  return answer->newborn_id;
}

absl::StatusOr<server::SubmitApplicationResult> UseCaseTest::File(
    const certs::Application& application) {
  server::SubmitApplicationInput input;
  input.request_id = absl::StrCat("request-", ++next_request_);
  input.application = application;
  return server::SubmitApplication(*house_, Issuing(application.institution_code), input);
}

server::ApproveOutcome UseCaseTest::Approve(const server::SubmitApplicationResult& filed,
                                            const std::string& code) {
  server::ApproveItem item;
  item.case_id = filed.case_id;
  item.content_digest = filed.content_digest;
  item.operator_id = absl::StrCat("issuer-", code);
  item.signature = signer::SignWith(staff_.at(code).issuer, certs::View(filed.content_digest));
  const auto outcomes = server::ApproveCases(*house_, Issuing(code), {item});
  EXPECT_OK(outcomes);
  return outcomes->front();
}

server::IssueItem UseCaseTest::OrderFor(const server::ApproveOutcome& approved,
                                        const std::string& code) const {
  server::IssueItem item;
  item.case_id = approved.case_id;
  item.issue_date = approved.issue_date;
  item.operator_id = absl::StrCat("sealer-", code);
  item.signature = signer::SignWith(staff_.at(code).sealer, certs::View(approved.face_digest));
  return item;
}

server::IssueOutcome UseCaseTest::Issue(const server::ApproveOutcome& approved,
                                        const std::string& code) {
  const auto outcomes =
      server::IssueCertificates(*house_, Issuing(code), {OrderFor(approved, code)});
  EXPECT_OK(outcomes);
  return outcomes->front();
}

server::CertificateView UseCaseTest::IssueBirth(int n) {
  const certs::NewbornId newborn = PushBirth(BirthOf(n));
  const auto filed = File(ApplicationFor(n, newborn));
  EXPECT_OK(filed);
  if (!filed.ok()) return {};
  for (const certs::Defect& defect : filed->defects) {
    if (defect.severity != certs::Severity::kNote) ADD_FAILURE() << defect.code;
  }
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  EXPECT_OK(approved.status);
  if (!approved.status.ok()) return {};
  const server::IssueOutcome issued = Issue(approved, hospital());
  EXPECT_OK(issued.status);
  return issued.certificate;
}

std::string UseCaseTest::Download(const std::string& number) {
  const auto downloaded =
      server::DownloadDocument(*house_, As(kManaging, Role::kPlatform), {number, "户口登记"});
  EXPECT_OK(downloaded);
  return downloaded.ok() ? downloaded->file : "";
}

}  // namespace birthseal::tests
