// SPDX-License-Identifier: Apache-2.0
// A stored record that cannot be read, or whose ids have another length: whoever reads it is told
// kDataLoss. No read ends the process, takes half a record for a whole one, says "no such thing",
// or blames the request; no act changes anything.
#include <vector>

#include "google/protobuf/message.h"
#include "server/issuing/finisher.h"
#include "store/meta.h"
#include "tests/server/use_case/every_call.h"
#include "tests/server/use_case/stored_records.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

// A record and all who need it.
struct Record {
  const char* name;
  Family family;
  std::string key;
  std::vector<Call> readers;
};

class DamagedRecordsTest : public EveryCallTest {
 protected:
  std::string Get(Family family, const std::string& key) const {
    const auto value = engine_->NewSnapshot()->Get(family, key);
    EXPECT_OK(value);
    return value.ok() ? *value : "";
  }
  void Erase(Family family, const std::string& key) {
    store::WriteBatch batch;
    batch.Erase(family, key);
    CommitBehindTheLedger(engine_.get(), batch);
  }
  void ExpectDataLoss(const Record& record, const std::string& bad, const std::string& how) {
    const std::string good = Get(record.family, record.key);
    Overwrite(engine_.get(), record.family, record.key, bad);
    for (const Call& reader : record.readers) {
      ForgetPeople();
      const std::string before = Done();
      EXPECT_THAT(reader.ask(), StatusIs(StatusCode::kDataLoss))
          << record.name << " " << how << ": " << reader.name;
      EXPECT_TRUE(Done() == before) << record.name << " " << how << ": " << reader.name;
    }
    Overwrite(engine_.get(), record.family, record.key, good);
  }

  std::vector<Record> Messages();
  std::vector<Record> RegistryRecords();
};

std::vector<Record> DamagedRecordsTest::Messages() {
  return {
      {"newborn",
       Family::kNewborns,
       store::IdKey(next_newborn_),
       {Delivery("GetDelivery by newborn", {}, next_newborn_), Approve_(), Submit(), Update()}},
      {"delivery",
       Family::kDeliveries,
       store::IdKey(next_delivery_),
       {Delivery("GetDelivery", next_delivery_, {}),
        Delivery("GetDelivery by newborn", {}, next_newborn_), Submit(), Update()}},
      {"record in review",
       Family::kDeliveries,
       store::IdKey(review_),
       {Delivery("GetDelivery", review_, {}), Reviews(), Resolve()}},
      {"case of the certificate",
       Family::kCases,
       store::IdKey(filed_.case_id),
       {Application(filed_.case_id), Certificate(), Preview(), Number(), Exchange()}},
      {"case that waits",
       Family::kCases,
       store::IdKey(waiting_.case_id),
       {Application(waiting_.case_id), Approve_(), Withdraw()}},
      {"case that is approved",
       Family::kCases,
       store::IdKey(approved_.case_id),
       {Application(approved_.case_id), Order(), Misprint()}},
      {"certificate",
       Family::kCertificates,
       store::IndexKey(issued_.status_index),
       {Certificate(), Document(), Preview(), Status(), Number(), File_(), Revoke(), Exchange()}},
  };
}

std::vector<Record> DamagedRecordsTest::RegistryRecords() {
  using store::RegistryKey;
  using store::RegistryKind;
  return {
      {"issuer",
       Family::kRegistry,
       RegistryKey(RegistryKind::kOperator, "issuer-" + hospital()),
       {Approve_(), Order(), Misprint(), Resolve()}},
      {"sealer",
       Family::kRegistry,
       RegistryKey(RegistryKind::kOperator, "sealer-" + hospital()),
       {Order()}},
      {"seal", Family::kRegistry, RegistryKey(RegistryKind::kSeal, hospital()), {Order()}},
      {"institution",
       Family::kRegistry,
       RegistryKey(RegistryKind::kInstitution, hospital()),
       {Submit(), Exchange()}},
      {"managing institution",
       Family::kRegistry,
       RegistryKey(RegistryKind::kInstitution, kManaging),
       {Revoke()}},
  };
}

TEST_F(DamagedRecordsTest, ARecordThatCannotBeParsed) {
  std::vector<Record> all = Messages();
  for (Record& record : RegistryRecords()) all.push_back(std::move(record));
  for (const Record& record : all) {
    const std::string good = Get(record.family, record.key);
    ExpectDataLoss(record, "\xff\xff\xff", "unparsable");
    ExpectDataLoss(record, good.substr(0, good.size() - 1), "cut by one byte");
  }
}

