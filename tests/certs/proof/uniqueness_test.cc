// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/uniqueness.h"

#include "certs/canonical.h"
#include "gtest/gtest.h"
#include "tests/support/naive_map.h"
#include "tests/support/status_matchers.h"
#include "tests/support/vrf_vectors.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::FromHex;
using ::birthseal::tests::LabelMap;
using ::birthseal::tests::NaiveProof;
using ::birthseal::tests::NaiveRoot;
using ::birthseal::tests::StatusIs;
using ::birthseal::tests::VrfVectors;
using Value = std::optional<uint64_t>;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

// The first two vectors of the RFC are two births under one key.
class UniquenessTest : public testing::Test {
 protected:
  static MapLabel LabelOf(size_t birth) {
    return MapLabelFrom(FromHex(VrfVectors()[birth].beta)).value();
  }
  static std::string Facts(size_t birth) { return FromHex(VrfVectors()[birth].alpha); }
  UniquenessProof ProofOf(size_t birth) const {
    return {FromHex(VrfVectors()[birth].pi), NaiveProof(map_, LabelOf(birth)), "signed note\n"};
  }
  absl::StatusOr<Value> Check(const UniquenessProof& proof, size_t birth) const {
    return CheckUniqueness(proof, Facts(birth), key_, NaiveRoot(map_));
  }

  LabelMap map_ = {{MapLabel(Sm3Of("another birth")), 4}, {MapLabel(Sm3Of("and another")), 5}};
  const std::string key_ = FromHex(VrfVectors()[0].pk);
};

TEST_F(UniquenessTest, LiveVoidAndAbsentAreToldApart) {
  EXPECT_EQ(Check(ProofOf(0), 0).value(), Value());
  map_[LabelOf(0)] = 17;
  EXPECT_EQ(Check(ProofOf(0), 0).value(), Value(17));
  map_[LabelOf(0)] = 0;
  EXPECT_EQ(Check(ProofOf(0), 0).value(), Value(0));
}

TEST_F(UniquenessTest, ProofOfAnotherBirthIsNamedSo) {
  map_[LabelOf(0)] = 17;
  const absl::StatusCode loss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(Check(ProofOf(0), 1), StatusIs(loss, "LABEL_NOT_OF_THESE_FACTS"));
  EXPECT_THAT(Check(ProofOf(1), 0), StatusIs(loss, "LABEL_NOT_OF_THESE_FACTS"));
  // A sound label proof, joined with the sound map proof of another label: a hidden certificate.
  UniquenessProof joined = ProofOf(0);
  joined.map = ProofOf(1).map;
  EXPECT_THAT(Check(joined, 0), StatusIs(loss, "LABEL_NOT_OF_THESE_FACTS"));
  EXPECT_THAT(CheckUniqueness(ProofOf(0), Facts(0), FromHex(VrfVectors()[2].pk), NaiveRoot(map_)),
              StatusIs(loss, "LABEL_NOT_OF_THESE_FACTS"));
  EXPECT_NE(TextZhOf(Check(joined, 0).status()), "");
}

TEST_F(UniquenessTest, EveryPartKeepsItsOwnReason) {
  map_[LabelOf(0)] = 17;
  const UniquenessProof proof = ProofOf(0);
  EXPECT_THAT(CheckUniqueness(proof, Facts(0), "key", NaiveRoot(map_)),
              StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckUniqueness(proof, Facts(0), key_, Sm3Of("another root")),
              StatusIs(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
  UniquenessProof altered = proof;
  altered.label_proof.resize(80);
  EXPECT_THAT(Check(altered, 0), StatusIs(kInvalid, "VRF_PROOF_FORM"));
  altered = proof;
  altered.map.value = 18;
  EXPECT_THAT(Check(altered, 0), StatusIs(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
  altered.map.siblings.push_back(kEmptySubtree);
  EXPECT_THAT(Check(altered, 0), StatusIs(kInvalid, "MAP_PROOF_FORM"));
}

TEST_F(UniquenessTest, CanonicalBytesReadBackTheSame) {
  map_[LabelOf(0)] = 17;
  for (size_t birth : {0, 1}) {
    const std::string bytes = Canonical(ProofOf(birth));
    const absl::StatusOr<UniquenessProof> read = ParseUniquenessProof(bytes);
    ASSERT_OK(read);
    EXPECT_EQ(Canonical(*read), bytes);
    EXPECT_EQ(read->checkpoint, "signed note\n");
    EXPECT_EQ(Check(*read, birth).value(), birth == 0 ? Value(17) : Value());
  }
}

// Whatever bit is flipped: refused, or only the checkpoint's text is another, which its own
// signatures catch.
TEST_F(UniquenessTest, EveryFlippedBitIsRefusedOrInTheCheckpoint) {
  map_[LabelOf(0)] = 17;
  const UniquenessProof whole = ProofOf(0);
  const std::string bytes = Canonical(whole);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string altered = bytes;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (0x80 >> bit % 8));
    const absl::StatusOr<UniquenessProof> read = ParseUniquenessProof(altered);
    if (!read.ok() || !Check(*read, 0).ok()) continue;
    EXPECT_NE(read->checkpoint, whole.checkpoint) << bit;
    EXPECT_EQ(Check(*read, 0).value(), Value(17)) << bit;
  }
}

TEST_F(UniquenessTest, WhatTheWriterCannotMakeIsRefused) {
  const UniquenessProof whole = ProofOf(0);
  UniquenessProof proof = whole;
  proof.checkpoint.clear();
  EXPECT_THAT(ParseUniquenessProof(Canonical(proof)), StatusIs(kInvalid, "UNIQUENESS_FORM"));
  for (size_t size : {0, 80, 82}) {
    proof = whole;
    proof.label_proof.resize(size, 'x');
    EXPECT_THAT(ParseUniquenessProof(Canonical(proof)), StatusIs(kInvalid, "UNIQUENESS_FORM"));
  }
  const std::string no_map =
      CanonicalWriter("birthseal/uniqueness/v1").Text(1, whole.label_proof).Text(3, "x").Finish();
  EXPECT_THAT(ParseUniquenessProof(no_map), StatusIs(kInvalid, "UNIQUENESS_FORM"));
  proof = whole;
  proof.map.siblings.push_back(kEmptySubtree);
  EXPECT_THAT(ParseUniquenessProof(Canonical(proof)), StatusIs(kInvalid, "MAP_PROOF_FORM"));
  const std::string bytes = Canonical(whole);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseUniquenessProof(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(ParseUniquenessProof(bytes + bytes), StatusIs(kInvalid, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::certs
