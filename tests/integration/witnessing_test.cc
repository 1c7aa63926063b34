// SPDX-License-Identifier: Apache-2.0
// Three witnesses at a real birthseald: quorum, silence, restart, and a store that went back.
#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/errors.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/map_label.h"
#include "certs/proof/uniqueness.h"
#include "certs/status_macros.h"
#include "gmock/gmock.h"
#include "signer/sealing/vrf_key.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/note_key.h"
#include "signer/verify/trust_store.h"
#include "tests/support/birth_messages.h"
#include "tests/support/registry_office.h"
#include "tests/support/status_matchers.h"
#include "tests/support/witness_at_work.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;

constexpr char kLog[] = "birthseal.test/log";
constexpr absl::Duration kPatience = absl::Seconds(60);

class WitnessTest : public testing::Test {
 protected:
  explicit WitnessTest(ServiceSite::Options options = WithWitnesses())
      : site_(std::move(options)) {}
  static ServiceSite::Options WithWitnesses() {
    ServiceSite::Options options;
    options.witnesses = true;
    return options;
  }
  void StartService() {
    service_ = std::make_unique<ServiceProcess>(site_);
    ASSERT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    office_ = std::make_unique<RegistryOffice>(site_, service_->port());
  }
  void StopService() {
    witnesses_.clear();
    office_.reset();
    service_->Stop();
  }
  void StartWitness(const std::string& name) {
    witnesses_[name] = std::make_unique<WitnessAtWork>(site_, name, service_->port());
  }
  void StartWitnesses() {
    for (const char* name : kWitnesses) {
      StartWitness(name);
    }
  }
  v1::GetCheckpointResponse Checkpoint() {
    const auto response = office_->admin().GetCheckpoint({});
    EXPECT_OK(response);
    return response.ok() ? *response : v1::GetCheckpointResponse();
  }
  static uint64_t SizeOf(const std::string& note) {
    const auto checkpoint = certs::ParseCheckpoint(note);
    return checkpoint.ok() ? checkpoint->head.size : 0;
  }
  // Until a quorum covers all that is in the log.
  bool WaitUntilWitnessed() {
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      const v1::GetCheckpointResponse now = Checkpoint();
      if (SizeOf(now.checkpoint()) > 0 &&
          SizeOf(now.witnessed_checkpoint()) == SizeOf(now.checkpoint())) {
        return true;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
  certs::WitnessPolicy Policy() const {
    certs::WitnessPolicy policy;
    for (const std::string name : kWitnesses) {
      const std::string pem = ReadFile(absl::StrCat(site_.directory(), "/trust/", name, ".pem"));
      policy.witnesses.push_back({name, *signer::CosignerFromPem(name, pem)});
    }
    policy.quorum = 2;
    return policy;
  }

  ServiceSite site_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
  std::map<std::string, std::unique_ptr<WitnessAtWork>> witnesses_;
};

TEST_F(WitnessTest, AQuorumCosignsAndR1CarriesIt) {
  StartService();
  site_.Register(service_->port());
  EXPECT_THAT(office_->TryToIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  StartWitnesses();
  ASSERT_TRUE(WaitUntilWitnessed());
  const auto witnessed = certs::ParseCheckpoint(Checkpoint().witnessed_checkpoint());
  ASSERT_OK(witnessed);
  EXPECT_OK(certs::CheckQuorum(*witnessed, Policy()));

  const auto first = office_->Issue(1);
  ASSERT_OK(first);
  const auto file = office_->Download(first->number());
  ASSERT_OK(file);
  v1::VerifyDocumentRequest request;
  request.set_file(*file);
  request.set_use_cause("test");
  client::Client police(site_.ClientFor("police", service_->port()));
  const auto verified = police.VerifyDocument(request);
  ASSERT_OK(verified);
  EXPECT_EQ(verified->verdict(), v1::VERDICT_VALID);
  EXPECT_GE(verified->after_witnessed_size(), witnessed->head.size);

  // One of three away: the others are a quorum.
  witnesses_.erase("witness-audit");
  ASSERT_OK(office_->Issue(2));
  EXPECT_TRUE(WaitUntilWitnessed());
}

// R2, R3 and the proof of uniqueness, fetched through the API and checked with trust files alone.
class FetchedProofsTest : public WitnessTest {
 protected:
  signer::VerifierTrust Trust() const {
    const auto file = [this](const char* name) {
      return ReadFile(absl::StrCat(site_.directory(), "/trust/", name));
    };
    signer::VerifierTrust trust;
    trust.makers = *signer::TrustStore::FromPem(file("seal-makers.pem"));
    trust.signers = *signer::TrustStore::FromPem(file("signers.pem"));
    trust.time_stamps = *signer::TrustStore::FromPem("");
    trust.log_key = *signer::NoteVerifierFromPem(kLog, file("log.pem"));
    trust.witnesses = Policy();
    return trust;
  }
  absl::StatusOr<std::string> Receipt(const std::string& licence,
                                      v1::GetReceiptRequest::Strength strength) {
    client::ClientOptions options = site_.ClientFor("police", service_->port());
    options.retry = true;  // UNAVAILABLE until a quorum covers it
    v1::GetReceiptRequest request;
    request.set_licence_id(licence);
    request.set_strength(strength);
    ASSIGN_OR_RETURN(const v1::GetReceiptResponse response,
                     client::Client(options).GetReceipt(request));
    return response.receipt();
  }
  void ExpectStrength(const v1::Certificate& certificate, v1::GetReceiptRequest::Strength strength,
                      signer::ReceiptStrength expected) {
    const auto receipt = Receipt(certificate.licence_id(), strength);
    ASSERT_OK(receipt);
    const auto file = office_->Download(certificate.number());
    ASSERT_OK(file);
    const signer::Report report =
        signer::DocumentVerifier(Trust()).Verify(*file, absl::Now(), {*receipt});
    EXPECT_EQ(report.verdict, signer::Verdict::kGenuineStatusNotChecked);
    EXPECT_THAT(report.notices, testing::IsEmpty());
    EXPECT_EQ(report.receipt, expected);
    EXPECT_EQ(*Receipt(certificate.licence_id(), strength), *receipt);
  }
  // Status index of the certificate in force for these facts, as a checker finds it.
  absl::StatusOr<std::optional<uint64_t>> ProvenFor(const std::string& mother,
                                                    const std::string& date) {
    v1::ProveUniquenessRequest request;
    request.set_mother_id_type(v1::ID_TYPE_CITIZEN_ID);
    request.set_mother_id_number(mother);
    request.set_birth_date(date);
    request.set_birth_order(1);
    request.set_use_cause("test");
    client::Client police(site_.ClientFor("police", service_->port()));
    ASSIGN_OR_RETURN(const v1::ProveUniquenessResponse response, police.ProveUniqueness(request));
    ASSIGN_OR_RETURN(const certs::UniquenessProof proof,
                     certs::ParseUniquenessProof(response.proof()));
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(proof.checkpoint));
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, Trust().log_key));
    RETURN_IF_ERROR(certs::CheckQuorum(checkpoint, Policy()));
    EXPECT_TRUE(response.witnessed());
    absl::CivilDay day;
    EXPECT_TRUE(absl::ParseCivilTime(date, &day));
    const auto key =
        signer::VrfKey::FromPkcs8(ReadFile(absl::StrCat(site_.directory(), "/keys/vrf.pem")));
    return certs::CheckUniqueness(proof,
                                  certs::LabelInput(certs::IdType::kCitizenId, mother, day, 1),
                                  (*key)->PublicKey(), checkpoint.head.map_root);
  }
};

