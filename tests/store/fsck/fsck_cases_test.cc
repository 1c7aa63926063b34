// SPDX-License-Identifier: Apache-2.0
// What the check says of cases, deliveries, numbers, sealed values and the registry, finding by
// finding.
#include <algorithm>

#include "tests/store/fsck/fsck_rows.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using storage::v1::CaseHead;
using storage::v1::DeliveryHead;
using storage::v1::NumberRecord;
using storage::v1::StockRange;
using store::Family;
using store::IndexKey;

class FsckCasesTest : public FsckRowsTest {
 protected:
  std::string OpenNumber() const { return store::NumberKey(open_.certificate_number()); }
  std::string AnyKey(Family family) const { return All(family).at(0).first; }
  std::string DeliveryOf(uint64_t status_index) const {
    return Stored<storage::v1::Newborn>(engine_, Family::kNewborns, NewbornKey(status_index))
        .current_delivery();
  }
  // The value once more under another key.
  void Copy(Family family, const std::string& from, const std::string& to) {
    Put(family, to, Get(family, from));
  }
  std::string Entry(store::RegistryKind kind) const {
    for (const auto& [key, value] : All(Family::kRegistry)) {
      if (key[0] == static_cast<char>(kind)) return key;
    }
    return "";
  }
  void AddRange(const std::string& first, const std::string& last) {
    StockRange range;
    range.set_institution_code(kOtherHospital);
    range.set_first_number(first);
    range.set_next_number(first);
    range.set_last_number(last);
    Put(Family::kStock, store::StockKey(kOtherHospital, first), range.SerializeAsString());
  }
};

TEST_F(FsckCasesTest, ACaseThatCannotBeIsNamed) {
  const std::string four = CaseKey(4), none(16, 'x');
  const auto four_with = [&](const char* name, const std::function<void(CaseHead&)>& change,
                             Family family, const std::string& key, const char* code,
                             const std::string& named = "") {
    return FsckRow{name, [this, four, change] { ChangeCase(four, change); }, family, key, code,
                   named};
  };
  const std::string withdrawn =
      KeyOf<CaseHead>(Family::kCases, [](const CaseHead& c) { return c.state() == 8; });
  ExpectNamed({
      four_with(
          "before the first state", [](auto& c) { c.set_state(0); }, Family::kCases, four, "STATE"),
      four_with(
          "behind the last state", [](auto& c) { c.set_state(9); }, Family::kCases, four, "STATE"),
      four_with(
          "newborn", [&](auto& c) { c.set_newborn_id(none); }, Family::kNewborns, none, "MISSING",
          Named(Family::kCases, four)),
      four_with(
          "basis", [&](auto& c) { c.set_basis_delivery(none); }, Family::kDeliveries, none,
          "MISSING", Named(Family::kCases, four)),
      {"certificate of another case",
       [&] { ChangeReservation(4, [&](auto& r) { r.set_case_id(withdrawn); }); }, Family::kCases,
       four, "CASE_NOT_AS_CERTIFICATE"},
      {"slot", [&] { ChangeNewborn(open_.newborn_id(), [](auto& n) { n.clear_slot_case(); }); },
       Family::kCases, open_.case_id(), "SLOT_NOT_HELD"},
      {"number is free",
       [&] {
         Change<NumberRecord>(Family::kNumbers, OpenNumber(), [](auto& n) { n.set_state(0); });
       },
       Family::kNumbers, OpenNumber(), "NUMBER_NOT_AS_CASE",
       Named(Family::kCases, open_.case_id())},
      {"number of another case",
       [&] {
         Change<NumberRecord>(Family::kNumbers, OpenNumber(),
                              [&](auto& n) { n.set_case_id(four); });
       },
       Family::kNumbers, OpenNumber(), "NUMBER_NOT_AS_CASE",
       Named(Family::kCases, open_.case_id())},
  });
}

