// SPDX-License-Identifier: Apache-2.0
// Scenario 19, Rule I3: nothing may be changed or deleted by anybody. The API has no such method,
// and whoever changes the storage itself is found and named.
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "birthseal/v1/admin.pb.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "birthseal/v1/sharing.pb.h"
#include "birthseal/v1/transparency.pb.h"
#include "birthseal/v1/verification.pb.h"
#include "certs/proof/checkpoint.h"
#include "gmock/gmock.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "tests/store/fsck/fsck_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using storage::v1::CertificateHead;
using store::Family;
using store::IndexKey;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// Rule I3.
TEST(ApiTest, HasNoMethodThatUpdatesOrDeletes) {
  int methods = 0;
  for (const auto* file :
       {v1::PutClientRequest::descriptor()->file(), v1::ListReviewsRequest::descriptor()->file(),
        v1::SubmitApplicationRequest::descriptor()->file(),
        v1::DownloadDocumentRequest::descriptor()->file(),
        v1::ListLeavesRequest::descriptor()->file(),
        v1::VerifyDocumentRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string& name = file->service(s)->method(m)->name();
        ++methods;
        for (const char* verb : {"Update", "Delete", "Edit", "Erase", "Remove", "Patch", "Set"}) {
          EXPECT_FALSE(absl::StartsWith(name, verb)) << name;
        }
      }
    }
  }
  EXPECT_GT(methods, 15);
}

TEST_F(FsckTest, AStoreAsTheLedgerWroteItIsClean) {
  const store::FsckReport report = Check();
  for (const auto& finding : report.findings) ADD_FAILURE() << store::ToLine(finding);
  for (int i = 0; i < store::kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    EXPECT_GT(report.records[static_cast<size_t>(i)], 0u) << store::Name(family);
  }
  EXPECT_TRUE(absl::StartsWith(store::ToJson(report), "{\"clean\":true,"));
}

TEST_F(FsckTest, AStoreWithoutAnythingIsClean) {
  store::MemoryEngine empty;
  EXPECT_TRUE(store::CheckStore(*empty.NewSnapshot(), {}).clean());
}

// Of these families no byte may change without being named.
TEST_F(FsckTest, AFlippedBitIsNamedByFamilyAndKey) {
  std::mt19937 random(19);
  for (const Family family :
       {Family::kClaims, Family::kLicences, Family::kBodies, Family::kDocuments, Family::kConstants,
        Family::kLeaves, Family::kNodes, Family::kAudit, Family::kMapPages, Family::kMapChanges,
        Family::kReceipts}) {
    for (const auto& [key, value] : All(family)) {
      std::string flipped = value;
      flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
      Put(family, key, flipped);
      EXPECT_THAT(CodesOf(family, key), Not(IsEmpty()))
          << store::ToLine({family, key, "was not found", "", ""});
      Put(family, key, value);
    }
  }
  EXPECT_TRUE(Check().clean());
}

TEST_F(FsckTest, AnErasedRecordIsNamedByFamilyAndKey) {
  for (const Family family :
       {Family::kNewborns, Family::kDeliveries, Family::kCases, Family::kCertificates,
        Family::kNumbers, Family::kLicences, Family::kBodies, Family::kDocuments,
        Family::kReservations, Family::kLeaves, Family::kNodes, Family::kOutbox, Family::kAudit,
        Family::kReviews, Family::kMapPages, Family::kCheckpoints}) {
    for (const auto& [key, value] : All(family)) {
      // A rejected delivery that nothing refers to could go unseen; there is none here.
      Erase(family, key);
      EXPECT_THAT(CodesOf(family, key), Contains("MISSING"))
          << store::ToLine({family, key, "was erased", "", ""});
      Put(family, key, value);
    }
  }
  for (const auto& [key, value] : All(Family::kConstants)) {
    Erase(Family::kConstants, key);
    EXPECT_THAT(CodesOf(Family::kDocuments, IndexKey(4)), Contains("DOCUMENT_DAMAGED"));
    Put(Family::kConstants, key, value);
  }
  Erase(Family::kMeta, store::MetaKey());
  EXPECT_THAT(CodesOf(Family::kMeta, store::MetaKey()), Contains("MISSING"));
}

