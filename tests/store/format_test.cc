// SPDX-License-Identifier: Apache-2.0
// The examples of store/FORMAT.md, byte for byte. A change here is a change of the format.
#include <functional>

#include "absl/strings/escaping.h"
#include "store/journal/journal.h"
#include "store/journal/journal_segment.h"
#include "store/keys.h"
#include "store/log/map_page.h"
#include "store/sealed_value.h"
#include "tests/support/ids.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using absl::BytesToHexString;

DeliveryId Counting() {
  return tests::IdOf<DeliveryId>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
}

constexpr char kIdHex[] = "000102030405060708090a0b0c0d0e0f";
constexpr char kCode[] = "12990000MB0A00001X";  // 18 characters
constexpr char kCodeHex[] =
    "31323939303030304d42304130303030"
    "3158";
constexpr char kNumberHex[] =
    "41393930303030303031"
    "000000000000";

TEST(FormatTest, KeysAreThoseOfTheExamples) {
  EXPECT_EQ(BytesToHexString(MetaKey()), "01");
  EXPECT_EQ(BytesToHexString(FenceKey()), "02");
  EXPECT_EQ(BytesToHexString(IdKey(Counting())), kIdHex);
  EXPECT_EQ(BytesToHexString(IndexKey(258)), "0000000000000102");
  EXPECT_EQ(BytesToHexString(NumberKey("A990000001")), kNumberHex);
  EXPECT_EQ(LicenceKey("A990000001"), "A990000001");
  EXPECT_EQ(BytesToHexString(BodyKey(BodyKind::kRawMessage, Counting())),
            std::string("02") + kIdHex);
  EXPECT_EQ(BytesToHexString(StockKey(kCode, "A990000001")), std::string(kCodeHex) + kNumberHex);
  EXPECT_EQ(BytesToHexString(RegistryKey(RegistryKind::kOperator, "op-1")), "036f702d31");
  EXPECT_EQ(BytesToHexString(NodeKey(3, 2)), "030000000000000002");
  EXPECT_EQ(BytesToHexString(ReviewKey(kCode, 1'780'000'000'000'000, Counting())),
            std::string(kCodeHex) + "000652e68bb34000" + kIdHex);
}

TEST(FormatTest, AKeyOfAnotherLengthIsNone) {
  const auto fits = [](const std::string& good,
                       const std::function<bool(absl::string_view)>& reads) {
    EXPECT_TRUE(reads(good));
    for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(reads(good.substr(0, size)));
    EXPECT_FALSE(reads(good + 'x'));
  };
  fits(IndexKey(1), [](absl::string_view key) { return ParseBigEndian64(key).has_value(); });
  fits(IdKey(Counting()),
       [&](absl::string_view key) { return DeliveryId::FromBytes(key).has_value(); });
  fits(MapChangeKey(1, 1),
       [](absl::string_view key) { return ParseMapChangeKey(key).has_value(); });
  fits(ReviewKey(kCode, 1, Counting()),
       [&](absl::string_view key) { return ParseReviewKey(key).has_value(); });
}

// Nor does it wrap to a place of another epoch.
TEST(FormatTest, ALeafOfNoEpochStandsNowhere) {
  EXPECT_EQ(PlaceOf(certs::LogEpoch(), certs::LeafIndex(3)), kNoPlace);
  EXPECT_EQ(PlaceOf({certs::LogEpoch(), certs::LogSize(3)}), kNoPlace);
  EXPECT_EQ(PlaceOf(certs::LogEpoch(1), certs::LeafIndex(3)), 3u);
}

// Bytes count upwards from `first`.
certs::MapLabel LabelFrom(int first) {
  certs::MapLabel label;
  for (size_t i = 0; i < label.size(); ++i) {
    label[i] = static_cast<uint8_t>(first + static_cast<int>(i));
  }
  return label;
}

TEST(FormatTest, KeysOfTheMapAreThoseOfTheExamples) {
  EXPECT_EQ(BytesToHexString(MapPageKey(0, LabelFrom(16))), "00");
  EXPECT_EQ(BytesToHexString(MapPageKey(3, LabelFrom(16))), "031010");
  EXPECT_EQ(BytesToHexString(MapPageKey(4, LabelFrom(16))), "041011");
  EXPECT_EQ(BytesToHexString(MapChangeKey(PlaceOf(certs::LogEpoch(2), certs::LeafIndex(2)), 1)),
            "00000100000000020001");
  const auto read =
      ParseMapChangeKey(MapChangeKey(PlaceOf(certs::LogEpoch(3), certs::LeafIndex(70)), 258));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(EpochAt(read->place), certs::LogEpoch(3));
  EXPECT_EQ(IndexAt(read->place), certs::LeafIndex(70));
  EXPECT_EQ(read->sequence, 258);
  EXPECT_FALSE(ParseMapChangeKey(IndexKey(1)).has_value());
}

TEST(FormatTest, TheMapPageOfTheExampleIsMade) {
  MapPage page;
  page.SetLeaf(15, {LabelFrom(0xf0), 0});
  page.SetLeaf(1, {LabelFrom(0x10), 258});
  EXPECT_EQ(BytesToHexString(page.Encode()),
            "40010000"
            "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f0000000000000102"
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f0000000000000000");
}

TEST(FormatTest, ACodeBeyondItsWidthHasAKeyOfItsOwn) {
  const std::string one(40, 'x'), other(41, 'x');
  EXPECT_EQ(StockPrefix(one).size(), kCodeWidth);
  EXPECT_NE(StockPrefix(one), StockPrefix(other));
  EXPECT_NE(StockPrefix(one), StockPrefix(one.substr(0, kCodeWidth)));
}

TEST(FormatTest, FamiliesKeepTheirNamesAndNumbers) {
  const char* names[] = {"meta",         "newborns",     "claims",    "mothers",      "deliveries",
                         "feed_answers", "cases",        "requests",  "certificates", "numbers",
                         "licences",     "bodies",       "documents", "constants",    "stock",
                         "registry",     "reservations", "leaves",    "nodes",        "outbox",
                         "audit",        "reviews",      "map_pages", "map_changes",  "receipts",
                         "checkpoints"};
  ASSERT_EQ(std::size(names), static_cast<size_t>(kFamilyCount));
  for (int i = 0; i < kFamilyCount; ++i) EXPECT_STREQ(Name(static_cast<Family>(i)), names[i]);
}

TEST(FormatTest, TheSealedValueOfTheExampleOpens) {
  const ValueSealer sealer("0123456789abcdef");
  const auto value =
      sealer.Open(Family::kBodies, BodyKey(BodyKind::kDelivery, Counting()),
                  absl::HexStringToBytes(
                      "0112deae8eb391fa0c821e21a111186926326ff74a166e85965c8ade7a4f6348e91a3cb731bd"
                      "b4e43e0ebf2c93b27c1076c205b142abe35e499a5236441cb35e4bd6bd0bb527"));
  ASSERT_OK(value);
  EXPECT_EQ(*value, "birthseal");
}

TEST(FormatTest, TheJournalRecordOfTheExampleIsMade) {
  WriteBatch batch;
  batch.Put(Family::kClaims, "k", "val");
  batch.Erase(Family::kReviews, "r");
  EXPECT_EQ(BytesToHexString(kSegmentMagic), "42534a524e4c0001");
  EXPECT_EQ(BytesToHexString(FrameRecord(5, FenceEpoch(2), batch)),
            "0000002921cadfe200000000000000050000000000000002000000020201000000016b0000000376616c15"
            "020000000172");
}

}  // namespace
}  // namespace birthseal::store
