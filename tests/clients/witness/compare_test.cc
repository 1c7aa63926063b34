// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/compare.h"

#include "tests/clients/witness/witness_fixture.h"

namespace birthseal::witness {
namespace {

using tests::StatusIs;

certs::Checkpoint Signed(const certs::TreeHead& head) {
  return *certs::ParseCheckpoint(tests::SignedNote(head));
}

class CompareTest : public ::testing::Test {
 protected:
  Comparison Of(const certs::TreeHead& a, const certs::TreeHead& b,
                std::optional<std::vector<certs::Digest>> path = std::nullopt) {
    const auto one = Compare(Signed(a), Signed(b), path),
               other = Compare(Signed(b), Signed(a), path);
    EXPECT_OK(one);
    EXPECT_OK(other);
    EXPECT_EQ(*one, *other);  // whichever is given first
    return *one;
  }
  const tests::SmallLog log_ = tests::ExchangeStory();
};

TEST_F(CompareTest, TwoRootsOfOneSizeProveAFork) {
  certs::TreeHead other = log_.HeadAt(4);
  EXPECT_EQ(Of(log_.HeadAt(4), other), Comparison::kConsistent);
  other.time += absl::Seconds(1);  // signed again
  EXPECT_EQ(Of(log_.HeadAt(4), other), Comparison::kConsistent);
  other.root = certs::Sm3Of("another");
  EXPECT_EQ(Of(log_.HeadAt(4), other), Comparison::kForked);
  other = log_.HeadAt(4);
  other.map_root = certs::Sm3Of("another");
  EXPECT_EQ(Of(log_.HeadAt(4), other), Comparison::kForked);
}

TEST_F(CompareTest, ASmallerOneSignedLaterProvesARollback) {
  certs::TreeHead later = log_.HeadAt(2);
  later.time = log_.HeadAt(4).time + absl::Seconds(1);
  EXPECT_EQ(Of(log_.HeadAt(4), later), Comparison::kRolledBack);
}

TEST_F(CompareTest, DifferentSizesNeedAProofThatHolds) {
  EXPECT_EQ(Of(log_.HeadAt(1), log_.HeadAt(2)), Comparison::kNotShown);
  EXPECT_EQ(Of(log_.HeadAt(1), log_.HeadAt(2), {{log_.hashes[1]}}), Comparison::kConsistent);
  EXPECT_EQ(Of(log_.HeadAt(1), log_.HeadAt(2), {{log_.hashes[0]}}), Comparison::kNotShown);
}

TEST_F(CompareTest, OtherEpochsAreNotComparable) {
  certs::TreeHead next = log_.HeadAt(4);
  next.origin = certs::OriginOf(log_.name, certs::LogEpoch(2));
  EXPECT_THAT(Compare(Signed(log_.HeadAt(4)), Signed(next), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "CHECKPOINTS_OF_DIFFERENT_LOGS"));
}

}  // namespace
}  // namespace birthseal::witness