TEST_F(FsckCasesTest, AnAnswerUnderAKeyThatIsNoneIsNamed) {
  ExpectNamed({
      {"request", [&] { Copy(Family::kRequests, AnyKey(Family::kRequests), "short"); },
       Family::kRequests, "short", "KEY"},
      {"content of a request",
       [&] {
         Change<storage::v1::RequestAnswer>(Family::kRequests, AnyKey(Family::kRequests),
                                            [](auto& a) { a.set_content_sm3("short"); });
       },
       Family::kRequests, AnyKey(Family::kRequests), "KEY"},
      {"feed", [&] { Copy(Family::kFeedAnswers, AnyKey(Family::kFeedAnswers), "short"); },
       Family::kFeedAnswers, "short", "KEY"},
      {"delivery of a feed",
       [&] {
         Change<storage::v1::FeedAnswer>(Family::kFeedAnswers, AnyKey(Family::kFeedAnswers),
                                         [](auto& a) { a.set_delivery_id("none"); });
       },
       Family::kDeliveries, "none", "MISSING",
       Named(Family::kFeedAnswers, AnyKey(Family::kFeedAnswers))},
  });
}

TEST_F(FsckCasesTest, WhatADeliveryPointsToMustBeThere) {
  const std::string key = DeliveryOf(4), none(16, 'x');
  const std::string by = Named(Family::kDeliveries, key);
  const auto id = IdIn<certs::DeliveryId>(key);
  const auto delivery = [&](const std::function<void(DeliveryHead&)>& change) {
    return [this, key, change] { Change(Family::kDeliveries, key, change); };
  };
  const std::string body = store::BodyKey(store::BodyKind::kDelivery, id);
  const std::string raw = store::BodyKey(store::BodyKind::kRawMessage, id);
  const auto review = All(Family::kReviews).at(0);
  const auto reviewed = store::ParseReviewKey(review.first);
  ASSERT_TRUE(reviewed.has_value());
  ExpectNamed({
      {"newborn", delivery([&](auto& d) { d.set_newborn_id(none); }), Family::kNewborns, none,
       "MISSING", by},
      {"previous", delivery([&](auto& d) { d.set_previous(none); }), Family::kDeliveries, none,
       "MISSING", by},
      {"body", [&] { Erase(Family::kBodies, body); }, Family::kBodies, body, "MISSING", by},
      {"raw message", [&] { Erase(Family::kBodies, raw); }, Family::kBodies, raw, "MISSING", by},
      {"review", [&] { Erase(Family::kReviews, review.first); }, Family::kReviews, review.first,
       "MISSING", Named(Family::kDeliveries, store::IdKey(*reviewed))},
      {"key", [&] { Put(Family::kDeliveries, "short", ""); }, Family::kDeliveries, "short", "KEY"},
  });
}

TEST_F(FsckCasesTest, AReviewThatIsNotOpenThereIsNamed) {
  const std::string review = AnyKey(Family::kReviews);
  const auto parsed = store::ParseReviewKey(review);
  ASSERT_TRUE(parsed.has_value());
  const certs::DeliveryId id = *parsed;
  const auto head = Stored<DeliveryHead>(engine_, Family::kDeliveries, store::IdKey(id));
  const std::string moved = store::ReviewKey(head.facility_code(), head.accepted_time() + 1, id);
  ExpectNamed({
      {"key", [&] { Put(Family::kReviews, "short", ""); }, Family::kReviews, "short", "KEY"},
      {"decided",
       [&] {
         Change<DeliveryHead>(Family::kDeliveries, store::IdKey(id),
                              [](auto& d) { d.set_in_review(false); });
       },
       Family::kReviews, review, "INDEX_POINTS_ELSEWHERE"},
      {"another time", [&] { Put(Family::kReviews, moved, ""); }, Family::kReviews, moved,
       "INDEX_POINTS_ELSEWHERE"},
      {"count",
       [&] {
         ChangeMeta([](auto& m) { m.set_deliveries_in_review(m.deliveries_in_review() + 1); });
       },
       Family::kMeta, store::MetaKey(), "COUNT_OF_REVIEWS"},
  });
}

// A bad entry explains a wrong count: one finding, not two.
TEST_F(FsckCasesTest, ACountIsNotBlamedForABadReview) {
  Put(Family::kReviews, "short", "");
  EXPECT_THAT(CodesOf(Family::kMeta, store::MetaKey()), testing::IsEmpty());
}