TEST_F(FetchedProofsTest, ReceiptsAndTheProofOfUniquenessHoldOffline) {
  StartService();
  site_.Register(service_->port());
  StartWitnesses();
  ASSERT_TRUE(WaitUntilWitnessed());
  const auto first = office_->Issue(1);
  ASSERT_OK(first);
  ASSERT_TRUE(WaitUntilWitnessed());
  const auto second = office_->Exchange(1, first->number());
  ASSERT_OK(second);
  ASSERT_TRUE(WaitUntilWitnessed());
  for (const v1::Certificate& certificate : {*first, *second}) {
    ExpectStrength(certificate, v1::GetReceiptRequest::WITNESSED,
                   signer::ReceiptStrength::kWitnessed);
    ExpectStrength(certificate, v1::GetReceiptRequest::JOINT, signer::ReceiptStrength::kJoint);
  }
  // The old one's receipt does not serve the new one's file.
  const auto old_receipt = Receipt(first->licence_id(), v1::GetReceiptRequest::JOINT);
  ASSERT_OK(old_receipt);
  const signer::Report report = signer::DocumentVerifier(Trust()).Verify(
      *office_->Download(second->number()), absl::Now(), {*old_receipt});
  EXPECT_EQ(report.receipt, signer::ReceiptStrength::kLogged);

  const v1::Delivery birth = BirthOf(1, kSiteA.code, kSiteA.name);
  const std::string date = birth.birth_time().substr(0, 10);
  const auto live = ProvenFor(birth.mother_id_number(), date);
  ASSERT_OK(live);
  EXPECT_EQ(live->value_or(0), office_->Status(*second)->known() ? 2u : 0u);
  const auto never = ProvenFor("529901198601010004", date);
  ASSERT_OK(never);
  EXPECT_FALSE(never->has_value());

  ASSERT_OK(office_->Revoke(second->number()));
  ASSERT_TRUE(WaitUntilWitnessed());
  const auto ended = ProvenFor(birth.mother_id_number(), date);
  ASSERT_OK(ended);
  EXPECT_EQ(*ended, 0u);
}

