// SPDX-License-Identifier: Apache-2.0
#include "certs/ids.h"

#include <set>
#include <string>
#include <type_traits>

#include "gtest/gtest.h"

namespace birthseal::certs {
namespace {

TEST(IdsTest, AnIdIsItsSixteenBytes) {
  const std::string bytes = "0123456789abcde\xff";
  const auto id = NewbornId::FromBytes(bytes);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(View(*id), bytes);
  EXPECT_FALSE(id->empty());
}

TEST(IdsTest, NoOtherNumberOfBytesIsOne) {
  for (size_t size = 0; size < 40; ++size) {
    EXPECT_EQ(CaseId::FromBytes(std::string(size, 'x')).has_value(), size == 16) << size;
  }
}

TEST(IdsTest, OneOfZerosIsNone) {
  EXPECT_TRUE(DeliveryId().empty());
  EXPECT_EQ(View(DeliveryId()), std::string(16, '\0'));
  for (size_t i = 0; i < 16; ++i) {
    std::string bytes(16, '\0');
    EXPECT_TRUE(DeliveryId::FromBytes(bytes)->empty());
    bytes[i] = 1;
    EXPECT_FALSE(DeliveryId::FromBytes(bytes)->empty()) << i;
  }
}

TEST(IdsTest, IdsAreEqualAndOrderedAsTheirBytes) {
  const std::string low(16, '\x7f'), high = low.substr(1) + '\x80';
  const CaseId a = *CaseId::FromBytes(low), b = *CaseId::FromBytes(high);
  EXPECT_TRUE(a == *CaseId::FromBytes(low));
  EXPECT_FALSE(a != *CaseId::FromBytes(low));
  EXPECT_TRUE(a != b);
  EXPECT_FALSE(a == b);
  EXPECT_TRUE(a < b);
  EXPECT_FALSE(b < a);
  EXPECT_EQ((std::set<CaseId>{a, b, a}.size()), 2u);
}

TEST(IdsTest, NoIdBecomesAnother) {
  EXPECT_FALSE((std::is_convertible_v<NewbornId, CaseId>));
  EXPECT_FALSE((std::is_constructible_v<NewbornId, CaseId>));
  EXPECT_FALSE((std::is_assignable_v<DeliveryId&, CaseId>));
  EXPECT_FALSE((std::is_convertible_v<std::string, NewbornId>));
}

}  // namespace
}  // namespace birthseal::certs