TEST_F(DamagedRecordsTest, ABodyThatDoesNotOpenOrIsGone) {
  const auto body = [](store::BodyKind kind, const auto& id) { return store::BodyKey(kind, id); };
  const std::vector<Record> records = {
      {"delivery",
       Family::kBodies,
       body(store::BodyKind::kDelivery, next_delivery_),
       {Delivery("GetDelivery", next_delivery_, {}), Submit(), Update()}},
      {"case of the certificate",
       Family::kBodies,
       body(store::BodyKind::kCase, filed_.case_id),
       {Application(filed_.case_id), Certificate(), Preview(), Number(), Exchange()}},
      {"case that waits",
       Family::kBodies,
       body(store::BodyKind::kCase, waiting_.case_id),
       {Application(waiting_.case_id), Approve_()}},
      {"case that is approved",
       Family::kBodies,
       body(store::BodyKind::kCase, approved_.case_id),
       {Application(approved_.case_id), Order()}},
      {"document", Family::kDocuments, store::IndexKey(issued_.status_index), {Document()}},
  };
  for (const Record& record : records) {
    std::string flipped = Get(record.family, record.key);
    flipped.back() ^= 1;
    ExpectDataLoss(record, flipped, "flipped");
    ExpectDataLoss(record, "", "empty");
    ExpectDataLoss(record, flipped.substr(0, 20), "cut");
  }
}

