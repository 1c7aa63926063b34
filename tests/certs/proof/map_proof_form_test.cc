// SPDX-License-Identifier: Apache-2.0
// The encoding of map proofs: one for each value, and nothing that no map could have.
#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/proof/map_proof.h"
#include "gtest/gtest.h"
#include "tests/support/naive_map.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::LabelMap;
using ::birthseal::tests::NaiveProof;
using ::birthseal::tests::NaiveRoot;
using ::birthseal::tests::StatusIs;

constexpr char kType[] = "birthseal/map-proof/v1";
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

MapLabel LastBitFlipped(MapLabel label) {
  label[31] ^= 1;
  return label;
}

LabelMap SomeMap() {
  LabelMap map;
  for (int i = 0; i < 20; ++i) map[MapLabel(Sm3Of(absl::StrCat(i)))] = static_cast<uint64_t>(i);
  map[LastBitFlipped(MapLabel(Sm3Of("7")))] = 77;
  return map;
}

// Refused in memory by all that read it, and as bytes.
void ExpectNoForm(const MapProof& proof, const char* what) {
  EXPECT_THAT(CheckMapProof(proof, Digest{}), StatusIs(kInvalid, "MAP_PROOF_FORM")) << what;
  EXPECT_THAT(RootAfter(proof, Digest{}, 1), StatusIs(kInvalid, "MAP_PROOF_FORM")) << what;
}
void ExpectNoFormNorBytes(const MapProof& proof, const char* what) {
  ExpectNoForm(proof, what);
  EXPECT_THAT(ParseMapProof(Canonical(proof)), StatusIs(kInvalid, "MAP_PROOF_FORM")) << what;
}

TEST(MapProofFormTest, EveryKindReadsBackTheSame) {
  const LabelMap map = SomeMap();
  size_t kinds[4] = {0, 0, 0, 0};
  for (int i = 0; i < 60; ++i) {
    const MapProof proof = NaiveProof(map, MapLabel(Sm3Of(absl::StrCat(i))));
    const std::string bytes = Canonical(proof);
    const absl::StatusOr<MapProof> read = ParseMapProof(bytes);
    ASSERT_OK(read);
    EXPECT_EQ(Canonical(*read), bytes);
    EXPECT_EQ(CheckMapProof(*read, NaiveRoot(map)).value(),
              CheckMapProof(proof, NaiveRoot(map)).value());
    ++kinds[static_cast<size_t>(proof.terminal)];
  }
  EXPECT_GT(kinds[1], 0u);
  EXPECT_GT(kinds[2], 0u);
  EXPECT_GT(kinds[3], 0u);
}