// Rule I3.
TEST_F(FsckTest, AChangedFieldOfACertificateHeadIsNamed) {
  const std::vector<std::pair<const char*, std::function<void(CertificateHead&)>>> changes = {
      {"number", [](auto& h) { h.mutable_reservation()->set_certificate_number("A520000009"); }},
      {"licence", [](auto& h) { h.mutable_reservation()->set_licence_id("another"); }},
      {"document id", [](auto& h) { h.mutable_reservation()->set_document_id("another"); }},
      {"face", [](auto& h) { h.mutable_reservation()->set_face_digest(std::string(32, 'f')); }},
      {"salt", [](auto& h) { h.mutable_reservation()->set_salt(std::string(16, 'x')); }},
      {"newborn", [](auto& h) { h.mutable_reservation()->set_newborn_id(std::string(16, 'n')); }},
      {"institution", [](auto& h) { h.mutable_reservation()->set_institution_code("other"); }},
      {"leaf", [](auto& h) { h.mutable_reservation()->set_leaf("other"); }},
      {"file", [](auto& h) { h.set_file_sm3(std::string(32, 'f')); }},
      {"file size", [](auto& h) { h.set_file_size(1); }},
      {"issued leaf", [](auto& h) { h.set_issued_leaf(0); }},
      {"revoked without a leaf", [](auto& h) { h.set_state(4), h.set_void_reason("said so"); }},
      {"no such state", [](auto& h) { h.set_state(9); }},
      {"supersedes", [](auto& h) { h.set_supersedes("A520000001"); }},
  };
  const std::string key = IndexKey(4);
  const std::string value = Get(Family::kCertificates, key);
  for (const auto& [name, change] : changes) {
    Change<CertificateHead>(Family::kCertificates, key, change);
    EXPECT_THAT(CodesOf(Family::kCertificates, key), Not(IsEmpty())) << name;
    Put(Family::kCertificates, key, value);
  }
}

TEST_F(FsckTest, ARevocationTakenBackIsNamed) {
  Change<CertificateHead>(Family::kCertificates, IndexKey(3), [](CertificateHead& head) {
    head.set_state(1);
    head.clear_voided_leaf();
    head.clear_void_reason();
    head.clear_voided_salt();
  });
  Change<storage::v1::Newborn>(Family::kNewborns, Head(3).reservation().newborn_id(),
                               [](storage::v1::Newborn& n) { n.set_valid_certificate(3); });
  EXPECT_THAT(CodesOf(Family::kCertificates, IndexKey(3)), Contains("ENDED_BUT_NOT_SO_IN_HEAD"));
}

TEST_F(FsckTest, ASecondValidCertificateOfANewbornIsNamed) {
  Change<CertificateHead>(Family::kCertificates, IndexKey(1),
                          [](CertificateHead& head) { head.set_state(1); });
  EXPECT_THAT(CodesOf(Family::kCertificates, IndexKey(1)), Contains("SECOND_VALID_CERTIFICATE"));
}

TEST_F(FsckTest, ACertificateThatNoLeafSpeaksOfIsNamed) {
  CertificateHead head = Head(4);
  head.mutable_reservation()->set_status_index(6);
  Put(Family::kCertificates, IndexKey(6), head.SerializeAsString());
  EXPECT_THAT(CodesOf(Family::kCertificates, IndexKey(6)), Contains("HEAD_NOT_AS_LOGGED"));
  EXPECT_THAT(CodesOf(Family::kCertificates, IndexKey(6)), Contains("SECOND_VALID_CERTIFICATE"));
}

TEST_F(FsckTest, SwappedBodiesAndDocumentsAreNamedBoth) {
  for (const Family family : {Family::kBodies, Family::kDocuments}) {
    const auto all = All(family);
    Put(family, all[0].first, all[1].second);
    Put(family, all[1].first, all[0].second);
    EXPECT_THAT(CodesOf(family, all[0].first), Not(IsEmpty()));
    EXPECT_THAT(CodesOf(family, all[1].first), Not(IsEmpty()));
    Put(family, all[0].first, all[0].second);
    Put(family, all[1].first, all[1].second);
  }
}

// A snapshot that cannot read one record where it is asked for by its key.
class UnreadableRecord : public store::Snapshot {
 public:
  UnreadableRecord(std::unique_ptr<Snapshot> whole, Family family, std::string key)
      : whole_(std::move(whole)), family_(family), key_(std::move(key)) {}
  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    if (family == family_ && key == key_) return absl::DataLossError("checksum");
    return whole_->Get(family, key);
  }
  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    return whole_->Scan(family, prefix, from, visit);
  }

 private:
  const std::unique_ptr<Snapshot> whole_;
  const Family family_;
  const std::string key_;
};

// One finding of whoever needs it: the certificate and its case.
TEST_F(FsckTest, ARecordThatCannotBeReadIsCountedOnceForEachThatNeedsIt) {
  const std::string key = store::NumberKey(Head(4).reservation().certificate_number());
  store::FsckOptions options;
  options.max_findings = 1;
  const store::FsckReport report =
      store::CheckStore(UnreadableRecord(engine_.NewSnapshot(), Family::kNumbers, key), options);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].code, "BLOCK_UNREADABLE");
  EXPECT_EQ(report.more_findings, 1u);
}

