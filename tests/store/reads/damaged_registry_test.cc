// SPDX-License-Identifier: Apache-2.0
// Every typed read over a record that cannot be read: kDataLoss, never an end of the process, never
// "no such thing", never a value made of half a record.
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/memory_engine.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using tests::StatusIs;

constexpr char kIdBytes[] = "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20";
const auto kNewborn = *NewbornId::FromBytes(kIdBytes);
const auto kDelivery = *DeliveryId::FromBytes(kIdBytes);
const auto kCase = *CaseId::FromBytes(kIdBytes);
constexpr uint64_t kIndex = 7;
constexpr char kNumber[] = "A990000001";

// One place in the store, a good value for it, and who reads it.
struct Place {
  const char* name;
  Family family;
  std::string key, good;
  std::function<absl::Status()> read;
};

class DamagedRegistryTest : public testing::Test {
 protected:
  void Put(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(engine_.Commit(batch, epoch_));
  }
  void PutAll(const std::vector<Place>& places) {
    for (const Place& place : places) Put(place.family, place.key, place.good);
  }
  std::string Sealed(const std::string& key, const std::string& value) const {
    return sealer_.Seal(Family::kBodies, key, value);
  }
  std::vector<Place> Heads() const;
  std::vector<Place> RegistryRecords() const;
  std::vector<Place> Fixed() const;
  std::vector<Place> Bodies() const;
  std::vector<Place> Messages() const;

  MemoryEngine engine_;
  FenceEpoch epoch_ = *engine_.AcquireFence();
  ValueSealer sealer_{"0123456789abcdef"};
  tests::Faults faults_;
  tests::FailingEngine failing_{&engine_, &faults_};  // fails where a test says so
  Registry registry_{&failing_, &sealer_};
};

// Records that are messages.
std::vector<Place> DamagedRegistryTest::Heads() const {
  storage::v1::Newborn newborn;
  newborn.set_current_delivery(kIdBytes);
  storage::v1::DeliveryHead delivery;
  delivery.set_newborn_id(kIdBytes);
  delivery.set_has_body(true);
  storage::v1::CaseHead filed;
  filed.set_newborn_id(kIdBytes);
  storage::v1::CertificateHead certificate;
  certificate.mutable_reservation()->set_status_index(kIndex);
  certificate.mutable_reservation()->set_certificate_number(kNumber);
  storage::v1::StoredReceipt receipt;
  receipt.set_size(9);
  storage::v1::Meta meta;
  meta.set_format(2);
  meta.set_log_epoch(1);
  return {
      {"newborn", Family::kNewborns, kIdBytes, newborn.SerializeAsString(),
       [this] { return registry_.Newborn(kNewborn).status(); }},
      {"delivery", Family::kDeliveries, kIdBytes, delivery.SerializeAsString(),
       [this] { return registry_.Delivery(kDelivery).status(); }},
      {"review", Family::kDeliveries, kIdBytes, delivery.SerializeAsString(),
       [this] { return registry_.Reviews("", "", 9).status(); }},
      {"case", Family::kCases, kIdBytes, filed.SerializeAsString(),
       [this] { return registry_.Case(kCase).status(); }},
      {"case head", Family::kCases, kIdBytes, filed.SerializeAsString(),
       [this] { return registry_.CaseHead(kCase).status(); }},
      {"certificate", Family::kCertificates, IndexKey(kIndex), certificate.SerializeAsString(),
       [this] { return registry_.Certificate(certs::StatusIndex(kIndex)).status(); }},
      {"certificate by number", Family::kCertificates, IndexKey(kIndex),
       certificate.SerializeAsString(),
       [this] { return registry_.StatusIndexOf(kNumber).status(); }},
      {"receipt", Family::kReceipts, IndexKey(kIndex), receipt.SerializeAsString(),
       [this] { return registry_.StoredReceipt(certs::StatusIndex(kIndex)).status(); }},
      {"meta", Family::kMeta, MetaKey(), meta.SerializeAsString(),
       [this] { return registry_.Meta().status(); }},
  };
}

