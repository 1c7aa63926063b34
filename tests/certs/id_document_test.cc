// SPDX-License-Identifier: Apache-2.0
#include "certs/id_document.h"

#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

// Of an invented division; its check character is X.
std::string NumberEndingInX() {
  for (int sequence = 0; sequence < 999; sequence += 2) {
    std::string number = TestCitizenId(absl::CivilDay(1997, 6, 1), sequence);
    if (number.back() == 'X') return number;
  }
  return "";
}

TEST(IdDocumentTest, CaseWidthAndBlanksAreFoldedAsTyped) {
  EXPECT_EQ(FoldedIdNumber("99999919970601002x"), "99999919970601002X");
  EXPECT_EQ(FoldedIdNumber(" 999999 19970601 002x\t"), "99999919970601002X");
  EXPECT_EQ(FoldedIdNumber("９９９９９９１９９７０６０１００２ｘ"), "99999919970601002X");
  EXPECT_EQ(FoldedIdNumber("\xEF\xBB\xBF"
                           "e12\xC2\xA0"
                           "345\xE2\x80\x8B"
                           "67"),
            "E1234567");
  EXPECT_EQ(FoldedIdNumber("ｅ１２－３４５（６）"), "E12-345(6)");
  EXPECT_EQ(FoldedIdNumber("军字第　０００２１７号"), "军字第000217号");
}

TEST(IdDocumentTest, BytesThatAreNoTextAreKeptForTheRuleToRefuse) {
  EXPECT_EQ(FoldedIdNumber("E1\xFF 2"),
            "E1\xFF"
            "2");
  EXPECT_EQ(FoldedIdNumber("\xEF\xBC"), "\xEF\xBC");
}

TEST(IdDocumentTest, FoldingTwiceChangesNothing) {
  for (const char* typed : {"９９ x", "军字第　１号", "a-b c", "", "\xF0\x9F"}) {
    EXPECT_EQ(FoldedIdNumber(FoldedIdNumber(typed)), FoldedIdNumber(typed)) << typed;
  }
}

// Rule C10.
TEST(IdDocumentTest, SpellingsOfOneNumberAreTheSame) {
  EXPECT_TRUE(SameIdNumber("e12-345 678", "Ｅ12345678"));
  EXPECT_FALSE(SameIdNumber("E12345678", "E12345679"));
}

// Rule P16.
TEST(IdDocumentTest, ANumberThatNamesNobodyIsAPlaceholder) {
  const char* const kNobody[] = {"待补",
                                 "无",
                                 "不详",
                                 "暂无",
                                 "NONE",
                                 "N/A",
                                 "0",
                                 "000",
                                 "123456",
                                 "123456789",
                                 "987654321",
                                 "11111",
                                 "A-0",
                                 "待补1",
                                 "330106--------1234",
                                 "990121xx..xx0041",
                                 "拒绝提供00123",
                                 "空缺00123",
                                 "稍后补录001",
                                 "N/A-00012",
                                 "TEMP20261120",
                                 "330106————1234",
                                 "****",
                                 "X",
                                 "XXX000123",
                                 "13068419900？",
                                 "1306●●0012",
                                 "未提供001",
                                 "000000000"};
  for (const char* nobody : kNobody) {
    for (const IdType type : {IdType::kOther, IdType::kOfficerId, IdType::kHouseholdBook}) {
      EXPECT_EQ(FaultOf(type, FoldedIdNumber(nobody)), IdFault::kPlaceholder) << nobody;
    }
    for (const IdType type : {IdType::kOther, IdType::kCitizenId, IdType::kTaiwanPermit}) {
      EXPECT_FALSE(NamesOnePerson(type, nobody)) << nobody;
    }
  }
}

TEST(IdDocumentTest, RealDocumentsOfOtherTypesNameTheirHolder) {
  EXPECT_TRUE(NamesOnePerson(IdType::kOther, "AB-2210-77"));
  EXPECT_TRUE(NamesOnePerson(IdType::kOfficerId, "军字第000217号"));
  EXPECT_TRUE(NamesOnePerson(IdType::kHouseholdBook, "020071934"));
  EXPECT_TRUE(NamesOnePerson(IdType::kTaiwanPermit, "12345678"));
  EXPECT_TRUE(NamesOnePerson(IdType::kPassport, "E12345678"));
  EXPECT_TRUE(NamesOnePerson(IdType::kOfficerId, "空字第000217号"));
}

