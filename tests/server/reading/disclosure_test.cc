// SPDX-License-Identifier: Apache-2.0
// Every method that discloses what is personal: a foreign caller gets nothing and learns nothing;
// one's own read is recorded exactly once, before anything is released; without the record nothing
// is released.
#include <functional>

#include "absl/strings/str_cat.h"
#include "certs/proof/map_label.h"
#include "server/feed/get_delivery.h"
#include "server/issuing/get_case.h"
#include "server/reading/download_document.h"
#include "server/reading/get_preview.h"
#include "server/reading/prove_uniqueness.h"
#include "store/keys.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Caller;
using server::Role;

constexpr char kStranger[] = "115299010099007A03";  // registered nowhere
constexpr char kCause[] = "户口登记";

struct Disclosure {
  const char* name;      // of the reading, in failures
  const char* recorded;  // the method, as the audit trail names it
  std::function<absl::Status(const Caller&, const std::string& cause)> ask;
  std::string subject;  // what the entry names
  Caller own;
  std::vector<Caller> foreign;
  StatusCode refused = StatusCode::kNotFound;
};

class DisclosureTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    const auto pushed = Push(MessageOf(BirthOf(1)));
    ASSERT_OK(pushed);
    delivery_ = pushed->delivery_id;
    newborn_ = pushed->newborn_id;
    const auto filed = File(ApplicationFor(1, newborn_));
    ASSERT_OK(filed);
    case_ = filed->case_id;
    const server::IssueOutcome issued = Issue(Approve(*filed, hospital()), hospital());
    ASSERT_OK(issued.status);
    number_ = issued.certificate.number;
    index_ = issued.certificate.status_index;
  }
  absl::Status Delivery(const Caller& caller, server::GetDeliveryInput input,
                        const std::string& cause) {
    input.use_cause = cause;
    return server::GetDelivery(*house_, caller, input).status();
  }
  absl::Status Unique(const Caller& caller, const std::string& cause) {
    server::ProveUniquenessInput input;
    input.mother_id_type = certs::IdType::kCitizenId;
    input.mother_id_number = BirthOf(1).mother_id_number;
    input.birth_date = absl::CivilDay(2026, 5, 28);
    input.use_cause = cause;
    return server::ProveUniqueness(*house_, caller, input).status();
  }
  // Callers of another organisation with every role that the method admits.
  std::vector<Caller> ForeignHolders() const {
    Caller connector = As(kStranger, Role::kConnector);
    connector.facility_codes = {kOtherHospital, kStranger};
    return {As(kOtherHospital, Role::kHospital), Issuing(kOtherHospital), connector,
            As(kStranger, Role::kIssuingInstitution)};
  }
  std::vector<Disclosure> Deliveries();
  std::vector<Disclosure> Certificates();
  std::vector<Disclosure> All();
  uint64_t Entries() const { return registry_.Meta()->next_audit(); }
  storage::v1::AuditEntry Entry(uint64_t sequence) const {
    storage::v1::AuditEntry entry;
    const auto bytes =
        engine_->NewSnapshot()->Get(store::Family::kAudit, store::IndexKey(sequence));
    EXPECT_OK(bytes);
    EXPECT_TRUE(bytes.ok() && entry.ParseFromString(*bytes));
    return entry;
  }

  certs::DeliveryId delivery_;
  certs::NewbornId newborn_;
  certs::CaseId case_;
  std::string number_;
  certs::StatusIndex index_;
};

std::vector<Disclosure> DisclosureTest::Deliveries() {
  server::GetDeliveryInput by_id, by_newborn, by_baby;
  by_id.delivery_id = delivery_;
  by_newborn.newborn_id = newborn_;
  by_baby.facility_code = hospital();
  by_baby.baby_record_no = BirthOf(1).baby_record_no;
  std::vector<Disclosure> all;
  for (const auto& [name, input] : {std::pair{"GetDelivery by id", by_id},
                                    {"GetDelivery by newborn", by_newborn},
                                    {"GetDelivery by the baby's number", by_baby}}) {
    all.push_back({name, "GetDelivery",
                   [this, input = input](const Caller& caller, const std::string& cause) {
                     return Delivery(caller, input, cause);
                   },
                   store::IdKey(delivery_), As(hospital(), Role::kHospital), ForeignHolders()});
  }
  return all;
}

