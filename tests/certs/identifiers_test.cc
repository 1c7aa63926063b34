// SPDX-License-Identifier: Apache-2.0
// Check characters against published vectors: GB 11643, GB 32100-2015, GB/T 36904-2018,
// ISO 7064. Any single wrong character must be found.
#include "certs/identifiers.h"

#include <string>

#include "certs/codes.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;

constexpr char kCharacters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz .-+\n";

constexpr const char* kCitizenIds[] = {"11010519491231002X", "440524188001010014",
                                       "810000199003071237"};
constexpr const char* kCreditCodes[] = {"91350100M000100Y43", "11100000000013338W",
                                        "11220000013544541J", "11110000000021135M",
                                        "11330105002500287C"};
constexpr const char* kLicenceIds[] = {
    "1.2.156.3005.2.11100000000013338W011.11110000000021135M.20230329701.003.Y",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0"};

template <typename T>
void ExpectEverySubstitutionRefused(const std::string& valid) {
  for (size_t at = 0; at < valid.size(); ++at) {
    for (const char c : std::string(kCharacters)) {
      if (c == valid[at]) continue;
      std::string changed = valid;
      changed[at] = c;
      EXPECT_FALSE(T::Parse(changed).ok()) << "position " << at << ", character " << c;
    }
  }
}

template <typename T>
void ExpectOtherLengthsRefused(const std::string& valid) {
  EXPECT_FALSE(T::Parse("").ok());
  EXPECT_FALSE(T::Parse(valid + "0").ok());
  EXPECT_FALSE(T::Parse(" " + valid).ok());
  EXPECT_FALSE(T::Parse(valid + std::string(1, '\0')).ok());
  for (size_t size = 0; size < valid.size(); ++size) {
    EXPECT_FALSE(T::Parse(valid.substr(0, size)).ok()) << "length " << size;
  }
}

// Rule P15.
TEST(CitizenIdTest, PublishedNumbersOfGb11643Verify) {
  for (const char* number : kCitizenIds) EXPECT_OK(CitizenId::Parse(number)) << number;
}

// Rule P15.
TEST(CitizenIdTest, EverySingleWrongCharacterIsRefused) {
  for (const char* number : kCitizenIds) ExpectEverySubstitutionRefused<CitizenId>(number);
}

TEST(CitizenIdTest, OtherLengthsAreRefused) {
  ExpectOtherLengthsRefused<CitizenId>("440524188001010014");
}

TEST(CitizenIdTest, TellsBirthDateAndSex) {
  const CitizenId female = *CitizenId::Parse("11010519491231002X");
  EXPECT_EQ(female.birth_date(), absl::CivilDay(1949, 12, 31));
  EXPECT_TRUE(female.female());
  const CitizenId male = *CitizenId::Parse("440524188001010014");
  EXPECT_EQ(male.birth_date(), absl::CivilDay(1880, 1, 1));
  EXPECT_FALSE(male.female());
}

TEST(CitizenIdTest, DayThatDoesNotExistIsRefusedThoughTheCheckCharacterFits) {
  std::string body = "11010519490230002";
  body += Mod11_2CheckCharacter(body);
  EXPECT_THAT(CitizenId::Parse(body),
              StatusIs(absl::StatusCode::kInvalidArgument, "CITIZEN_ID_INVALID"));
}

// Rule M3.
TEST(CreditCodeTest, PublishedCodesOfGb32100Verify) {
  for (const char* code : kCreditCodes) EXPECT_OK(CreditCode::Parse(code)) << code;
}

TEST(CreditCodeTest, EverySingleWrongCharacterIsRefused) {
  for (const char* code : kCreditCodes) ExpectEverySubstitutionRefused<CreditCode>(code);
}

TEST(CreditCodeTest, OtherLengthsAreRefused) {
  ExpectOtherLengthsRefused<CreditCode>("91350100M000100Y43");
}

// Rule S1.
TEST(CertificateNumberTest, IsOneLetterAndNineDigitsWithoutCheckDigit) {
  for (const char* number : {"L350247695", "T500100391", "X320101001", "Z999999999"}) {
    EXPECT_OK(CertificateNumber::Parse(number)) << number;
  }
  for (const char* number : {"", "350247695", "l350247695", "L35024769", "L3502476950",
                             "LL50247695", "L35024769A", "L 50247695"}) {
    EXPECT_THAT(CertificateNumber::Parse(number),
                StatusIs(absl::StatusCode::kInvalidArgument, "CERTIFICATE_NUMBER_INVALID"))
        << number;
  }
}

TEST(CertificateNumberTest, CountsOnWithinItsSeriesAndNotBeyond) {
  const CertificateNumber number = *CertificateNumber::Parse("X320101009");
  EXPECT_EQ(number.series(), 'X');
  EXPECT_EQ(number.serial(), 320101009u);
  EXPECT_EQ(number.Plus(1)->value(), "X320101010");
  EXPECT_EQ(number.Plus(999999999 - 320101009)->value(), "X999999999");
  EXPECT_THAT(number.Plus(999999999 - 320101009 + 1), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(number.Plus(~uint64_t{0}), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(CertificateNumber::Parse("X000000007")->Plus(2)->value(), "X000000009");
}

TEST(LicenceIdTest, Scenario27PublishedIdentifiersVerify) {
  for (const char* id : kLicenceIds) EXPECT_OK(LicenceId::Parse(id)) << id;
}

// Rule G6.
TEST(LicenceIdTest, Scenario27EverySingleWrongCharacterIsRefused) {
  for (const char* id : kLicenceIds) ExpectEverySubstitutionRefused<LicenceId>(id);
}

TEST(LicenceIdTest, OtherLengthsAreRefused) {
  ExpectOtherLengthsRefused<LicenceId>(kLicenceIds[0]);
}

TEST(LicenceIdTest, HandEditedSampleDoesNotVerify) {
  EXPECT_THAT(LicenceId::Parse("1.2.156.3005.2.11100000000013661B006.113700000045046442."
                               "209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"),
              StatusIs(absl::StatusCode::kInvalidArgument, "LICENCE_ID_INVALID"));
  EXPECT_EQ(Mod37_36CheckCharacter("11100000000013661B006113700000045046442"
                                   "209FA4E88F9E4C878F3E9BED2CE7EA49001"),
            'D');
}

// Rule G6.
TEST(LicenceIdTest, MadeIdentifierEqualsThePublishedOne) {
  const CreditCode issuer = *CreditCode::Parse("11330105002500287C");
  const auto made = LicenceId::Make("11100000000013338W009", issuer, "2025052201", 2);
  ASSERT_OK(made);
  EXPECT_EQ(made->value(), kLicenceIds[2]);
  EXPECT_EQ(made->serial(), "2025052201");
}

TEST(LicenceIdTest, MakeRefusesBadParts) {
  const CreditCode issuer = *CreditCode::Parse("11330105002500287C");
  constexpr char kType[] = "11100000000013338W009";
  EXPECT_FALSE(LicenceId::Make("11100000000013338W00", issuer, "X320101001", 1).ok());
  EXPECT_FALSE(LicenceId::Make(kType, CreditCode(), "X320101001", 1).ok());
  EXPECT_FALSE(LicenceId::Make(kType, issuer, "", 1).ok());
  EXPECT_FALSE(LicenceId::Make(kType, issuer, "x320101001", 1).ok());
  EXPECT_FALSE(LicenceId::Make(kType, issuer, "X320101001", 0).ok());
  EXPECT_FALSE(LicenceId::Make(kType, issuer, "X320101001", 1000).ok());
}

TEST(Iso7064Test, PublishedMod37_36CharactersFit) {
  EXPECT_EQ(Mod37_36CheckCharacter("A12425GABC1234002"), 'M');
  EXPECT_EQ(Mod37_36CheckCharacter("11100000000013338W00211320482014138860P201807250201001"), 'M');
}

TEST(Iso7064Test, CharactersOutsideTheAlphabetGiveNone) {
  EXPECT_EQ(Mod37_36CheckCharacter("a"), '\0');
  EXPECT_EQ(Mod37_36CheckCharacter("1.2"), '\0');
  EXPECT_EQ(Mod11_2CheckCharacter("12X"), '\0');
}

TEST(CodesTest, TablesAnswerKnownCodesAndRefuseOthers) {
  EXPECT_EQ(*EthnicityText("01"), "汉族");
  EXPECT_EQ(*EthnicityText("56"), "基诺族");
  EXPECT_OK(EthnicityText("97"));
  EXPECT_OK(EthnicityText("98"));
  for (const char* code : {"", "0", "00", "1", "57", "96", "99", "001", "A1"}) {
    EXPECT_THAT(EthnicityText(code), StatusIs(absl::StatusCode::kNotFound)) << code;
  }
  EXPECT_EQ(*NationalityText("CHN"), "中国");
  EXPECT_EQ(*NationalityText("HKG"), "中国(香港)");
  EXPECT_EQ(*NationalityText("MAC"), "中国(澳门)");
  EXPECT_EQ(*NationalityText("TWN"), "中国(台湾)");
  EXPECT_EQ(*NationalityText("ABW"), "阿鲁巴");
  EXPECT_EQ(*NationalityText("ZWE"), "津巴布韦");
  EXPECT_THAT(NationalityText("chn"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(NationalityText("XXX"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace birthseal::certs