// Letters and few digits, three letters X, five equal digits, digits that count up from the middle.
TEST(IdDocumentTest, PassportsOfAnyStateNameTheirHolder) {
  for (const char* number :
       {"CHKLMNRT5", "NXRKFHLB4", "XXX123856", "AB77777", "567890123", "CFPVRG4T7", "ABCDEFGH"}) {
    EXPECT_TRUE(NamesOnePerson(IdType::kPassport, number)) << number;
  }
}

TEST(IdDocumentTest, DashesAndDotsBetweenPartsMakeNoOtherNumber) {
  EXPECT_TRUE(SameIdNumber("南字第—0739281", "南字第-0739281"));
  EXPECT_TRUE(SameIdNumber("B0‐739295", "B0739295"));
  EXPECT_TRUE(
      SameIdNumber("B07\xE3\x85\xA4"
                   "39295",
                   "B0739295"));  // U+3164, a blank letter
  EXPECT_TRUE(SamePersonName("阿依·古丽", "阿依•古丽"));
  EXPECT_TRUE(SamePersonName("anna example", "ANNA EXAMPLE"));
  EXPECT_FALSE(SamePersonName("赵一一", "钱二二"));
}

// Rule P17.
TEST(IdDocumentTest, ACitizenNumberUnderATypeThatHasNoneContradictsIt) {
  const std::string good = NumberEndingInX();
  std::string mistyped = good;
  mistyped.back() = '0';
  for (const std::string& number : {good, mistyped, good.substr(0, 17) + "×",
                                    good.substr(0, 17) + "Х", std::string("529901970601002")}) {
    for (const IdType type : {IdType::kOther, IdType::kPassport, IdType::kOfficerId}) {
      EXPECT_EQ(FaultOf(type, number), IdFault::kCitizenNumber) << number.size();
    }
  }
  EXPECT_FALSE(NamesOnePerson(IdType::kOther, mistyped));
  EXPECT_FALSE(NamesOnePerson(IdType::kOther, "529901970601002"));
}

TEST(IdDocumentTest, AWrongCheckCharacterNamesNobody) {
  std::string wrong = NumberEndingInX();
  wrong.back() = '0';
  EXPECT_EQ(FaultOf(IdType::kCitizenId, wrong), IdFault::kForm);
  EXPECT_EQ(FaultOf(IdType::kHouseholdBook, wrong), IdFault::kForm);
  EXPECT_FALSE(NamesOnePerson(IdType::kCitizenId, wrong));
  EXPECT_FALSE(NamesOnePerson(IdType::kHouseholdBook, wrong));
}

TEST(IdDocumentTest, ACitizenNumberIsClaimedAsOneWhateverDocumentItWasReadFrom) {
  const std::string number = NumberEndingInX();
  for (const IdType type : {IdType::kCitizenId, IdType::kHouseholdBook, IdType::kOther,
                            IdType::kDrivingLicence, IdType::kHkMoTwResidence}) {
    EXPECT_EQ(ClaimedType(type, number), IdType::kCitizenId);
    EXPECT_TRUE(NamesOnePerson(type, number));
  }
  EXPECT_EQ(ClaimedType(IdType::kPassport, "E12345678"), IdType::kPassport);
}

