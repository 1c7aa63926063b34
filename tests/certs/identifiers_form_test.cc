// SPDX-License-Identifier: Apache-2.0
// Each rule of an identifier alone: numbers that break one of them and fit all others, check
// character included. identifiers_test.cc has the published ones.
#include "certs/identifiers.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kCreditAlphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr char kTypeCode[] = "11100000000013338W009", kIssuer[] = "11330105002500287C";

// With the check character that fits; none fits letters, so a zero byte stands there.
std::string Checked(const std::string& body) {
  return body + std::string(1, Mod11_2CheckCharacter(body));
}

TEST(CitizenIdFormTest, EachRuleAloneIsAskedFor) {
  const auto bad = StatusIs(kInvalid, "CITIZEN_ID_INVALID");
  EXPECT_OK(CitizenId::Parse(Checked("99999918000101002")));
  EXPECT_THAT(CitizenId::Parse(Checked("09999918000101002")), bad) << "begins with 0";
  EXPECT_THAT(CitizenId::Parse(Checked("99999917991231002")), bad) << "before 1800";
  EXPECT_THAT(CitizenId::Parse(Checked("99999918000001002")), bad) << "month 0";
  EXPECT_THAT(CitizenId::Parse(Checked("99999918000100002")), bad) << "day 0";
  EXPECT_THAT(CitizenId::Parse(Checked("999999180001010021")), bad) << "18 digits before it";
  EXPECT_THAT(CitizenId::Parse("99999918000101002"), bad) << "no check character";
  const std::string body = "99999918000101002";
  for (size_t at = 0; at < body.size(); ++at) {
    for (const char c : {'A', 'x', ' ', '/', ':', '\xb2'}) {
      std::string changed = body;
      changed[at] = c;
      ASSERT_EQ(Checked(changed).back(), '\0');
      EXPECT_THAT(CitizenId::Parse(Checked(changed)), bad) << at << " " << c;
    }
  }
}

TEST(CitizenIdFormTest, NoNumberIsOfNoSexAndNoDay) {
  EXPECT_FALSE(CitizenId().female());
  EXPECT_EQ(CitizenId().birth_date(), absl::CivilDay());
}

// Whatever check character stands behind it.
void ExpectNoCheckFits(const std::string& body, size_t at) {
  for (const char check : std::string(kCreditAlphabet)) {
    EXPECT_THAT(CreditCode::Parse(body + check), StatusIs(kInvalid, "CREDIT_CODE_INVALID"))
        << body << check << ", position " << at;
  }
}

TEST(CreditCodeFormTest, LettersThatTheAlphabetLeavesOutFitWithNoCheckCharacter) {
  const std::string body = "91350100M000100Y4";
  ASSERT_OK(CreditCode::Parse(body + "3"));
  for (size_t at = 0; at < body.size(); ++at) {
    for (const char c : std::string("IOSVZa-")) {
      std::string changed = body;
      changed[at] = c;
      ExpectNoCheckFits(changed, at);
    }
  }
}

TEST(CreditCodeFormTest, TheDivisionIsOfDigits) {
  const std::string body = "91350100M000100Y4";
  for (size_t at = 2; at < 8; ++at) {
    std::string changed = body;
    changed[at] = 'A';
    ExpectNoCheckFits(changed, at);
  }
}

TEST(CertificateNumberFormTest, EachPlaceHasItsKindOfCharacter) {
  const std::string good = "X320101009";
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'@', '[', 'a', 'z', '/', ':', '5', 'B'}) {
      std::string changed = good;
      changed[at] = c;
      const bool fits = at == 0 ? c == 'B' : c == '5';
      const auto number = CertificateNumber::Parse(changed);
      EXPECT_EQ(number.ok(), fits) << changed;
      if (!fits) EXPECT_THAT(number, StatusIs(kInvalid, "CERTIFICATE_NUMBER_INVALID"));
    }
  }
}

TEST(CertificateNumberFormTest, FromNoNumberNoneIsCounted) {
  EXPECT_THAT(CertificateNumber().Plus(1),
              StatusIs(absl::StatusCode::kOutOfRange, "CERTIFICATE_NUMBER_SERIES_ENDED"));
  EXPECT_EQ(CertificateNumber().serial(), 0u);
}

// Of these parts, with the check character that fits.
std::string Licence(const std::string& type, const std::string& issuer, const std::string& serial,
                    const std::string& version) {
  const std::string check(1, Mod37_36CheckCharacter(type + issuer + serial + version));
  return absl::StrCat("1.2.156.3005.2.", type, ".", issuer, ".", serial, ".", version, ".", check);
}

TEST(LicenceIdFormTest, EachPartAloneIsAskedFor) {
  const std::string type = kTypeCode, issuer = kIssuer;
  EXPECT_OK(LicenceId::Parse(Licence(type, issuer, "X320101001", "001")));
  EXPECT_OK(LicenceId::Parse(Licence(type, issuer, std::string(64, 'Z'), "999")));
  EXPECT_OK(LicenceId::Parse(Licence(type, issuer, "0", "001")));
  const std::pair<const char*, std::string> cases[] = {
      {"type of 20", Licence(type.substr(0, 20), issuer, "X1", "001")},
      {"type of 22", Licence(type + "0", issuer, "X1", "001")},
      {"type of no credit code", Licence("11100000000013339W009", issuer, "X1", "001")},
      {"type that ends in a small letter", Licence("11100000000013338W00a", issuer, "X1", "001")},
      {"issuer of no credit code", Licence(type, "11330105002500288C", "X1", "001")},
      {"no issuer", Licence(type, "", "X1", "001")},
      {"no serial", Licence(type, issuer, "", "001")},
      {"serial of 65", Licence(type, issuer, std::string(65, 'Z'), "001")},
      {"serial with a small letter", Licence(type, issuer, "x1", "001")},
      {"serial with a blank", Licence(type, issuer, "X 1", "001")},
      {"version of two digits", Licence(type, issuer, "X1", "01")},
      {"version of four digits", Licence(type, issuer, "X1", "0001")},
      {"version of letters", Licence(type, issuer, "X1", "00A")},
      {"version 0", Licence(type, issuer, "X1", "000")},
      {"a part behind", Licence(type, issuer, "X1", "001") + ".0"},
      {"a part less", "1.2.156.3005.2." + type + "." + issuer + ".X1.001"},
      {"two check characters", Licence(type, issuer, "X1", "001") + "0"},
      {"another root", "1.2.156.3005.3" + Licence(type, issuer, "X1", "001").substr(14)},
      {"nothing", ""},
  };
  for (const auto& [what, id] : cases) {
    EXPECT_THAT(LicenceId::Parse(id), StatusIs(kInvalid, "LICENCE_ID_INVALID")) << what;
  }
}

TEST(LicenceIdFormTest, MadeOfBadPartsItIsRefusedAsIfRead) {
  const CreditCode issuer = *CreditCode::Parse(kIssuer);
  EXPECT_OK(LicenceId::Make(kTypeCode, issuer, "X1", 1));
  EXPECT_OK(LicenceId::Make(kTypeCode, issuer, "X1", 999));
  for (const int version : {-1000, -100, -10, -1, 0, 1000, 10'000}) {
    EXPECT_THAT(LicenceId::Make(kTypeCode, issuer, "X1", version),
                StatusIs(kInvalid, "LICENCE_ID_INVALID"))
        << version;
  }
}

}  // namespace
}  // namespace birthseal::certs
