// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/map_label.h"

#include "absl/strings/escaping.h"
#include "certs/newborn.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

const absl::CivilDay kDay(2026, 3, 5);

TEST(MapLabelTest, InputIsTheCanonicalRecordOfTheFacts) {
  const std::string expected = absl::HexStringToBytes("000000000016") + "birthseal/map-label/v1" +
                               absl::HexStringToBytes(
                                   "000100000008"
                                   "0000000000000003"
                                   "00020000000a") +
                               "E12345678X" +
                               absl::HexStringToBytes(
                                   "000300000008"
                                   "00000000013525d1"
                                   "000400000008"
                                   "0000000000000002");
  EXPECT_EQ(absl::BytesToHexString(LabelInput(IdType::kPassport, "e1234 5678x", kDay, 2)),
            absl::BytesToHexString(expected));
}

TEST(MapLabelTest, NumberTypedInAnotherWayIsTheSameInput) {
  const std::string plain = LabelInput(IdType::kPassport, "E12345678X", kDay, 1);
  for (const char* typed :
       {"e12345678x", " E1234 5678X ", "E-12345678-X", "Ｅ１２３４５６７８Ｘ", "E12345678　X"}) {
    EXPECT_EQ(LabelInput(IdType::kPassport, typed, kDay, 1), plain) << typed;
  }
  EXPECT_EQ(LabelInput(IdType::kPassport, "E12345678X", kDay, 0), plain);
}

TEST(MapLabelTest, EveryFactCounts) {
  const std::string plain = LabelInput(IdType::kPassport, "E12345678X", kDay, 1);
  EXPECT_NE(LabelInput(IdType::kOther, "E12345678X", kDay, 1), plain);
  EXPECT_NE(LabelInput(IdType::kPassport, "E12345679X", kDay, 1), plain);
  EXPECT_NE(LabelInput(IdType::kPassport, "E12345678X", kDay + 1, 1), plain);
  EXPECT_NE(LabelInput(IdType::kPassport, "E12345678X", kDay, 2), plain);
}

// A record has a label exactly when it makes claim C1.
TEST(MapLabelTest, RecordHasALabelExactlyWhenItClaimsTheMother) {
  const Delivery whole = TestCase().delivery;
  std::vector<Delivery> records(7, whole);
  records[1].mother_id_number = " - ";
  records[2].mother_id_type = IdType::kNone;
  records[3].birth_time_known = false;
  records[4].plurality = 2;
  records[4].birth_order = 0;
  records[5].birth_order = 0;
  records[6].facility_code.clear();
  const bool has[] = {true, false, false, false, false, true, true};
  for (size_t i = 0; i < records.size(); ++i) {
    const std::vector<Claim> claims = ClaimsOf("key", records[i]);
    EXPECT_EQ(!claims.empty() && claims[0].kind == certs::ClaimKind::kMother, has[i]) << i;
    EXPECT_EQ(LabelInputOf(records[i]).has_value(), has[i]) << i;
  }
  EXPECT_EQ(*LabelInputOf(whole), LabelInput(whole.mother_id_type, whole.mother_id_number,
                                             absl::CivilDay(whole.birth_time), whole.birth_order));
  EXPECT_EQ(*LabelInputOf(records[5]), *LabelInputOf(whole));
}

}  // namespace
}  // namespace birthseal::certs