// Another record names it: that it is not there is no "no such thing".
TEST_F(DamagedRecordsTest, ARecordThatIsGoneThoughAnotherNamesIt) {
  for (const Record& record : std::vector<Record>{
           {"newborn", Family::kNewborns, store::IdKey(next_newborn_), {Approve_(), Update()}},
           {"delivery", Family::kDeliveries, store::IdKey(next_delivery_), {Submit(), Update()}},
           {"case of the certificate",
            Family::kCases,
            store::IdKey(filed_.case_id),
            {Certificate(), Preview(), Number(), Exchange()}}}) {
    const std::string good = Get(record.family, record.key);
    Erase(record.family, record.key);
    for (const Call& reader : record.readers) {
      const std::string before = Done();
      EXPECT_THAT(reader.ask(), StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"))
          << record.name << ": " << reader.name;
      EXPECT_TRUE(Done() == before) << record.name << ": " << reader.name;
    }
    Overwrite(engine_.get(), record.family, record.key, good);
  }
}

TEST_F(DamagedRecordsTest, AnIndexOfAnotherLength) {
  const std::vector<Record> records = {
      {"number",
       Family::kLicences,
       store::LicenceKey(issued_.number),
       {Certificate(), Document(), Preview(), Number(), Revoke(), Exchange()}},
      {"licence", Family::kLicences, store::LicenceKey(issued_.licence_id), {Status(), File_()}},
      {"the baby's number",
       Family::kClaims,
       store::DigestKey(certs::BabyRecordClaim(house_->issuing.claims.index_key, hospital(),
                                               BirthOf(1).baby_record_no)),
       {DeliveryByNumber()}},
  };
  for (const Record& record : records) {
    const std::string good = Get(record.family, record.key);
    for (const std::string& bad : {std::string(), good.substr(1), good + '\0'}) {
      ExpectDataLoss(record, bad, "of another length");
    }
  }
}

// An id in a record: where it leads is not known.
class DamagedIdTest : public DamagedRecordsTest {
 protected:
  template <typename Message>
  void ExpectBadIds(const Record& record, std::string* (Message::*id)()) {
    for (const int length : {1, 15, 17, 32}) {
      Message message;
      ASSERT_TRUE(message.ParseFromString(Get(record.family, record.key)));
      (message.*id)()->resize(length, 'x');
      ExpectDataLoss(record, message.SerializeAsString(), "with an id of another length");
    }
    Message message;
    ASSERT_TRUE(message.ParseFromString(Get(record.family, record.key)));
    (message.*id)()->assign(16, '\0');
    ExpectDataLoss(record, message.SerializeAsString(), "with an id of zeros");
  }
};

TEST_F(DamagedIdTest, OfTheCurrentRecordOfANewborn) {
  ExpectBadIds({"newborn",
                Family::kNewborns,
                store::IdKey(next_newborn_),
                {Delivery("GetDelivery by newborn", {}, next_newborn_), Submit(), Update()}},
               &storage::v1::Newborn::mutable_current_delivery);
}

TEST_F(DamagedIdTest, OfTheNewbornOfARecord) {
  ExpectBadIds({"delivery",
                Family::kDeliveries,
                store::IdKey(delivery_),
                {Delivery("GetDelivery", delivery_, {})}},
               &storage::v1::DeliveryHead::mutable_newborn_id);
  ExpectBadIds({"review", Family::kDeliveries, store::IdKey(review_), {Reviews()}},
               &storage::v1::DeliveryHead::mutable_newborn_id);
}

TEST_F(DamagedIdTest, OfTheNewbornOfACase) {
  ExpectBadIds({"case", Family::kCases, store::IdKey(waiting_.case_id), {Approve_()}},
               &storage::v1::CaseHead::mutable_newborn_id);
}

TEST_F(DamagedIdTest, OfTheCaseOfACertificate) {
  const Record record{"certificate",
                      Family::kCertificates,
                      store::IndexKey(issued_.status_index),
                      {Certificate(), Preview(), Number(), Exchange()}};
  for (const int length : {0, 1, 15, 17}) {
    storage::v1::CertificateHead head = *registry_.Certificate(issued_.status_index);
    head.mutable_reservation()->mutable_case_id()->resize(length);
    ExpectDataLoss(record, head.SerializeAsString(), "with an id of another length");
  }
}

TEST_F(DamagedIdTest, OfTheRecordThatAReturnedCaseWasJudgedBy) {
  certs::Application incomplete = ApplicationFor(2, next_newborn_);
  incomplete.evidence.clear();
  const auto returned = File(incomplete);
  ASSERT_OK(returned);
  ExpectBadIds(
      {"case", Family::kCases, store::IdKey(returned->case_id), {Application(returned->case_id)}},
      &storage::v1::CaseHead::mutable_basis_delivery);
}

TEST_F(DamagedIdTest, OfTheCaseOfAReservation) {
  SetStepHook([](server::IssueStep step) {
    return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                : absl::OkStatus();
  });
  EXPECT_FALSE(Issue(approved_, hospital()).status.ok());
  SetStepHook(nullptr);
  storage::v1::Reservation open = registry_.OpenReservations(1)->front();
  const std::string key = store::IndexKey(store::IntentKeyOf(open).value()),
                    good = open.SerializeAsString();
  for (const int length : {0, 15, 17}) {
    open.mutable_case_id()->resize(length);
    Overwrite(engine_.get(), Family::kReservations, key, open.SerializeAsString());
    absl::Status told;
    server::Finisher finisher(&house_->issuing, [&](const storage::v1::Reservation&,
                                                    const absl::Status& why) { told = why; });
    EXPECT_EQ(finisher.RunOnce().failed, 1u);
    EXPECT_THAT(told, StatusIs(StatusCode::kDataLoss)) << length;
  }
  Overwrite(engine_.get(), Family::kReservations, key, good);
  const std::string case_key = store::IdKey(approved_.case_id);
  const std::string filed = Get(Family::kCases, case_key);
  Erase(Family::kCases, case_key);
  absl::Status told;
  server::Finisher finisher(&house_->issuing, [&](const storage::v1::Reservation&,
                                                  const absl::Status& why) { told = why; });
  EXPECT_EQ(finisher.RunOnce().failed, 1u);
  EXPECT_THAT(told, StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"));
  Overwrite(engine_.get(), Family::kCases, case_key, filed);
  EXPECT_EQ(server::Finisher(&house_->issuing).RunOnce().finished, 1u);
}

// A digest that is no digest is no "not fit to be approved".
TEST_F(DamagedIdTest, AContentDigestOfAnotherLength) {
  const Record record{"case",
                      Family::kCases,
                      store::IdKey(waiting_.case_id),
                      {Approve_(), Application(waiting_.case_id)}};
  for (const int length : {1, 31, 33}) {
    storage::v1::CaseHead head = *registry_.CaseHead(waiting_.case_id);
    head.mutable_content_digest()->resize(length, 'x');
    ExpectDataLoss(record, head.SerializeAsString(), "with a digest of another length");
  }
}

}  // namespace
}  // namespace birthseal::tests
