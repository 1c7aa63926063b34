// SPDX-License-Identifier: Apache-2.0
#include "certs/division.h"

#include "gtest/gtest.h"

namespace birthseal::certs {
namespace {

TEST(DivisionTest, ZerosAtTheEndNameTheWiderArea) {
  EXPECT_EQ(LevelOf("520000"), DivisionLevel::kProvince);
  EXPECT_EQ(LevelOf("529900"), DivisionLevel::kCity);
  EXPECT_EQ(LevelOf("529901"), DivisionLevel::kCounty);
  for (const char* none : {"", "52990", "5299011", "52990a", "000000", "009901", " 52990"}) {
    EXPECT_EQ(LevelOf(none), DivisionLevel::kNone) << none;
  }
}

TEST(DivisionTest, AnAreaHoldsItselfAndItsParts) {
  for (const char* holder : {"520000", "529900", "529901"}) {
    EXPECT_TRUE(Covers(holder, "529901")) << holder;
    EXPECT_TRUE(Covers(holder, holder)) << holder;
  }
  EXPECT_TRUE(Covers("520000", "529900"));
}

TEST(DivisionTest, AnAreaHoldsNeitherItsNeighbourNorWhatIsWider) {
  EXPECT_FALSE(Covers("529901", "529902"));
  EXPECT_FALSE(Covers("529900", "529801"));
  EXPECT_FALSE(Covers("530000", "529901"));
  EXPECT_FALSE(Covers("529901", "529900"));
  EXPECT_FALSE(Covers("529900", "520000"));
}

// Rule M2.
TEST(DivisionTest, AnAreaThatIsNotKnownHoldsNothingAndLiesNowhere) {
  EXPECT_FALSE(Covers("", "529901"));
  EXPECT_FALSE(Covers("520000", ""));
  EXPECT_FALSE(Covers("", ""));
  EXPECT_FALSE(Covers("000000", "529901"));
  EXPECT_FALSE(Covers("52", "529901"));
  EXPECT_FALSE(Covers("520000", "52"));
  EXPECT_FALSE(Covers("520000", "5299011"));
}

}  // namespace
}  // namespace birthseal::certs