TEST_F(FsckTest, AnIndexThatPointsElsewhereIsNamed) {
  const std::string number = store::LicenceKey(Head(4).reservation().certificate_number());
  Put(Family::kLicences, number, IndexKey(2));
  EXPECT_THAT(CodesOf(Family::kLicences, number), Contains("INDEX_POINTS_ELSEWHERE"));
  EXPECT_EQ(registry_.StatusIndexOf(number).status().code(), absl::StatusCode::kDataLoss);
  const auto review = All(Family::kReviews)[0];
  Erase(Family::kReviews, review.first);
  const auto other = IdIn<certs::DeliveryId>(All(Family::kDeliveries)[0].first);
  const std::string moved = store::ReviewKey(kHospital, 1, other);
  Put(Family::kReviews, moved, "");
  EXPECT_THAT(CodesOf(Family::kReviews, moved), Contains("INDEX_POINTS_ELSEWHERE"));
}

TEST_F(FsckTest, NumbersOutOfStepWithStockAreNamed) {
  const std::string number = store::NumberKey("A520000050");
  Put(Family::kNumbers, number, Get(Family::kNumbers, store::NumberKey("A520000001")));
  EXPECT_THAT(CodesOf(Family::kNumbers, number), Contains("NOT_FROM_STOCK"));
  EXPECT_THAT(CodesOf(Family::kNumbers, number), Contains("USED_BY_NONE"));
  Erase(Family::kNumbers, number);
  const auto stock = All(Family::kStock)[0];
  Change<storage::v1::StockRange>(Family::kStock, stock.first, [](storage::v1::StockRange& range) {
    range.set_next_number("A520000001");  // all of them once more
  });
  EXPECT_THAT(CodesOf(Family::kNumbers, store::NumberKey("A520000001")),
              Contains("NOT_FROM_STOCK"));
  EXPECT_THAT(CodesOf(Family::kMeta, store::MetaKey()), Contains("COUNT_OF_STOCK"));
}

// Rule I13.
TEST_F(FsckTest, ALogOrTrailCutAtItsEndIsNamed) {
  const std::string leaf = All(Family::kLeaves).back().first;
  Erase(Family::kLeaves, leaf);
  EXPECT_THAT(CodesOf(Family::kLeaves, leaf), Contains("MISSING"));
  Change<storage::v1::Meta>(Family::kMeta, store::MetaKey(),
                            [](storage::v1::Meta& m) { m.set_audit_head(std::string(32, 'a')); });
  EXPECT_THAT(CodesOf(Family::kAudit, All(Family::kAudit).back().first), Contains("CHAIN_BROKEN"));
}

// Rewritten consistently, page by page, and with the root in Meta: the changes tell.
TEST_F(FsckTest, ALabelLedElsewhereIsNamed) {
  const std::string id = Head(4).reservation().newborn_id();
  const certs::MapLabel label =
      certs::MapLabelFrom(
          Stored<storage::v1::Newborn>(engine_, Family::kNewborns, id).map_labels(0))
          .value();
  const auto snapshot = engine_.NewSnapshot();
  const auto meta = store::MetaOf(*snapshot);
  ASSERT_OK(meta);
  for (const uint64_t value : {uint64_t{0}, uint64_t{2}, uint64_t{77}}) {
    store::MapUpdater updater(store::MapReader(snapshot.get(), store::MapRootOf(*meta)));
    ASSERT_OK(updater.Change(label, value));
    store::WriteBatch batch;
    updater.PutInto(&batch);
    for (const auto& change : batch.changes) Put(change.family, change.key, change.value);
    Change<storage::v1::Meta>(Family::kMeta, store::MetaKey(), [&](storage::v1::Meta& m) {
      m.set_map_root(certs::Bytes(updater.root()));
    });
    EXPECT_THAT(CodesOf(Family::kNewborns, id), Contains("LABEL_LEADS_ELSEWHERE"));
    EXPECT_THAT(CodesOf(Family::kMeta, store::MetaKey()), Contains("MAP_ROOT_DIFFERS"));
  }
}

