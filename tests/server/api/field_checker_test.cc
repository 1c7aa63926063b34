// SPDX-License-Identifier: Apache-2.0
#include "server/api/field_checker.h"

#include "certs/errors.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

using tests::StatusIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

TEST(FieldCheckerTest, PlainTextIsUtf8WithoutControls) {
  for (const char* good : {"", " ~", "云小满", "龴玘", "\xC2\xA0",  // the first after the controls
                           "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    FieldChecker check;
    check.Text(good, "name", 100);
    EXPECT_OK(check.status()) << good;
  }
  const struct {
    const char* what;
    std::string text;
  } kBad[] = {
      {"a control", "\x1F"},
      {"a line", "a\nb"},
      {"a zero", std::string(1, '\0')},
      {"DEL", "\x7F"},
      {"a C1 control", "\xC2\x9F"},
      {"a continuation alone", "\x9F\x80"},
      {"two bytes for one", "\xC1\xA1"},
      {"a lead that there is not", "\xF8\x90\x80\x80"},
      {"a lead at the end", "a\xC3"},
      {"a character cut short", "\xE4\xB8"},
      {"no continuation", "\xC3\x28"},
      {"no second continuation", "\xE4\xB8\x28"},
      {"three bytes for two", "\xE0\x9F\xBF"},
      {"four bytes for three", "\xF0\x8F\xBF\xBF"},
      {"above Unicode", "\xF4\x90\x80\x80"},
      {"the first surrogate", "\xED\xA0\x80"},
      {"the last surrogate", "\xED\xBF\xBF"},
      {"a line separator", "\xE2\x80\xA8"},
      {"a paragraph separator", "\xE2\x80\xA9"},
  };
  for (const auto& bad : kBad) {
    FieldChecker check;
    check.Text(bad.text, "name", 100);
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "TEXT_NOT_PLAIN")) << bad.what;
  }
}

TEST(FieldCheckerTest, ADayIsOneOfTheCalendarInItsOneForm) {
  FieldChecker good;
  EXPECT_EQ(good.Day("2024-02-29", "day"), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(good.Day("1000-01-01", "day"), absl::CivilDay(1000, 1, 1));
  EXPECT_EQ(good.Day("9999-12-31", "day"), absl::CivilDay(9999, 12, 31));
  EXPECT_EQ(good.Day("", "day", FieldChecker::kOptional), absl::CivilDay());
  EXPECT_OK(good.status());
  for (const char* bad :
       {"", "20260304", "2026-3-04", "2026-03-4", "2026/03/04", "2026-03-04 ", " 2026-03-04",
        "2026-03-04T05:06", "2026-02-30", "2026-13-01", "2026-00-01", "2026-03-00", "0999-01-01",
        "999-01-01", "-999-01-01", "12026-03-04", "2026-03", "day"}) {
    FieldChecker check;
    check.Day(bad, "day");
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "TIME_FORM")) << bad;
  }
}

TEST(FieldCheckerTest, AMinuteIsKnownADayIsNotAndAnythingElseIsRefused) {
  FieldChecker good;
  const FieldChecker::MinuteOrDay minute = good.Minute("2026-03-04T05:06", "time");
  EXPECT_EQ(minute.time, absl::CivilMinute(2026, 3, 4, 5, 6));
  EXPECT_TRUE(minute.minute_known);
  const FieldChecker::MinuteOrDay day = good.Minute("2026-03-04", "time");
  EXPECT_EQ(day.time, absl::CivilMinute(2026, 3, 4, 0, 0));
  EXPECT_FALSE(day.minute_known);
  const FieldChecker::MinuteOrDay none = good.Minute("", "time");
  EXPECT_EQ(none.time, absl::CivilMinute());
  EXPECT_FALSE(none.minute_known);
  EXPECT_OK(good.status());
  for (const char* bad : {"2026-03-04T24:00", "2026-03-04T05:60", "2026-03-04T5:06",
                          "2026-03-04 05:06", "2026-03-04T05:06:07", "999-03-04T05:06"}) {
    FieldChecker check;
    const bool known = check.Minute(bad, "time").minute_known;
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "TIME_FORM")) << bad;
    EXPECT_FALSE(known) << bad;
  }
}