// Cut before the value, a present label reads as void: another proof, and no longer of this map.
TEST(MapProofFormTest, TruncatedOrLengthenedBytesAreRefused) {
  const Digest root = NaiveRoot(SomeMap());
  const std::string bytes = Canonical(NaiveProof(SomeMap(), MapLabel(Sm3Of("7"))));
  size_t read_anew = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const absl::StatusOr<MapProof> read = ParseMapProof(bytes.substr(0, size));
    if (!read.ok()) continue;
    ++read_anew;
    EXPECT_EQ(Canonical(*read), bytes.substr(0, size));
    EXPECT_THAT(CheckMapProof(*read, root), StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_EQ(read_anew, 1u);
  EXPECT_THAT(ParseMapProof(bytes + '\0'), StatusIs(kInvalid));
  EXPECT_THAT(ParseMapProof(bytes + bytes), StatusIs(kInvalid));
}

TEST(MapProofFormTest, TheDeepestProofHas256SiblingsAndNoneHasMore) {
  MapProof proof = NaiveProof(SomeMap(), MapLabel(Sm3Of("7")));
  ASSERT_EQ(proof.siblings.size(), 256u);
  EXPECT_OK(ParseMapProof(Canonical(proof)));
  proof.siblings.push_back(Sm3Of("one more"));
  ExpectNoFormNorBytes(proof, "257");
  proof.siblings.resize(100'000, Sm3Of("many more"));
  ExpectNoFormNorBytes(proof, "100000");
}

TEST(MapProofFormTest, OtherLabelMustBeAnotherOnTheSamePath) {
  MapProof proof;
  proof.terminal = MapTerminal::kOther;
  proof.label = MapLabel(Sm3Of("label"));
  proof.other = LastBitFlipped(proof.label);
  proof.siblings.assign(255, Sm3Of("sibling"));
  EXPECT_OK(ParseMapProof(Canonical(proof)));
  proof.siblings.push_back(Sm3Of("sibling"));
  ExpectNoFormNorBytes(proof, "differs within the path");
  proof.siblings.resize(3);
  proof.other = proof.label;
  ExpectNoFormNorBytes(proof, "the label itself");
  proof.other = proof.label;
  proof.other[0] ^= 0x20;  // bit 2, the last of three
  ExpectNoFormNorBytes(proof, "leaves the path at its last bit");
  proof.other[0] ^= 0x30;  // bit 3, the first below it
  EXPECT_OK(ParseMapProof(Canonical(proof)));
}

TEST(MapProofFormTest, WhatNoMapCanHaveIsRefused) {
  MapProof proof;
  proof.label = MapLabel(Sm3Of("label"));
  proof.value = 1;
  ExpectNoFormNorBytes(proof, "an empty place with a value");
  proof.value = 0;
  proof.siblings.assign(256, Sm3Of("sibling"));
  ExpectNoFormNorBytes(proof, "an empty place below the last bit");
  proof.terminal = MapTerminal::kPresent;
  EXPECT_OK(ParseMapProof(Canonical(proof)));
  proof.siblings = {Sm3Of("sibling"), kEmptySubtree};
  ExpectNoFormNorBytes(proof, "a lone label deeper than its leaf");
  proof.siblings = {kEmptySubtree, Sm3Of("sibling")};
  EXPECT_OK(ParseMapProof(Canonical(proof)));
  proof.other = MapLabel(Sm3Of("other"));
  ExpectNoForm(proof, "another label that is not encoded");
  proof.other = {};
  proof.terminal = static_cast<MapTerminal>(4);
  ExpectNoFormNorBytes(proof, "unknown end");
}

TEST(MapProofFormTest, FieldsOfTheWrongSizeOrPlaceAreRefused) {
  const std::string label = Bytes(Sm3Of("label")), sibling = Bytes(Sm3Of("sibling"));
  const auto parse = [](CanonicalWriter& writer) {
    return ParseMapProof(writer.Finish()).status();
  };
  EXPECT_OK(parse(CanonicalWriter(kType).Text(1, label).Nested(2, sibling).Number(3, 2)));
  EXPECT_THAT(parse(CanonicalWriter(kType).Nested(2, sibling).Number(3, 2)), StatusIs(kInvalid));
  EXPECT_THAT(parse(CanonicalWriter(kType).Text(1, label + "x").Number(3, 2)),
              StatusIs(kInvalid, "MAP_PROOF_FORM"));
  EXPECT_THAT(parse(CanonicalWriter(kType).Text(1, label).Nested(2, "").Number(3, 2)),
              StatusIs(kInvalid, "MAP_PROOF_FORM"));
  EXPECT_THAT(parse(CanonicalWriter(kType).Text(1, label)), StatusIs(kInvalid, "MAP_PROOF_FORM"));
  EXPECT_THAT(parse(CanonicalWriter(kType).Text(1, label).Number(3, 257)),
              StatusIs(kInvalid, "MAP_PROOF_FORM"));
  for (uint64_t terminal : {1u, 2u}) {
    EXPECT_THAT(parse(CanonicalWriter(kType)
                          .Text(1, label)
                          .Number(3, terminal)
                          .Text(5, std::string(32, '\0'))),
                StatusIs(kInvalid, "MAP_PROOF_FORM"));
  }
  EXPECT_THAT(parse(CanonicalWriter(kType).Text(1, label).Number(3, 3).Number(4, 9)),
              StatusIs(kInvalid, "MAP_PROOF_FORM"));
  EXPECT_THAT(parse(CanonicalWriter("birthseal/map-proof/v2").Text(1, label).Number(3, 2)),
              StatusIs(kInvalid, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::certs