std::vector<Place> DamagedRegistryTest::RegistryRecords() const {
  storage::v1::Institution institution;
  institution.set_code("code");
  storage::v1::Client client;
  client.set_organisation_code("code");
  storage::v1::Operator who;
  who.set_id("id");
  storage::v1::SealRecord seal;
  seal.set_seal_sm3("sm3");
  storage::v1::Reservation reservation;
  reservation.set_case_id(kIdBytes);
  return {
      {"institution", Family::kRegistry, RegistryKey(RegistryKind::kInstitution, "code"),
       institution.SerializeAsString(), [this] { return registry_.Institution("code").status(); }},
      {"client", Family::kRegistry, RegistryKey(RegistryKind::kClient, "sm3"),
       client.SerializeAsString(), [this] { return registry_.Client("sm3").status(); }},
      {"operator", Family::kRegistry, RegistryKey(RegistryKind::kOperator, "id"),
       who.SerializeAsString(), [this] { return registry_.Operator("id").status(); }},
      {"seal", Family::kRegistry, RegistryKey(RegistryKind::kSeal, "code"),
       seal.SerializeAsString(), [this] { return registry_.Seal("code").status(); }},
      {"reservation", Family::kReservations, IndexKey(3), reservation.SerializeAsString(),
       [this] { return registry_.OpenReservations(9).status(); }},
      {"reservation by its place", Family::kReservations, IndexKey(3),
       reservation.SerializeAsString(),
       [this] {
         return registry_.OpenReservation(IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(3)))
             .status();
       }},
  };
}

std::vector<Place> DamagedRegistryTest::Messages() const {
  std::vector<Place> all = Heads();
  for (Place& place : RegistryRecords()) all.push_back(std::move(place));
  return all;
}

// Values of a fixed length.
std::vector<Place> DamagedRegistryTest::Fixed() const {
  const certs::Digest claim = certs::Sm3Of("claim");
  return {
      {"claim", Family::kClaims, DigestKey(claim), kIdBytes,
       [this, claim] { return registry_.NewbornByClaim(claim).status(); }},
      {"licence", Family::kLicences, LicenceKey(kNumber), IndexKey(kIndex),
       [this] { return registry_.StatusIndexOf(kNumber).status(); }},
      {"node of a path", Family::kNodes, NodeKey(0, 1), certs::Bytes(certs::LeafHash("1")),
       [this] {
         return registry_.InclusionPath(certs::LeafIndex(0), certs::LogSize(2), certs::LogEpoch(1))
             .status();
       }},
      {"node of consistency", Family::kNodes, NodeKey(0, 1), certs::Bytes(certs::LeafHash("1")),
       [this] {
         return registry_.ConsistencyPath(certs::LogSize(1), certs::LogSize(2), certs::LogEpoch(1))
             .status();
       }},
  };
}

// Sealed values.
std::vector<Place> DamagedRegistryTest::Bodies() const {
  const std::string delivery = BodyKey(BodyKind::kDelivery, kDelivery);
  const std::string filed = BodyKey(BodyKind::kCase, kCase);
  const std::string raw = BodyKey(BodyKind::kRawMessage, kDelivery);
  return {
      {"delivery", Family::kBodies, delivery, registry_.SealDeliveryBody(kDelivery, {}),
       [this] { return registry_.Delivery(kDelivery).status(); }},
      {"case", Family::kBodies, filed, registry_.SealCaseBody(kCase, {}),
       [this] { return registry_.Case(kCase).status(); }},
      {"raw message", Family::kBodies, raw, registry_.SealRawMessage(kDelivery, "MSH|"),
       [this] { return registry_.RawMessage(kDelivery).status(); }},
  };
}