TEST(FieldCheckerTest, ASecondHasItsSeconds) {
  FieldChecker good;
  EXPECT_EQ(good.Second("2026-03-04T05:06:07", "time"), absl::CivilSecond(2026, 3, 4, 5, 6, 7));
  EXPECT_EQ(good.Second("", "time"), absl::CivilSecond());
  EXPECT_OK(good.status());
  for (const char* bad : {"2026-03-04", "2026-03-04T05:06", "2026-03-04T05:06:60"}) {
    FieldChecker check;
    check.Second(bad, "time");
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "TIME_FORM")) << bad;
  }
}

TEST(FieldCheckerTest, AnIdentifierHasSixteenBytesAndIsNotZero) {
  FieldChecker good;
  EXPECT_EQ(certs::View(good.Identifier<certs::CaseId>(std::string(16, 'i'), "id")),
            std::string(16, 'i'));
  EXPECT_TRUE(good.Identifier<certs::CaseId>("", "id", FieldChecker::kOptional).empty());
  EXPECT_OK(good.status());
  for (const std::string& bad :
       {std::string(), std::string(15, 'i'), std::string(17, 'i'), std::string(16, '\0')}) {
    FieldChecker check;
    check.Identifier<certs::CaseId>(bad, "id");
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "IDENTIFIER_SIZE")) << bad.size();
  }
}

TEST(FieldCheckerTest, ADigestHasThirtyTwoBytes) {
  FieldChecker good;
  EXPECT_EQ(certs::Bytes(good.Sm3(std::string(32, 'd'), "sm3")), std::string(32, 'd'));
  EXPECT_EQ(good.Sm3("", "sm3", FieldChecker::kOptional), certs::Digest{});
  EXPECT_OK(good.status());
  for (const size_t size : {0u, 31u, 33u}) {
    FieldChecker check;
    check.Sm3(std::string(size, 'd'), "sm3");
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "DIGEST_SIZE")) << size;
  }
}

TEST(FieldCheckerTest, BytesAndTextsAreRequiredAndBounded) {
  FieldChecker good;
  good.Text("12", "text", 2, FieldChecker::kRequired);
  good.Bytes("\xFF\n", "bytes", 2, FieldChecker::kRequired);
  good.Text("", "text", 2);
  good.Bytes("", "bytes", 2, FieldChecker::kOptional);
  EXPECT_OK(good.status());
  FieldChecker no_text, no_bytes, long_text, long_bytes;
  no_text.Text("", "text", 2, FieldChecker::kRequired);
  no_bytes.Bytes("", "bytes", 2, FieldChecker::kRequired);
  long_text.Text("123", "text", 2);
  long_bytes.Bytes("123", "bytes", 2, FieldChecker::kOptional);
  EXPECT_THAT(no_text.status(), StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(no_bytes.status(), StatusIs(kInvalid, "FIELD_REQUIRED"));
  EXPECT_THAT(long_text.status(), StatusIs(kInvalid, "FIELD_TOO_LONG"));
  EXPECT_THAT(long_bytes.status(), StatusIs(kInvalid, "FIELD_TOO_LONG"));
}

TEST(FieldCheckerTest, ANumberLiesBetweenItsBounds) {
  FieldChecker good;
  EXPECT_EQ(good.Between(1, "count", 1, 3), 1);
  EXPECT_EQ(good.Between(3, "count", 1, 3), 3);
  EXPECT_OK(good.status());
  for (const int64_t bad : {int64_t{0}, int64_t{4}, int64_t{1} << 32}) {
    FieldChecker check;
    EXPECT_EQ(check.Between(bad, "count", 1, 3), 1);
    EXPECT_THAT(check.status(), StatusIs(kInvalid, "OUT_OF_BOUNDS")) << bad;
  }
}

TEST(FieldCheckerTest, TheFirstFaultIsKeptWithItsPlace) {
  FieldChecker check("items[3].");
  check.Between(9, "count", 1, 3);
  check.Enter("");
  check.Text("", "text", 2, FieldChecker::kRequired);
  EXPECT_THAT(check.status(), StatusIs(kInvalid, "OUT_OF_BOUNDS"));
  EXPECT_EQ(certs::FieldOf(check.status()), "items[3].count");
}

}  // namespace
}  // namespace birthseal::server
