// SPDX-License-Identifier: Apache-2.0
// Stored records with one field changed: whatever the writer could not have made is refused, for
// its reason. records_test.cc draws them at random; here each rule has its row.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "certs/application.h"
#include "certs/canonical_parts.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A record as its fields: tag and value.
using Fields = std::vector<std::pair<int, std::string>>;

Fields FieldsOf(absl::string_view bytes) {
  Fields fields;
  const auto number = [&bytes](size_t at, int width) {
    size_t value = 0;
    for (int i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
    return value;
  };
  while (!bytes.empty()) {
    const size_t size = number(2, 4);
    fields.emplace_back(static_cast<int>(number(0, 2)), std::string(bytes.substr(6, size)));
    bytes.remove_prefix(6 + size);
  }
  return fields;
}

std::string BytesOf(const Fields& fields) {
  CanonicalWriter writer(fields.at(0).second);
  for (size_t i = 1; i < fields.size(); ++i) {
    writer.Nested(static_cast<uint16_t>(fields[i].first), fields[i].second);
  }
  return writer.Finish();
}

std::string EightBytes(uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

// The record with another value, with none (a field may then stand for the whole), and with one
// byte behind it.
std::string With(const std::string& record, int tag, const std::string& value) {
  Fields fields = FieldsOf(record);
  auto at = fields.begin();
  while (at != fields.end() && at->first < tag) ++at;
  if (at != fields.end() && at->first == tag) {
    at->second = value;
  } else {
    fields.emplace(at, tag, value);
  }
  return BytesOf(fields);
}
std::string With(const std::string& record, int tag, uint64_t value) {
  return With(record, tag, EightBytes(value));
}
std::string Without(const std::string& record, int tag) {
  Fields fields;
  for (const auto& field : FieldsOf(record)) {
    if (field.first != tag) fields.push_back(field);
  }
  return BytesOf(fields);
}
std::string FieldIn(const std::string& record, int tag) {
  for (const auto& [found, value] : FieldsOf(record)) {
    if (found == tag) return value;
  }
  return "";
}

constexpr uint64_t kMinusOne = ~uint64_t{0};
constexpr uint64_t kTooLarge = uint64_t{1} << 32 | 1;  // cut to an int it would be 1

struct Row {
  const char* what;
  std::string bytes;
  const char* reason = "MALFORMED_RECORD";
};

template <typename Parse>
void ExpectRefused(Parse parse, const std::string& good, const std::vector<Row>& rows) {
  EXPECT_OK(parse(good));
  EXPECT_OK(parse(BytesOf(FieldsOf(good))));
  for (const Row& row : rows) {
    EXPECT_THAT(parse(row.bytes), StatusIs(kInvalid, row.reason)) << row.what;
  }
}

// Of a record that stands inside another: what is wrong there comes out of the whole.
template <typename Parse>
void ExpectRefusedInside(Parse parse, const std::string& good, int tag,
                         const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_THAT(parse(With(good, tag, row.bytes)), StatusIs(kInvalid, row.reason)) << row.what;
  }
}

std::vector<Row> BadPlaces(const std::string& place) {
  return {{"bytes behind a place", place + "x", "CANONICAL_FORM"},
          {"a fifth part of a place", With(place, 5, "x"), "CANONICAL_FORM"}};
}

std::vector<Row> BadParents(const std::string& parent) {
  return {{"bytes behind a parent", parent + "x", "CANONICAL_FORM"},
          {"a type between the known ones", With(parent, 6, 9)},
          {"a type beyond the known ones", With(parent, 6, 100)},
          {"a type below the known ones", With(parent, 6, kMinusOne)},
          {"an age that is no number here", With(parent, 2, kTooLarge)}};
}

TEST(RecordsFormTest, PlacesAndParentsStandAloneAsWell) {
  const std::string place = Canonical(TestCase().delivery.birth_place);
  const std::string parent = Canonical(TestCase().application.mother);
  ExpectRefused([](const std::string& bytes) { return ParsePlace(bytes); }, place,
                BadPlaces(place));
  ExpectRefused([](const std::string& bytes) { return ParseParent(bytes); }, parent,
                BadParents(parent));
}

TEST(RecordsFormTest, DeliveriesHaveTheirRows) {
  const std::string good = Canonical(TestCase().delivery);
  const auto parse = [](const std::string& bytes) { return ParseDelivery(bytes); };
  ExpectRefused(parse, good,
                {{"bytes behind it", good + "x", "CANONICAL_FORM"},
                 {"a field too many", With(good, 23, "x"), "CANONICAL_FORM"},
                 {"no place", Without(good, 13)},
                 {"an unknown sex", With(good, 6, 3)},
                 {"a negative sex", With(good, 6, kMinusOne)},
                 {"an unknown document", With(good, 18, 9)},
                 {"an unknown outcome", With(good, 14, 3)},
                 {"a negative outcome", With(good, 14, kMinusOne)},
                 {"no source", Without(good, 22)},
                 {"an unknown source", With(good, 22, 3)},
                 {"the thirteenth month", With(good, 7, 202613051408)},
                 {"the sixtieth minute", With(good, 7, 202603051360)},
                 {"the sixtieth second", With(good, 21, 20260305150060)},
                 {"known more than once", With(good, 8, 2)},
                 {"a weight that is no number here", With(good, 11, kTooLarge)}});
  ExpectRefusedInside(parse, good, 13, BadPlaces(FieldIn(good, 13)));
}

std::string GoodApplication() {
  TestCase test;
  test.application.collector = {"代领人", "DELEGATE", IdType::kPassport, "E12345678", "1"};
  test.application.predecessor_number = "X999900001";
  test.application.ground = ExchangeGround::kDamaged;
  return Canonical(test.application);
}

TEST(RecordsFormTest, ApplicationsHaveTheirRows) {
  const std::string good = GoodApplication();
  const auto parse = [](const std::string& bytes) { return ParseApplication(bytes); };
  ExpectRefused(parse, good,
                {{"bytes behind it", good + "x", "CANONICAL_FORM"},
                 {"a field too many", With(good, 13, "x"), "CANONICAL_FORM"},
                 {"no kind", Without(good, 1)},
                 {"a kind beyond the known ones", With(good, 1, 6)},
                 {"a negative kind", With(good, 1, kMinusOne)},
                 {"a ground beyond the known ones", With(good, 5, 8)},
                 {"a negative ground", With(good, 5, kMinusOne)},
                 {"no mother", Without(good, 7)},
                 {"no parents", Without(Without(good, 7), 8)},
                 {"no collector", Without(good, 10)},
                 {"incomplete more than once", With(good, 9, 2)}});
  for (const int tag : {7, 8})
    ExpectRefusedInside(parse, good, tag, BadParents(FieldIn(good, tag)));
}

TEST(RecordsFormTest, CollectorsAndEvidenceHaveTheirRows) {
  const std::string good = GoodApplication();
  const std::string collector = FieldIn(good, 10), evidence = FieldIn(good, 11);
  const auto parse = [](const std::string& bytes) { return ParseApplication(bytes); };
  ExpectRefusedInside(parse, good, 10,
                      {{"bytes behind it", collector + "x", "CANONICAL_FORM"},
                       {"an unknown document", With(collector, 3, 9)},
                       {"a negative document", With(collector, 3, kMinusOne)},
                       {"a document that is no number here", With(collector, 3, kTooLarge)}});
  ExpectRefusedInside(parse, good, 11,
                      {{"bytes behind it", evidence + "x", "CANONICAL_FORM"},
                       {"a kind beyond the known ones", With(evidence, 1, 23)},
                       {"a negative kind", With(evidence, 1, kMinusOne)},
                       {"no digest", Without(evidence, 3)},
                       {"a short digest", With(evidence, 3, std::string(31, 'd'))},
                       {"a long digest", With(evidence, 3, std::string(33, 'd'))}});
}

TEST(RecordsFormTest, FacesHaveTheirRows) {
  const Face face = {TestCase().Compose(), "X999900001", absl::CivilDay(2026, 3, 7)};
  const std::string content = Canonical(face.content), good = Canonical(face);
  const auto parse = [](const std::string& bytes) { return ParseFaceContent(bytes); };
  ExpectRefused(parse, content,
                {{"bytes behind it", content + "x", "CANONICAL_FORM"},
                 {"a field too many", With(content, 16, "x"), "CANONICAL_FORM"},
                 {"another type", With(content, 0, "birthseal/face/v1")},
                 {"no place", Without(content, 8)},
                 {"no mother", Without(content, 11)},
                 {"no parents", Without(Without(content, 11), 12)},
                 {"an unknown sex", With(content, 2, 3)},
                 {"the thirtieth of February", With(content, 3, 202602301408)},
                 {"a weight that is no number here", With(content, 6, kTooLarge)}});
  ExpectRefusedInside(parse, content, 8, BadPlaces(FieldIn(content, 8)));
  for (const int tag : {11, 12}) {
    ExpectRefusedInside(parse, content, tag, BadParents(FieldIn(content, tag)));
  }
  const auto whole = [](const std::string& bytes) { return ParseFace(bytes); };
  ExpectRefused(whole, good,
                {{"bytes behind it", good + "x", "CANONICAL_FORM"},
                 {"another type", With(good, 0, "birthseal/content/v1")},
                 {"no content", Without(good, 1)},
                 {"the thirty-first of June", With(good, 3, 20260631)}});
  ExpectRefusedInside(whole, good, 1, {{"content", content + "x", "CANONICAL_FORM"}});
}

}  // namespace
}  // namespace birthseal::certs