TEST_F(FsckCasesTest, ARangeOfNumbersThatIsNoneIsNamed) {
  const std::string key = AnyKey(Family::kStock);
  const auto range = [&](const char* name, const std::function<void(StockRange&)>& change) {
    return FsckRow{name, [this, key, change] { Change(Family::kStock, key, change); },
                   Family::kStock, key, "RANGE"};
  };
  ExpectNamed({
      range("first", [](auto& r) { r.set_first_number("none"); }),
      range("last", [](auto& r) { r.set_last_number("none"); }),
      range("next", [](auto& r) { r.set_next_number("none"); }),
      range("last of another series", [](auto& r) { r.set_last_number("B520000100"); }),
      range("next of another series", [](auto& r) { r.set_next_number("B520000008"); }),
      range("next before the first", [](auto& r) { r.set_next_number("A520000000"); }),
      range("next behind the last", [](auto& r) { r.set_next_number("A520000101"); }),
      range("institution", [](auto& r) { r.set_institution_code(kOtherHospital); }),
      {"overlap from below", [&] { AddRange("A510000001", "A520000001"); }, Family::kStock,
       store::StockKey(kOtherHospital, "A510000001"), "STOCK_OVERLAP"},
      {"overlap from within", [&] { AddRange("A520000050", "A520000150"); }, Family::kStock,
       store::StockKey(kOtherHospital, "A520000050"), "STOCK_OVERLAP"},
  });
}

// No neighbour overlaps: nothing is said of stock but its count.
TEST_F(FsckCasesTest, RangesSideBySideAreTwo) {
  AddRange("A520000101", "A520000150");
  AddRange("A510000001", "A520000000");
  for (const auto& [key, value] : All(Family::kStock)) {
    EXPECT_THAT(CodesOf(Family::kStock, key), testing::IsEmpty());
  }
}

TEST_F(FsckCasesTest, ANumberThatNobodyHasIsNamed) {
  const std::string four = NumberKeyOf(4);
  const auto number = [](const std::string& text) { return store::NumberKey(text); };
  const auto copied = [&](const std::string& text) {
    return [this, four, text] { Copy(Family::kNumbers, four, store::NumberKey(text)); };
  };
  const std::string waste =
      KeyOf<NumberRecord>(Family::kNumbers, [](const NumberRecord& n) { return n.state() == 3; });
  ExpectNamed({
      {"used, the case has another",
       [&] { ChangeCase(CaseKey(4), [](auto& c) { c.set_certificate_number("A520000099"); }); },
       Family::kNumbers, four, "USED_BY_NONE"},
      {"used, the case is not issued",
       [&] { ChangeCase(CaseKey(4), [](auto& c) { c.set_state(8); }); }, Family::kNumbers, four,
       "USED_BY_NONE"},
      {"allotted, the case has another",
       [&] {
         ChangeCase(open_.case_id(), [](auto& c) { c.set_certificate_number("A520000099"); });
       },
       Family::kNumbers, OpenNumber(), "ALLOTTED_TO_NONE"},
      {"allotted, the case has ended",
       [&] { ChangeCase(open_.case_id(), [](auto& c) { c.set_state(8); }); }, Family::kNumbers,
       OpenNumber(), "ALLOTTED_TO_NONE"},
      {"waste in use",
       [&] { Change<NumberRecord>(Family::kNumbers, four, [](auto& n) { n.set_state(3); }); },
       Family::kNumbers, four, "WASTE_IN_USE"},
      {"state",
       [&] { Change<NumberRecord>(Family::kNumbers, four, [](auto& n) { n.set_state(0); }); },
       Family::kNumbers, four, "STATE"},
      {"before all stock", copied("A510000000"), Family::kNumbers, number("A510000000"),
       "NOT_FROM_STOCK"},
      {"behind all stock", copied("A520000150"), Family::kNumbers, number("A520000150"),
       "NOT_FROM_STOCK"},
      {"not yet taken", copied("A520000050"), Family::kNumbers, number("A520000050"),
       "NOT_FROM_STOCK"},
      {"erased waste", [&] { Erase(Family::kNumbers, waste); }, Family::kNumbers, waste, "MISSING",
       Named(Family::kStock, AnyKey(Family::kStock))},
      {"stock", [&] { ChangeMeta([](auto& m) { m.set_numbers_in_stock(1); }); }, Family::kMeta,
       store::MetaKey(), "COUNT_OF_STOCK"},
      {"waste", [&] { ChangeMeta([](auto& m) { m.set_numbers_wasted(99); }); }, Family::kMeta,
       store::MetaKey(), "COUNT_OF_WASTE"},
  });
}

