// SPDX-License-Identifier: Apache-2.0
// Single values as senders write them: what is read, and what each reader says of what it does not.
#include "clients/connect/hl7/values.h"

#include "absl/strings/str_cat.h"
#include "tests/clients/connect/birth_text.h"

namespace birthseal::connect::hl7 {
namespace {

const absl::TimeZone kHere = absl::FixedTimeZone(8 * 3600);

// The observation with this text as its OBX-5 and OBX-6.
Message Observed(const std::string& value_and_unit) {
  return *Message::Parse(absl::StrCat("MSH|^~\\&|HIS\rOBX|1|NM|x||", value_and_unit, "\r"));
}

TEST(TimeTest, EachFormIsReadToItsPrecision) {
  struct Row {
    const char* text;
    TimePrecision precision;
    const char* local;
  };
  const Row rows[] = {{"202603051408", TimePrecision::kMinute, "2026-03-05T14:08"},
                      {"20260305140809.5", TimePrecision::kMinute, "2026-03-05T14:08"},
                      {"20260305140809+0900", TimePrecision::kMinute, "2026-03-05T13:08"},
                      {"202603051408-1359", TimePrecision::kMinute, "2026-03-06T12:07"},
                      {" 20260305 ", TimePrecision::kDay, "2026-03-05"},
                      {"", TimePrecision::kNone, ""},
                      {"\"\"", TimePrecision::kNone, ""}};
  for (const Row& row : rows) {
    std::string local;
    EXPECT_EQ(ReadTime(row.text, kHere, &local), row.precision) << row.text;
    EXPECT_EQ(local, row.local) << row.text;
  }
}

TEST(TimeTest, WhatIsNoTimeIsSaidToBeNoneAndGivesNoInstant) {
  for (const char* bad :
       {"2026030514080", "2026X3051408", "20260X05", "202613051408", "202602301408", "202603052408",
        "202603051460", "20260305140860", "189903051408", "202603051408+080", "202603051408+08000",
        "202603051408+0/00", "202603051/08", "202603051408+1500", "202603051408-1500",
        "202603051408+0860", "202603051408+08+0"}) {
    std::string local = "before";
    EXPECT_EQ(ReadTime(bad, kHere, &local), TimePrecision::kInvalid) << bad;
    EXPECT_EQ(local, "") << bad;
    EXPECT_EQ(ReadInstant(bad, kHere), absl::InfinitePast()) << bad;
  }
}

TEST(QuantityTest, EachFaultOfAWeightHasItsCode) {
  const std::pair<const char*, const char*> rows[] = {{"3250|g", ""},
                                                      {"200|g", ""},
                                                      {"10000|g", ""},
                                                      {"6.5|lb", ""},
                                                      {"x|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"3250 g|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"inf|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"nan|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"-3250|g", "WEIGHT_NOT_A_NUMBER"},
                                                      {"3250|", "WEIGHT_WITHOUT_UNIT"},
                                                      {"3250|jin", "WEIGHT_UNIT_UNKNOWN"},
                                                      {"199|g", "WEIGHT_IMPLAUSIBLE"},
                                                      {"10001|g", "WEIGHT_IMPLAUSIBLE"}};
  for (const auto& [text, code] : rows) {
    int32_t grams = 0;
    EXPECT_EQ(ReadWeight(*Observed(text).Find("OBX"), &grams), code) << text;
    EXPECT_EQ(grams != 0, *code == '\0') << text;
  }
}

TEST(QuantityTest, EachFaultOfALengthHasItsCode) {
  const std::pair<const char*, const char*> rows[] = {
      {"50.5|cm", ""},
      {"150|mm", ""},
      {"80|cm", ""},
      {"19.5|[in_i]", ""},
      {"fifty|cm", "LENGTH_NOT_A_NUMBER"},
      {"-50|cm", "LENGTH_NOT_A_NUMBER"},
      {"50|", "LENGTH_WITHOUT_UNIT"},
      {"50|chi", "LENGTH_UNIT_UNKNOWN"},
      {"14.9|cm", "LENGTH_IMPLAUSIBLE"},
      {"80.1|cm", "LENGTH_IMPLAUSIBLE"},
  };
  for (const auto& [text, code] : rows) {
    int32_t millimetres = 0;
    EXPECT_EQ(ReadLength(*Observed(text).Find("OBX"), &millimetres), code) << text;
    EXPECT_EQ(millimetres != 0, *code == '\0') << text;
  }
}

TEST(QuantityTest, EachFaultOfAGestationHasItsCode) {
  const std::pair<const char*, const char*> rows[] = {
      {"39|wk", ""},
      {"39|weeks", ""},
      {"39|", ""},
      {"16|wk", ""},
      {"45|wk", ""},
      {"273|d", ""},
      {"term|wk", "GESTATION_NOT_A_NUMBER"},
      {"-39|wk", "GESTATION_NOT_A_NUMBER"},
      {"39.5|wk", "GESTATION_NOT_WHOLE"},
      {"9|mo", "GESTATION_UNIT_UNKNOWN"},
      {"15|wk", "GESTATION_IMPLAUSIBLE"},
      {"46|wk", "GESTATION_IMPLAUSIBLE"},
      {"1e300|wk", "GESTATION_IMPLAUSIBLE"},
      {"387|wk", "GESTATION_IMPLAUSIBLE"},  // 38 weeks and 7 days, by agreement
  };
  for (const bool weeks_and_days : {false, true}) {
    for (const auto& [text, code] : rows) {
      int32_t weeks = 0, days = 0;
      EXPECT_EQ(ReadGestation(*Observed(text).Find("OBX"), weeks_and_days, &weeks, &days), code)
          << text;
      EXPECT_EQ(weeks != 0, *code == '\0') << text;
    }
  }
}

TEST(QuantityTest, APluralityIsOneDigitOrItsLoincAnswer) {
  const std::pair<const char*, int> rows[] = {{"LA6112-2", 1}, {"LA6117-1", 6}, {"2", 2},
                                              {"9", 9},        {"0", 0},        {"10", 0},
                                              {"twins", 0},    {"", 0}};
  for (const auto& [text, number] : rows) {
    EXPECT_EQ(ReadPlurality(*Observed(text).Find("OBX")), number) << text;
  }
}

TEST(SexTest, TheTableAndNothingElse) {
  const std::pair<const char*, v1::Sex> known[] = {
      {"M", v1::SEX_MALE},      {"1", v1::SEX_MALE},    {"F", v1::SEX_FEMALE},
      {"2", v1::SEX_FEMALE},    {"U", v1::SEX_UNKNOWN}, {"0", v1::SEX_UNKNOWN},
      {"O", v1::SEX_UNKNOWN},   {"A", v1::SEX_UNKNOWN}, {"N", v1::SEX_NOT_STATED},
      {"9", v1::SEX_NOT_STATED}};
  for (const auto& [code, wanted] : known) {
    v1::Sex sex = wanted == v1::SEX_MALE ? v1::SEX_FEMALE : v1::SEX_MALE;
    EXPECT_EQ(ReadSex(code, &sex), "") << code;
    EXPECT_EQ(sex, wanted) << code;
  }
  v1::Sex sex = v1::SEX_FEMALE;
  EXPECT_EQ(ReadSex("", &sex), "SEX_MISSING");
  for (const char* unknown : {"X", "m", "3", "MALE"}) {
    EXPECT_EQ(ReadSex(unknown, &sex), "SEX_NOT_CODABLE") << unknown;
  }
  EXPECT_EQ(sex, v1::SEX_FEMALE);
}

}  // namespace
}  // namespace birthseal::connect::hl7
