// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/log_place.h"

#include <iterator>
#include <sstream>
#include <type_traits>

#include "gtest/gtest.h"

namespace birthseal::certs {
namespace {

constexpr LogPosition At(uint64_t epoch, uint64_t size) { return {LogEpoch(epoch), LogSize(size)}; }

TEST(LogPlaceTest, ANumberIsItsValueAndOrderedByIt) {
  EXPECT_EQ(LeafIndex().value(), 0u);
  EXPECT_EQ(LeafIndex(~uint64_t{0}).value(), ~uint64_t{0});
  const LogSize four(4), five(5);
  EXPECT_TRUE(four == LogSize(4));
  EXPECT_FALSE(four != LogSize(4));
  EXPECT_TRUE(four != five);
  EXPECT_FALSE(four == five);
  EXPECT_TRUE(four < five);
  EXPECT_FALSE(five < five);
  EXPECT_TRUE(five <= five);
  EXPECT_FALSE(five <= four);
  EXPECT_TRUE(five > four);
  EXPECT_FALSE(five > five);
  EXPECT_TRUE(five >= five);
  EXPECT_FALSE(four >= five);
  EXPECT_EQ(four.Plus(1), five);
}

TEST(LogPlaceTest, ATreeEndsBehindItsNewestLeaf) {
  EXPECT_EQ(EndOf(LeafIndex(0)), LogSize(1));
  EXPECT_EQ(EndOf(LeafIndex(6)), LogSize(7));
  EXPECT_TRUE(Holds(LogSize(7), LeafIndex(6)));
  EXPECT_FALSE(Holds(LogSize(7), LeafIndex(7)));
  EXPECT_FALSE(Holds(LogSize(), LeafIndex()));
}

TEST(LogPlaceTest, ALaterEpochIsFurtherWhateverItsSize) {
  const LogPosition places[] = {At(1, 0), At(1, 9), At(2, 0), At(2, 1), At(3, 1)};
  for (size_t i = 0; i < std::size(places); ++i) {
    for (size_t k = 0; k < std::size(places); ++k) {
      EXPECT_EQ(places[i] < places[k], i < k) << i << k;
      EXPECT_EQ(places[i] <= places[k], i <= k) << i << k;
      EXPECT_EQ(places[i] > places[k], i > k) << i << k;
      EXPECT_EQ(places[i] >= places[k], i >= k) << i << k;
      EXPECT_EQ(places[i] == places[k], i == k) << i << k;
      EXPECT_EQ(places[i] != places[k], i != k) << i << k;
    }
  }
}

TEST(LogPlaceTest, ALogBeginsEmptyInItsFirstEpoch) { EXPECT_EQ(LogPosition(), At(1, 0)); }

TEST(LogPlaceTest, NoKindBecomesAnother) {
  EXPECT_FALSE((std::is_convertible_v<uint64_t, LeafIndex>));
  EXPECT_FALSE((std::is_convertible_v<LeafIndex, uint64_t>));
  EXPECT_FALSE((std::is_convertible_v<LeafIndex, LogSize>));
  EXPECT_FALSE((std::is_constructible_v<LogSize, LeafIndex>));
  EXPECT_FALSE((std::is_constructible_v<LeafIndex, LogEpoch>));
}

TEST(LogPlaceTest, PlacesAreShown) {
  std::ostringstream text;
  text << LeafIndex(3) << ", " << At(2, 5);
  EXPECT_EQ(text.str(), "3, epoch 2 size 5");
}

}  // namespace
}  // namespace birthseal::certs
