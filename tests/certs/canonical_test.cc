// SPDX-License-Identifier: Apache-2.0
#include "certs/canonical.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;

constexpr char kType[] = "test/v1";

std::string Sample() {
  return CanonicalWriter(kType).Text(1, "name").Number(2, 7).Nested(3, "").Nested(3, "x").Finish();
}

absl::Status ReadSample(absl::string_view bytes) {
  CanonicalReader reader(bytes, kType);
  reader.Text(1);
  reader.Number(2);
  absl::string_view item;
  while (reader.Next(3, &item)) {
  }
  return reader.Finish();
}

TEST(CanonicalTest, ReadsBackWhatWasWritten) {
  std::string bytes = Sample();
  CanonicalReader reader(bytes, kType);
  EXPECT_EQ(reader.Text(1), "name");
  EXPECT_EQ(reader.Number(2), 7u);
  absl::string_view item;
  ASSERT_TRUE(reader.Next(3, &item));
  EXPECT_EQ(item, "");
  ASSERT_TRUE(reader.Next(3, &item));
  EXPECT_EQ(item, "x");
  EXPECT_FALSE(reader.Next(3, &item));
  EXPECT_OK(reader.Finish());
}

TEST(CanonicalTest, EncodingIsTheDocumentedOne) {
  EXPECT_EQ(CanonicalWriter("t").Text(1, "ab").Number(258, 3).Finish(),
            std::string("\0\0\0\0\0\1t"
                        "\0\1\0\0\0\2"
                        "ab"
                        "\1\2\0\0\0\x08\0\0\0\0\0\0\0\3",
                        29));
}

TEST(CanonicalTest, AbsentFieldsReadAsEmpty) {
  std::string bytes = CanonicalWriter(kType).Text(1, "").Number(2, 0).Finish();
  EXPECT_EQ(bytes, CanonicalWriter(kType).Finish());
  EXPECT_OK(ReadSample(bytes));
}

TEST(CanonicalTest, RefusesAnotherTypeTruncationAndTrailingBytes) {
  std::string bytes = Sample();
  EXPECT_THAT(CanonicalReader(bytes, "other").Finish(),
              StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
  int lawful_prefixes = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (ReadSample(absl::string_view(bytes).substr(0, size)).ok()) ++lawful_prefixes;
  }
  // Cutting whole trailing fields leaves a shorter, lawful record: 4 fields after the type.
  EXPECT_EQ(lawful_prefixes, 4);
  EXPECT_THAT(ReadSample(bytes + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CanonicalTest, RefusesFieldsOutOfOrderAndEncodingsTheWriterCannotMake) {
  std::string swapped = CanonicalWriter(kType).Number(2, 7).Text(1, "name").Finish();
  EXPECT_THAT(ReadSample(swapped), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string empty_text = CanonicalWriter(kType).Nested(1, "").Finish();
  EXPECT_THAT(ReadSample(empty_text), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string zero = CanonicalWriter(kType).Nested(2, std::string(8, '\0')).Finish();
  EXPECT_THAT(ReadSample(zero), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const size_t width : {1, 7, 9}) {
    const std::string other = CanonicalWriter(kType).Nested(2, std::string(width, 'n')).Finish();
    EXPECT_THAT(ReadSample(other), StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
  }
}

TEST(CanonicalTest, TheTypeStandsFirstAndUnderItsOwnTag) {
  const std::string elsewhere = CanonicalWriter(kType).Finish().replace(1, 1, "\1");
  CanonicalReader reader(elsewhere, kType);
  reader.Text(1);
  EXPECT_THAT(reader.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

TEST(CanonicalTest, WhoGoesBackToASmallerTagReadsNoRecord) {
  const std::string swapped = CanonicalWriter(kType).Number(2, 7).Text(1, "name").Finish();
  CanonicalReader reader(swapped, kType);
  EXPECT_EQ(reader.Number(2), 7u);
  EXPECT_EQ(reader.Text(1), "");
  EXPECT_THAT(reader.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

TEST(CanonicalTest, AFieldThatIsLongerThanWhatIsLeftIsNotRead) {
  std::string bytes = CanonicalWriter(kType).Nested(3, "").Finish();
  bytes.back() = '\1';  // says one byte, has none
  CanonicalReader reader(bytes, kType);
  absl::string_view item;
  EXPECT_FALSE(reader.Next(3, &item));
  EXPECT_THAT(reader.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::certs