std::vector<Disclosure> DisclosureTest::Certificates() {
  std::vector<Disclosure> all;
  const std::string subject = store::IndexKey(index_);
  all.push_back({"GetCertificate", "GetCertificate",
                 [this](const Caller& caller, const std::string& cause) {
                   return server::GetCertificate(*house_, caller, {number_, cause}).status();
                 },
                 subject, Issuing(hospital()), ForeignHolders()});
  all.push_back({"DownloadDocument", "DownloadDocument",
                 [this](const Caller& caller, const std::string& cause) {
                   return server::DownloadDocument(*house_, caller, {number_, cause}).status();
                 },
                 subject, Issuing(hospital()), ForeignHolders()});
  all.push_back({"GetPreview", "GetPreview",
                 [this](const Caller& caller, const std::string& cause) {
                   return server::GetPreview(*house_, caller, {number_, cause}, 72).status();
                 },
                 subject, Issuing(hospital()), ForeignHolders()});
  return all;
}

std::vector<Disclosure> DisclosureTest::All() {
  std::vector<Disclosure> all = Deliveries();
  for (Disclosure& one : Certificates()) all.push_back(std::move(one));
  all.push_back({"GetCase", "GetCase",
                 [this](const Caller& caller, const std::string& cause) {
                   return server::GetCase(*house_, caller, {case_, cause}).status();
                 },
                 store::IdKey(case_), Issuing(hospital()), ForeignHolders()});
  const auto label = house_->reading.labels.LabelOf(certs::LabelInput(
      certs::IdType::kCitizenId, BirthOf(1).mother_id_number, absl::CivilDay(2026, 5, 28), 1));
  EXPECT_OK(label);
  all.push_back(
      {"ProveUniqueness",
       "ProveUniqueness",
       [this](const Caller& caller, const std::string& cause) { return Unique(caller, cause); },
       certs::Bytes(*label),
       As(kManaging, Role::kPolice),
       {As(kStranger, Role::kManagingInstitution)},
       StatusCode::kPermissionDenied});
  return all;
}

// Rule U3.
TEST_F(DisclosureTest, AForeignCallerGetsNothingAndLeavesNothing) {
  for (const Disclosure& reading : All()) {
    for (size_t i = 0; i < reading.foreign.size(); ++i) {
      const uint64_t before = Entries();
      EXPECT_THAT(reading.ask(reading.foreign[i], kCause), StatusIs(reading.refused))
          << reading.name << " foreign caller " << i;
      EXPECT_EQ(Entries(), before) << reading.name << " foreign caller " << i;
    }
  }
}

// Rule U4.
TEST_F(DisclosureTest, AConnectorReadsForTheFacilitiesBoundToItAlone) {
  Caller connector = As(kStranger, Role::kConnector);
  connector.facility_codes = {hospital()};
  for (const Disclosure& reading : Deliveries()) {
    EXPECT_OK(reading.ask(connector, kCause)) << reading.name;
  }
}

// Rule U2.
TEST_F(DisclosureTest, EachReadIsRecordedExactlyOnce) {
  for (const Disclosure& reading : All()) {
    const uint64_t before = Entries();
    ASSERT_OK(reading.ask(reading.own, kCause)) << reading.name;
    ASSERT_EQ(Entries(), before + 1) << reading.name;
    const storage::v1::AuditEntry entry = Entry(before);
    EXPECT_EQ(entry.action(), "Access") << reading.name;
    EXPECT_EQ(entry.organisation_code(), reading.own.organisation_code) << reading.name;
    EXPECT_EQ(entry.cause(), absl::StrCat(reading.recorded, " ", kCause)) << reading.name;
    EXPECT_EQ(entry.subject(), reading.subject) << reading.name;
    EXPECT_EQ(entry.result(), "OK") << reading.name;
  }
}

// Rule U1.
TEST_F(DisclosureTest, WithoutACauseNothingIsReadOrRecorded) {
  for (const Disclosure& reading : All()) {
    const uint64_t before = Entries();
    EXPECT_THAT(reading.ask(reading.own, ""),
                StatusIs(StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED"))
        << reading.name;
    EXPECT_EQ(Entries(), before) << reading.name;
  }
}

// Rule U2.
TEST_F(DisclosureTest, NothingIsReleasedThatTheLedgerDidNotRecord) {
  ASSERT_OK(engine_->AcquireFence());  // another writer takes over: nothing is recorded any more
  for (const Disclosure& reading : All()) {
    const absl::Status status = reading.ask(reading.own, kCause);
    EXPECT_TRUE(absl::IsAborted(status) || absl::IsUnavailable(status))
        << reading.name << " " << status;
  }
}

}  // namespace
}  // namespace birthseal::tests