TEST_F(FsckTest, ALabelOfNobodyIsNamed) {
  const auto snapshot = engine_.NewSnapshot();
  const auto meta = store::MetaOf(*snapshot);
  ASSERT_OK(meta);
  store::MapUpdater updater(store::MapReader(snapshot.get(), store::MapRootOf(*meta)));
  ASSERT_OK(updater.Change(certs::MapLabel(certs::Sm3Of("nobody")), 0));
  store::WriteBatch batch;
  updater.PutInto(&batch);
  for (const auto& change : batch.changes) Put(change.family, change.key, change.value);
  Change<storage::v1::Meta>(Family::kMeta, store::MetaKey(), [&](storage::v1::Meta& m) {
    m.set_map_root(certs::Bytes(updater.root()));
    m.set_map_labels(m.map_labels() + 1);
  });
  EXPECT_THAT(CodesOf(Family::kMeta, store::MetaKey()), Contains("COUNT_OF_LABELS"));
}

TEST_F(FsckTest, AnErasedChangeOfTheMapIsNamed) {
  const auto changes = All(Family::kMapChanges);
  ASSERT_EQ(changes.size(), 6u);  // four issues, one exchange, one revocation
  for (const auto& [key, value] : changes) {
    Erase(Family::kMapChanges, key);
    EXPECT_THAT(CodesOf(Family::kMapChanges, key), Contains("MISSING"));
    Put(Family::kMapChanges, key, value);
  }
}

TEST_F(FsckTest, ANewbornWithoutItsLabelIsNamed) {
  const std::string id = Head(4).reservation().newborn_id();
  Change<storage::v1::Newborn>(Family::kNewborns, id,
                               [](storage::v1::Newborn& n) { n.clear_map_labels(); });
  EXPECT_THAT(CodesOf(Family::kNewborns, id), Contains("LABEL_MISSING"));
  EXPECT_THAT(CodesOf(Family::kReceipts, IndexKey(4)), Contains("RECEIPT_DOES_NOT_CHECK"));
}

TEST_F(FsckTest, ACheckpointOfAnotherLogIsNamed) {
  const auto [key, note] = All(Family::kCheckpoints)[0];
  const auto checkpoint = certs::ParseCheckpoint(note);
  ASSERT_OK(checkpoint);
  certs::TreeHead head = checkpoint->head;
  head.root = certs::Sm3Of("another log");
  Put(Family::kCheckpoints, key,
      certs::FormatCheckpoint(certs::CheckpointBody(head), checkpoint->signatures));
  EXPECT_THAT(CodesOf(Family::kCheckpoints, key), Contains("CHECKPOINT_NOT_OF_LOG"));
  head = checkpoint->head;
  head.map_root = certs::Sm3Of("another map");
  Put(Family::kCheckpoints, key,
      certs::FormatCheckpoint(certs::CheckpointBody(head), checkpoint->signatures));
  EXPECT_THAT(CodesOf(Family::kReceipts, IndexKey(2)), Contains("RECEIPT_DOES_NOT_CHECK"));
}

// Anything may stand anywhere: the check goes on to its end, and finds it more often than not.
TEST_F(FsckTest, NoDamageStopsTheCheck) {
  std::mt19937 random(20);
  for (int i = 0; i < store::kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    for (const auto& [key, value] : All(family)) {
      std::string damaged = value.substr(0, random() % (value.size() + 1));
      for (int n = 0; n < 3 && !damaged.empty(); ++n) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      Put(family, key, damaged);
      Check();
      Put(family, key, value);
    }
    Put(family, "odd key", "odd value");
    EXPECT_FALSE(Check().clean()) << store::Name(family);
    Erase(family, "odd key");
  }
  EXPECT_TRUE(Check().clean());
}

// What is handed out is what was issued, or nothing.
TEST_F(FsckTest, ADocumentWithAnAlteredValueIsNeverServed) {
  const std::string file = *registry_.Document(certs::StatusIndex(4));
  std::mt19937 random(21);
  std::vector<std::pair<Family, std::string>> places = {{Family::kDocuments, IndexKey(4)}};
  for (const auto& constant : All(Family::kConstants)) {
    places.emplace_back(Family::kConstants, constant.first);
  }
  for (const auto& [family, key] : places) {
    const std::string value = Get(family, key);
    for (int i = 0; i < 400; ++i) {
      std::string damaged = value;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      Put(family, key, damaged);
      EXPECT_EQ(registry_.Document(certs::StatusIndex(4)).status().code(),
                absl::StatusCode::kDataLoss);
    }
    Put(family, key, value);
  }
  Put(Family::kDocuments, IndexKey(4), Get(Family::kDocuments, IndexKey(2)));
  EXPECT_EQ(registry_.Document(certs::StatusIndex(4)).status().code(), absl::StatusCode::kDataLoss);
  Put(Family::kCertificates, IndexKey(4), Get(Family::kCertificates, IndexKey(2)));
  EXPECT_EQ(registry_.Certificate(certs::StatusIndex(4)).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace birthseal::tests