// Everything in its place is read; `damage` makes each bad value of one place.
class DamagedRecords : public DamagedRegistryTest {
 protected:
  void SetUp() override {
    PutAll(Heads());
    PutAll(RegistryRecords());
    PutAll(Fixed());
    PutAll(Bodies());
    Put(Family::kNodes, NodeKey(0, 0), certs::Bytes(certs::LeafHash("0")));
    Put(Family::kReviews, ReviewKey("facility", 1, kDelivery), "");
  }
  void ExpectDataLoss(const std::vector<Place>& places,
                      const std::function<std::vector<std::string>(const std::string&)>& damage) {
    for (const Place& place : places) {
      EXPECT_OK(place.read()) << place.name;
      for (const std::string& bad : damage(place.good)) {
        Put(place.family, place.key, bad);
        EXPECT_THAT(place.read(), StatusIs(absl::StatusCode::kDataLoss))
            << place.name << " as " << testing::PrintToString(bad);
      }
      Put(place.family, place.key, place.good);
    }
  }
};

TEST_F(DamagedRecords, AMessageThatCannotBeParsed) {
  ExpectDataLoss(Messages(), [](const std::string& good) {
    return std::vector<std::string>{"\xff\xff\xff", good.substr(0, good.size() - 1), good + '\x0a',
                                    std::string(4, '\0')};
  });
}

TEST_F(DamagedRecords, AReadThatFailsIsNeitherDamageNorAbsence) {
  for (const auto& places : {Messages(), Fixed(), Bodies()}) {
    for (const Place& place : places) {
      SCOPED_TRACE(place.name);
      tests::ExpectEveryFaultComesOut(&faults_, place.read);
    }
  }
}

TEST_F(DamagedRecords, AValueOfAnotherLength) {
  ExpectDataLoss(Fixed(), [](const std::string& good) {
    return std::vector<std::string>{"", good.substr(1), good + '\0'};
  });
}

TEST_F(DamagedRecords, ASealedValueThatDoesNotOpen) {
  ExpectDataLoss(Bodies(), [](const std::string& good) {
    std::string flipped = good;
    flipped.back() ^= 1;
    return std::vector<std::string>{
        "", "x", flipped, good.substr(1), good + '\0', good.substr(0, good.size() - 1)};
  });
}

TEST_F(DamagedRecords, ASealedValueThatOpensAndHoldsSomethingElse) {
  std::vector<Place> places = Bodies();
  places.pop_back();  // a raw message is whatever it is
  for (const Place& place : places) {
    for (const std::string& other :
         {std::string(), std::string("nothing canonical"), std::string(40, '\xff'),
          certs::Canonical(certs::FaceContent())}) {
      Put(place.family, place.key, Sealed(place.key, other));
      EXPECT_THAT(place.read(), StatusIs(absl::StatusCode::kDataLoss)) << place.name;
    }
    Put(place.family, place.key, place.good);
  }
}

// What another record promises is not "no such thing" when it is gone.
TEST_F(DamagedRecords, APromisedRecordThatIsAbsent) {
  const auto erase = [this](Family family, const std::string& key) {
    WriteBatch batch;
    batch.Erase(family, key);
    ASSERT_OK(engine_.Commit(batch, epoch_));
  };
  const std::vector<Place> bodies = Bodies();
  for (const Place& place : {bodies[0], bodies[1]}) {
    erase(place.family, place.key);
    EXPECT_THAT(place.read(), StatusIs(absl::StatusCode::kDataLoss)) << place.name;
    Put(place.family, place.key, place.good);
  }
  erase(Family::kDeliveries, kIdBytes);
  EXPECT_THAT(registry_.Reviews("", "", 9), StatusIs(absl::StatusCode::kDataLoss));
  erase(Family::kNodes, NodeKey(0, 1));
  EXPECT_THAT(registry_.InclusionPath(certs::LeafIndex(0), certs::LogSize(2), certs::LogEpoch(1)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DamagedRecords, AKeyOfAnotherForm) {
  Put(Family::kReviews, "no review", "");
  EXPECT_THAT(registry_.Reviews("", "", 9), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace birthseal::store