// The last number of a used-up range, and one behind it.
TEST_F(FsckCasesTest, ANumberBehindAUsedUpRangeIsNotFromStock) {
  const std::string key = AnyKey(Family::kStock);
  Change<StockRange>(Family::kStock, key, [](auto& r) { r.clear_next_number(); });
  const std::string behind = store::NumberKey("A520000101");
  Copy(Family::kNumbers, NumberKeyOf(4), behind);
  EXPECT_THAT(CodesOf(Family::kNumbers, behind), testing::Contains("NOT_FROM_STOCK"));
  EXPECT_THAT(CodesOf(Family::kNumbers, NumberKeyOf(4)), testing::IsEmpty());
}

TEST_F(FsckCasesTest, ASealedValueThatIsNotWhatItsPlaceSaysIsNamed) {
  const std::string body = AnyKey(Family::kBodies);
  const auto sealed = [&](const std::string& key, const std::string& value) {
    return [this, key, value] {
      Put(Family::kBodies, key, sealer_.Seal(Family::kBodies, key, value));
    };
  };
  std::string case_body(1, static_cast<char>(store::BodyKind::kCase));
  case_body += CaseKey(4);
  std::string no_kind = body;
  no_kind[0] = 9;
  const auto constants = All(Family::kConstants);
  const std::string nothing = certs::Bytes(certs::Sm3Of(""));
  const std::string other = certs::Bytes(certs::Sm3Of("another part"));
  ExpectNamed({
      {"key", [&] { Copy(Family::kBodies, body, "short"); }, Family::kBodies, "short", "KEY"},
      {"seal", [&] { Put(Family::kBodies, body, "not sealed"); }, Family::kBodies, body,
       "DOES_NOT_OPEN"},
      {"delivery", sealed(body, "junk"), Family::kBodies, body, "RECORD_UNREADABLE"},
      {"case", sealed(case_body, "junk"), Family::kBodies, case_body, "RECORD_UNREADABLE"},
      {"kind", sealed(no_kind, "junk"), Family::kBodies, no_kind, "RECORD_UNREADABLE"},
      {"constant that does not inflate", [&] { Put(Family::kConstants, nothing, "\xff\xff"); },
       Family::kConstants, nothing, "CONSTANT_ALTERED"},
      {"constant of another", [&] { Put(Family::kConstants, other, constants.at(0).second); },
       Family::kConstants, other, "CONSTANT_ALTERED"},
  });
}

TEST_F(FsckCasesTest, AnEntryOfTheRegistryThatIsNotItsOwnIsNamed) {
  std::vector<FsckRow> rows;
  for (const auto kind : {store::RegistryKind::kInstitution, store::RegistryKind::kClient,
                          store::RegistryKind::kOperator, store::RegistryKind::kSeal,
                          store::RegistryKind::kProfile}) {
    const std::string key = Entry(kind);
    ASSERT_NE(key, "");
    // Its id can be read before what cannot.
    rows.push_back(
        {"unreadable",
         [this, key] { Put(Family::kRegistry, key, Get(Family::kRegistry, key) + "\xff"); },
         Family::kRegistry, key, "RECORD_UNREADABLE"});
    const std::string other = store::RegistryKey(kind, "another");
    rows.push_back({"of another", [this, key, other] { Copy(Family::kRegistry, key, other); },
                    Family::kRegistry, other, "RECORD_UNREADABLE"});
  }
  rows.push_back({"no kind", [this] { Put(Family::kRegistry, "\x09odd", "x"); }, Family::kRegistry,
                  "\x09odd", "RECORD_UNREADABLE"});
  ExpectNamed(rows);
}

}  // namespace
}  // namespace birthseal::tests
