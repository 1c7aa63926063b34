// SPDX-License-Identifier: Apache-2.0
// Typed reads over records as the ledger writes them.
#include "store/reads/registry.h"

#include "absl/strings/str_cat.h"
#include "certs/ofd/package.h"
#include "certs/proof/merkle.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/memory_engine.h"
#include "store/sealed_value.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using tests::StatusIs;

template <class Id>
Id IdOf(uint8_t n) {
  return *Id::FromBytes(std::string(15, '\0') + static_cast<char>(n));
}

IntentKey At(uint64_t index) { return IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(index)); }

class RegistryTest : public testing::Test {
 protected:
  void Put(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(engine_.Commit(batch, epoch_));
  }

  MemoryEngine engine_;
  FenceEpoch epoch_ = *engine_.AcquireFence();
  ValueSealer sealer_{"0123456789abcdef"};
  Registry registry_{&engine_, &sealer_};
};

TEST_F(RegistryTest, WhatIsAbsentIsNotFound) {
  EXPECT_THAT(registry_.Newborn(IdOf<NewbornId>(1)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_.Delivery(IdOf<DeliveryId>(1)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_.Case(IdOf<CaseId>(1)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_.StatusIndexOf("A990000001"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_.Document(certs::StatusIndex(7)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_.Institution("none"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, ADeliveryComesWithItsOpenedBody) {
  certs::Delivery record;
  record.baby_record_no = "B-1";
  record.mother_name = "示例甲";
  storage::v1::DeliveryHead head;
  head.set_has_body(true);
  Put(Family::kDeliveries, IdKey(IdOf<DeliveryId>(1)), head.SerializeAsString());
  EXPECT_THAT(registry_.Delivery(IdOf<DeliveryId>(1)),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  Put(Family::kBodies, BodyKey(BodyKind::kDelivery, IdOf<DeliveryId>(1)),
      registry_.SealDeliveryBody(IdOf<DeliveryId>(1), record));
  Put(Family::kBodies, BodyKey(BodyKind::kRawMessage, IdOf<DeliveryId>(1)),
      registry_.SealRawMessage(IdOf<DeliveryId>(1), "MSH|"));
  const auto delivery = registry_.Delivery(IdOf<DeliveryId>(1));
  ASSERT_OK(delivery);
  EXPECT_EQ(delivery->record.mother_name, "示例甲");
  EXPECT_EQ(*registry_.RawMessage(IdOf<DeliveryId>(1)), "MSH|");
}

TEST_F(RegistryTest, ABodyMovedToAnotherRecordIsDataLoss) {
  storage::v1::DeliveryHead head;
  head.set_has_body(true);
  Put(Family::kDeliveries, IdKey(IdOf<DeliveryId>(2)), head.SerializeAsString());
  Put(Family::kBodies, BodyKey(BodyKind::kDelivery, IdOf<DeliveryId>(2)),
      registry_.SealDeliveryBody(IdOf<DeliveryId>(1), certs::Delivery()));
  EXPECT_THAT(registry_.Delivery(IdOf<DeliveryId>(2)),
              StatusIs(absl::StatusCode::kDataLoss, "SEALED_VALUE_DAMAGED"));
}

TEST_F(RegistryTest, ACaseComesBackEvenWhenItsFaceIsEmpty) {
  CaseBody body;
  body.application.newborn_name = "示例乙";
  Put(Family::kCases, IdKey(IdOf<CaseId>(3)), storage::v1::CaseHead().SerializeAsString());
  Put(Family::kBodies, BodyKey(BodyKind::kCase, IdOf<CaseId>(3)),
      registry_.SealCaseBody(IdOf<CaseId>(3), body));
  const auto stored = registry_.Case(IdOf<CaseId>(3));
  ASSERT_OK(stored);
  EXPECT_EQ(stored->body.application.newborn_name, "示例乙");
  EXPECT_EQ(EncodeCaseBody(stored->body), EncodeCaseBody(body));
}

TEST_F(RegistryTest, ReviewsComeInPagesByFacilityOldestFirst) {
  for (uint8_t n = 1; n <= 5; ++n) {
    Put(Family::kReviews, ReviewKey("facility-a", 100 - n, IdOf<DeliveryId>(n)), "");
    Put(Family::kDeliveries, IdKey(IdOf<DeliveryId>(n)),
        storage::v1::DeliveryHead().SerializeAsString());
  }
  Put(Family::kReviews, ReviewKey("facility-b", 1, IdOf<DeliveryId>(9)), "");
  Put(Family::kDeliveries, IdKey(IdOf<DeliveryId>(9)),
      storage::v1::DeliveryHead().SerializeAsString());
  std::string seen, token;
  do {
    const auto page = registry_.Reviews("facility-a", token, 2);
    ASSERT_OK(page);
    for (const StoredDelivery& review : page->reviews)
      absl::StrAppend(&seen, static_cast<int>(View(review.id)[15]), " ");
    token = page->next_token;
  } while (!token.empty());
  EXPECT_EQ(seen, "5 4 3 2 1 ");
  EXPECT_EQ(registry_.Reviews("", "", 10)->reviews.size(), 6u);
  for (const char* bad : {"x", "00", "zz"}) {
    EXPECT_THAT(registry_.Reviews("facility-a", bad, 2),
                StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN"));
  }
}

TEST_F(RegistryTest, OpenReservationsAreListedOldestFirst) {
  for (uint64_t index : {9, 300, 2}) {
    storage::v1::Reservation reservation;
    reservation.set_intent_index(index);
    Put(Family::kReservations, IndexKey(index), reservation.SerializeAsString());
  }
  const auto open = registry_.OpenReservations(2);
  ASSERT_OK(open);
  ASSERT_EQ(open->size(), 2u);
  EXPECT_EQ((*open)[0].intent_index(), 2u);
  EXPECT_EQ((*open)[1].intent_index(), 9u);
  // In pages, from one to the next.
  std::optional<IntentKey> next;
  ASSERT_EQ(registry_.OpenReservations(2, std::nullopt, &next)->size(), 2u);
  EXPECT_EQ(next, At(300));
  ASSERT_EQ(registry_.OpenReservations(2, next, &next)->size(), 1u);
  EXPECT_EQ(next, std::nullopt);
  ASSERT_EQ(registry_.OpenReservations(3, std::nullopt, &next)->size(), 3u);
  EXPECT_EQ(next, std::nullopt);
}

TEST_F(RegistryTest, AnOpenReservationIsFoundByItsPlaceInTheLog) {
  storage::v1::Reservation reservation;
  reservation.set_intent_index(9);
  Put(Family::kReservations, IndexKey(9), reservation.SerializeAsString());
  EXPECT_EQ(registry_.OpenReservation(At(9))->intent_index(), 9u);
  EXPECT_THAT(registry_.OpenReservation(At(8)), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, TheLogIsReadInPiecesWithItsPaths) {
  LogAppender log(0, {}, 1);
  for (int i = 0; i < 11; ++i) log.Append(absl::StrCat("leaf ", i));
  WriteBatch batch;
  log.PutInto(&batch);
  ASSERT_OK(engine_.Commit(batch, epoch_));
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(0), 100, certs::kCurrentEpoch)->size(), 11u);
  EXPECT_EQ((*registry_.Leaves(certs::LeafIndex(9), 5, certs::kCurrentEpoch))[1], "leaf 10");
  EXPECT_TRUE(registry_.Leaves(certs::LeafIndex(11), 5, certs::kCurrentEpoch)->empty());
  EXPECT_EQ(*registry_.InclusionPath(certs::LeafIndex(4), certs::LogSize(11), certs::kCurrentEpoch),
            log.Path(4));
}

TEST_F(RegistryTest, AnIndexThatWasRePointedIsDataLoss) {
  storage::v1::CertificateHead head;
  head.mutable_reservation()->set_status_index(5);
  head.mutable_reservation()->set_certificate_number("A990000001");
  Put(Family::kCertificates, IndexKey(5), head.SerializeAsString());
  Put(Family::kLicences, LicenceKey("A990000001"), IndexKey(5));
  EXPECT_EQ(*registry_.StatusIndexOf("A990000001"), certs::StatusIndex(5));
  Put(Family::kLicences, LicenceKey("A990000002"), IndexKey(5));
  EXPECT_THAT(registry_.StatusIndexOf("A990000002"),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  Put(Family::kCertificates, IndexKey(6), head.SerializeAsString());
  EXPECT_THAT(registry_.Certificate(certs::StatusIndex(6)),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
}

class DocumentTest : public RegistryTest {
 protected:
  DocumentTest() {
    parts_ = {certs::ofd::MakePart("OFD.xml", "<OFD/>"),
              certs::ofd::MakePart("Doc_0/Res/font.ttf", std::string(5000, 'f'),
                                   certs::ofd::Method::kStored, true)};
    file_ = certs::ofd::WritePackage(parts_);
    for (const auto& part : parts_) {
      auto* stored = recipe_.add_parts();
      stored->set_path(part->path);
      stored->set_method(static_cast<uint32_t>(part->method));
      stored->set_crc32(part->crc32);
      stored->set_size(part->size);
      if (part->constant) stored->set_constant_sm3(certs::Bytes(part->digest));
      if (!part->constant) stored->set_data(part->data);
    }
    storage::v1::CertificateHead head;
    head.set_file_sm3(certs::Bytes(certs::Sm3Of(file_)));
    Put(Family::kCertificates, IndexKey(7), head.SerializeAsString());
  }
  void PutRecipe() {
    Put(Family::kDocuments, IndexKey(7),
        registry_.SealRecipe(certs::StatusIndex(7), recipe_.SerializeAsString()));
  }
  void PutConstant() { Put(Family::kConstants, DigestKey(parts_[1]->digest), parts_[1]->data); }

  std::vector<certs::ofd::PartPtr> parts_;
  std::string file_;
  storage::v1::DocumentRecipe recipe_;
};

TEST_F(DocumentTest, TheFileIsRebuiltByteForByte) {
  PutRecipe();
  EXPECT_FALSE(registry_.HasConstant(parts_[1]->digest));
  PutConstant();
  EXPECT_TRUE(registry_.HasConstant(parts_[1]->digest));
  const auto file = registry_.Document(certs::StatusIndex(7));
  ASSERT_OK(file);
  EXPECT_TRUE(*file == file_);
}

TEST_F(DocumentTest, AnAbsentRecipeOrConstantIsDataLoss) {
  EXPECT_THAT(registry_.Document(certs::StatusIndex(7)),
              StatusIs(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED"));
  PutRecipe();
  EXPECT_THAT(registry_.Document(certs::StatusIndex(7)),
              StatusIs(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED"));
}

TEST_F(DocumentTest, AFileThatDiffersFromTheIssuedOneIsDataLoss) {
  PutConstant();
  recipe_.mutable_parts(0)->mutable_data()->back() ^= 1;
  PutRecipe();
  EXPECT_THAT(registry_.Document(certs::StatusIndex(7)),
              StatusIs(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED"));
}

// Each would give the very file if it were taken for what it nearly is.
TEST_F(DocumentTest, ARecordThatIsNearlyThatOfTheFileIsDataLoss) {
  PutConstant();
  const storage::v1::DocumentRecipe good = recipe_;
  const auto expect_damaged = [this](const char* what) {
    EXPECT_THAT(registry_.Document(certs::StatusIndex(7)),
                StatusIs(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED"))
        << what;
  };
  recipe_.mutable_parts(1)->set_method(256 + recipe_.parts(1).method());
  PutRecipe();
  expect_damaged("a method beyond its byte");

  recipe_ = good;
  recipe_.mutable_parts(1)->set_constant_sm3("short");
  PutRecipe();
  Put(Family::kConstants, DigestKey(certs::Digest{}), parts_[1]->data);
  expect_damaged("no digest");

  Put(Family::kDocuments, IndexKey(7),
      registry_.SealRecipe(certs::StatusIndex(7), good.SerializeAsString() + "\xff"));
  expect_damaged("a recipe with more after it");

  recipe_ = good;
  PutRecipe();
  EXPECT_OK(registry_.Document(certs::StatusIndex(7)));
  storage::v1::CertificateHead head;
  head.set_file_sm3(certs::Bytes(certs::Sm3Of(file_)));
  Put(Family::kCertificates, IndexKey(7), head.SerializeAsString() + "\xff");
  expect_damaged("a head with more after it");
}

TEST_F(DocumentTest, ACompressionThatNobodyKnowsIsDataLossThoughTheFileWasIssuedWithIt) {
  PutConstant();
  auto strange = std::make_shared<certs::ofd::Part>(*parts_[0]);
  strange->method = static_cast<certs::ofd::Method>(99);
  storage::v1::CertificateHead head;
  head.set_file_sm3(certs::Bytes(certs::Sm3Of(certs::ofd::WritePackage({strange, parts_[1]}))));
  Put(Family::kCertificates, IndexKey(7), head.SerializeAsString());
  recipe_.mutable_parts(0)->set_method(99);
  PutRecipe();
  EXPECT_THAT(registry_.Document(certs::StatusIndex(7)),
              StatusIs(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED"));
}

TEST_F(DocumentTest, AReadThatFailsIsNotTakenForAbsent) {
  PutConstant();
  PutRecipe();
  tests::Faults faults;
  const tests::FailingEngine failing(&engine_, &faults);
  const Registry registry(&failing, &sealer_);
  tests::ExpectEveryFaultComesOut(
      &faults, [&] { return registry.Document(certs::StatusIndex(7)).status(); });
  faults.FailAfter(0);  // a constant that may be there is put again, which changes nothing
  EXPECT_FALSE(registry.HasConstant(parts_[1]->digest));
  EXPECT_TRUE(registry.HasConstant(parts_[1]->digest));
}

}  // namespace
}  // namespace birthseal::store