// Rule P14.
TEST(IdDocumentTest, EachFormEndsWhereItsRuleSays) {
  const struct {
    IdType type;
    std::string number;
    IdFault fault;
  } documents[] = {
      {IdType::kPassport, "E123", IdFault::kForm},
      {IdType::kPassport, "E1234", IdFault::kNone},
      {IdType::kPassport, "ABCDEFGHIJ1234567890", IdFault::kNone},
      {IdType::kPassport, "ABCDEFGHIJK1234567890", IdFault::kForm},
      {IdType::kPassport, "E12-345678", IdFault::kForm},
      {IdType::kPassport, "E12345678é", IdFault::kForm},
      {IdType::kHkMacaoPermit, "H1023456", IdFault::kForm},
      {IdType::kHkMacaoPermit, "H10234567", IdFault::kNone},
      {IdType::kHkMacaoPermit, "H102345678", IdFault::kForm},
      {IdType::kHkMacaoPermit, "M1023456789", IdFault::kNone},
      {IdType::kHkMacaoPermit, "M10234567890", IdFault::kForm},
      {IdType::kHkMacaoPermit, "L10234567", IdFault::kForm},
      {IdType::kHkMacaoPermit, "H1023456A", IdFault::kForm},
      {IdType::kHkMacaoPermit, "HA0234567", IdFault::kForm},
      {IdType::kTaiwanPermit, "1023456", IdFault::kForm},
      {IdType::kTaiwanPermit, "10234567", IdFault::kNone},
      {IdType::kTaiwanPermit, "1023456A", IdFault::kForm},
      {IdType::kTaiwanPermit, "1023456789", IdFault::kNone},
      {IdType::kTaiwanPermit, "102345678A", IdFault::kForm},
      {IdType::kTaiwanPermit, "1023456789A", IdFault::kNone},
      {IdType::kTaiwanPermit, "1023456789a", IdFault::kForm},
      {IdType::kTaiwanPermit, "102345678AA", IdFault::kForm},
      {IdType::kTaiwanPermit, "1023456789AB", IdFault::kForm},
      {IdType::kHkMoTwResidence, "810000199003071237", IdFault::kNone},
      {IdType::kHkMoTwResidence, "810000199003071238", IdFault::kForm},
      {IdType::kHkMoTwResidence, TestCitizenId(absl::CivilDay(1990, 3, 7), 1), IdFault::kForm},
      {IdType::kForeignResidence, "NZL110099010112", IdFault::kNone},
      {IdType::kForeignResidence, "NZL11009901011a", IdFault::kForm},
      {IdType::kForeignResidence, TestCitizenId(absl::CivilDay(1990, 3, 7), 1), IdFault::kNone},
      {IdType::kForeignResidence, "999999199003070010", IdFault::kForm},
      {IdType::kForeignResidence, "810000199003071237", IdFault::kForm},
      {IdType::kOther, "12" + std::string(118, 'A') + "3", IdFault::kForm},
      {IdType::kOther, "12" + std::string(117, 'A') + "3", IdFault::kNone},
      {IdType::kOther, "AB-\xEE\xA0\x80-102", IdFault::kForm},
      {IdType::kOfficerId, "AB-\xFF-102", IdFault::kForm},
      {IdType::kHouseholdBook, "AB-\xEF\xBF\xBD-102", IdFault::kForm},
  };
  for (const auto& document : documents) {
    EXPECT_EQ(FaultOf(document.type, document.number), document.fault) << document.number;
  }
}

// No bytes at all, not even an empty text.
TEST(IdDocumentTest, NothingIsNoNumberOfAnyDocument) {
  for (const IdType type :
       {IdType::kCitizenId, IdType::kPassport, IdType::kHkMacaoPermit, IdType::kTaiwanPermit,
        IdType::kHkMoTwResidence, IdType::kForeignResidence}) {
    EXPECT_EQ(FaultOf(type, absl::string_view()), IdFault::kForm) << static_cast<int>(type);
  }
  for (const IdType type : {IdType::kHouseholdBook, IdType::kOfficerId, IdType::kOther}) {
    EXPECT_EQ(FaultOf(type, absl::string_view()), IdFault::kPlaceholder) << static_cast<int>(type);
  }
}

// Digits of a pattern that is not counting, and counting that breaks off.
TEST(IdDocumentTest, OnlyCountingFromOneEndIsMadeUp) {
  for (const char* number : {"246802468", "135791357", "123456780", "987654320", "012345670",
                             "234567890", "90123", "11223", "10123"}) {
    EXPECT_EQ(FaultOf(IdType::kOther, number), IdFault::kNone) << number;
  }
  for (const char* number : {"12345", "01234", "98765", "1234567890123", "9876543210987"}) {
    EXPECT_EQ(FaultOf(IdType::kOther, number), IdFault::kPlaceholder) << number;
  }
}

TEST(IdDocumentTest, WithoutTypeANumberNamesNobody) {
  EXPECT_FALSE(NamesOnePerson(IdType::kNone, NumberEndingInX()));
  EXPECT_EQ(FaultOf(IdType::kNone, "E12345678"), IdFault::kTypeNotAccepted);
}

}  // namespace
}  // namespace birthseal::certs