// Rule G9.
TEST_F(WitnessTest, AfterARestartWithoutWitnessesNothingIsIssuedAndAnswersSaySo) {
  StartService();
  site_.Register(service_->port());
  StartWitnesses();
  const auto issued = office_->Issue(1);
  ASSERT_OK(issued);
  ASSERT_TRUE(WaitUntilWitnessed());
  EXPECT_FALSE(office_->Status(*issued)->has_freshness_not_proven_since());
  StopService();

  StartService();
  const auto status = office_->Status(*issued);
  ASSERT_OK(status);
  EXPECT_TRUE(status->known());
  EXPECT_TRUE(status->has_freshness_not_proven_since());
  EXPECT_EQ(status->log_epoch(), 1u);
  EXPECT_THAT(office_->TryToIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  StartWitness("witness-police");
  StartWitness("witness-audit");
  EXPECT_OK(office_->Issue(2));  // asks again until it may
  EXPECT_FALSE(office_->Status(*issued)->has_freshness_not_proven_since());
}

TEST_F(WitnessTest, AStoreThatWentBackIsFoundByItsMarkAndByItsWitnesses) {
  StartService();
  site_.Register(service_->port());
  StartWitnesses();
  const auto issued = office_->Issue(1);
  ASSERT_OK(issued);
  ASSERT_TRUE(WaitUntilWitnessed());
  StopService();
  const std::string at = site_.directory() + "/";
  fs::copy(at + "store", at + "old-store", fs::copy_options::recursive);
  fs::copy(at + "high-water", at + "old-high-water");
  StartService();
  StartWitnesses();
  ASSERT_OK(office_->Issue(2));
  ASSERT_TRUE(WaitUntilWitnessed());
  StopService();

  // The store alone is put back: its own mark gives it away, before anything is served.
  fs::remove_all(at + "store");
  fs::copy(at + "old-store", at + "store", fs::copy_options::recursive);
  {
    ServiceProcess behind(site_);
    EXPECT_FALSE(behind.WaitUntilServing());
    EXPECT_EQ(WEXITSTATUS(behind.wait_status()), 78);
    EXPECT_THAT(ReadFile(site_.log_path()), testing::HasSubstr("STORE_BEHIND"));
  }
  // Store and mark are put back: the witnesses know more.
  fs::copy(at + "old-high-water", at + "high-water", fs::copy_options::overwrite_existing);
  StartService();
  EXPECT_OK(office_->Status(*issued));
  StartWitness("witness-health");
  const absl::Time give_up = absl::Now() + kPatience;
  while (witnesses_["witness-health"]->trouble() != "STORE_BEHIND" && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(witnesses_["witness-health"]->trouble(), "STORE_BEHIND");
  EXPECT_THAT(office_->Status(*issued),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(office_->TryToIssue(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
}

// Store, journal and high-water file lie on one machine; all of it can be put back at once.
class RolledBackTest : public WitnessTest {
 protected:
  static ServiceSite::Options WithJournal() {
    ServiceSite::Options options = WithWitnesses();
    options.journal = true;
    return options;
  }
  RolledBackTest() : WitnessTest(WithJournal()) {}
  void Copy(const std::string& from, const std::string& to) const {
    for (const char* part : {"store", "journal", "high-water"}) {
      const std::string target = absl::StrCat(site_.directory(), "/", to, part);
      fs::remove_all(target);
      fs::copy(absl::StrCat(site_.directory(), "/", from, part), target,
               fs::copy_options::recursive);
    }
  }
};

TEST_F(RolledBackTest, CallsThatNameNoCheckpointDoNotProveItFresh) {
  StartService();
  site_.Register(service_->port());
  StartWitnesses();
  const auto issued = office_->Issue(1);
  ASSERT_OK(issued);
  ASSERT_TRUE(WaitUntilWitnessed());
  StopService();
  Copy("", "old-");
  StartService();
  StartWitnesses();
  ASSERT_OK(office_->Issue(2));
  ASSERT_TRUE(WaitUntilWitnessed());
  StopService();

  Copy("old-", "");
  StartService();
  for (const char* name : kWitnesses) {  // who calls has its TLS key and no cosigning key
    client::Client caller(site_.ClientFor(name, service_->port()));
    EXPECT_OK(caller.Witness(v1::WitnessRequest())) << name;
  }
  EXPECT_THAT(office_->TryToIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  const auto status = office_->Status(*issued);
  ASSERT_OK(status);
  EXPECT_TRUE(status->has_freshness_not_proven_since());
}

}  // namespace
}  // namespace birthseal::tests
