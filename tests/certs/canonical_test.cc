// SPDX-License-Identifier: Apache-2.0
#include "certs/canonical.h"

#include <optional>
#include <vector>

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
  while (reader.Next(3)) {
  }
  return reader.Finish();
}

TEST(CanonicalTest, ReadsBackWhatWasWritten) {
  std::string bytes = Sample();
  CanonicalReader reader(bytes, kType);
  EXPECT_EQ(reader.Text(1), "name");
  EXPECT_EQ(reader.Number(2), 7u);
  EXPECT_EQ(reader.Next(3), "");
  EXPECT_EQ(reader.Next(3), "x");
  EXPECT_EQ(reader.Next(3), std::nullopt);
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

TEST(CanonicalTest, AHashHas32Bytes) {
  const std::string one(32, 'a'), two(32, 'b');
  const std::string bytes =
      CanonicalWriter(kType).Text(1, one).Nested(2, one).Nested(2, two).Finish();
  CanonicalReader reader(bytes, kType);
  EXPECT_EQ(View(reader.Hash(1)), one);
  EXPECT_EQ(reader.Hashes(2), (std::vector<Digest>{*DigestFrom(one), *DigestFrom(two)}));
  EXPECT_TRUE(reader.whole());
  EXPECT_OK(reader.Finish());
  for (const size_t size : {0, 1, 31, 33}) {
    const std::string bad = CanonicalWriter(kType)
                                .Text(1, std::string(size, 'a'))
                                .Nested(2, std::string(size, 'a'))
                                .Finish();
    CanonicalReader alone(bad, kType);
    EXPECT_EQ(alone.Hash(1), Digest{});
    EXPECT_FALSE(alone.whole());
    CanonicalReader repeated(bad, kType);
    repeated.Text(1);
    EXPECT_TRUE(repeated.whole());
    EXPECT_EQ(repeated.Hashes(2), std::vector<Digest>{Digest{}});
    EXPECT_FALSE(repeated.whole());
    EXPECT_OK(repeated.Finish());
  }
}

TEST(CanonicalTest, NoMoreHashesAreReadThanAskedFor) {
  const std::string hash(32, 'a');
  const std::string bytes = CanonicalWriter(kType).Nested(2, hash).Nested(2, hash).Finish();
  CanonicalReader reader(bytes, kType);
  EXPECT_EQ(reader.Hashes(2, 1).size(), 1u);
  EXPECT_FALSE(reader.Finish().ok());
  EXPECT_EQ(reader.Hashes(2, 2).size(), 1u);
  EXPECT_OK(reader.Finish());
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
  EXPECT_EQ(reader.Next(3), std::nullopt);
  EXPECT_THAT(reader.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::certs
