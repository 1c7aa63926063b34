// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/encoding.h"

#include <iconv.h>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::connect::hl7 {
namespace {

using ::birthseal::tests::StatusIs;

// glibc's converter, an independent implementation of GB 18030.
std::string Glibc(std::string bytes) {
  iconv_t converter = iconv_open("UTF-8", "GB18030");
  std::string out(64, '\0');
  char *in = bytes.data(), *to = out.data();
  size_t in_left = bytes.size(), out_left = out.size();
  const bool ok = iconv(converter, &in, &in_left, &to, &out_left) != static_cast<size_t>(-1);
  iconv_close(converter);
  return ok ? out.substr(0, out.size() - out_left) : "";
}

TEST(EncodingTest, EveryTwoByteCharacterReadsAsGlibcReadsIt) {
  int compared = 0;
  for (int lead = 0x81; lead <= 0xFE; ++lead) {
    for (int trail = 0x40; trail <= 0xFE; ++trail) {
      if (trail == 0x7F) continue;
      const std::string bytes = {static_cast<char>(lead), static_cast<char>(trail)};
      absl::StatusOr<std::string> ours = ToUtf8(bytes, Charset::kGb18030);
      if (!ours.ok()) continue;  // private use or unassigned: refused, which is checked below
      EXPECT_EQ(*ours, Glibc(bytes)) << std::hex << lead << " " << trail;
      ++compared;
    }
  }
  EXPECT_GT(compared, 21000);
}

TEST(EncodingTest, NamesWithDelimiterBytesSurvive) {
  // 玘 is AB 5E ('^'), 龴 is FE 59, which the 2005 mapping put into the private-use area.
  EXPECT_EQ(*ToUtf8("\xB3\xC2^\xAB\x5E", Charset::kGb18030), "陈^玘");
  EXPECT_EQ(*ToUtf8("\xFE\x59", Charset::kGb18030), "龴");
  EXPECT_EQ(FromUtf8("陈玘", Charset::kGb18030), "\xB3\xC2\xAB\x5E");
}

TEST(EncodingTest, LeftoverPrivateUseIsAnErrorInEveryCharset) {
  EXPECT_THAT(ToUtf8("\xAA\xA1", Charset::kGb18030),
              StatusIs(absl::StatusCode::kInvalidArgument, "ENCODING_PRIVATE_USE"));
  EXPECT_THAT(ToUtf8("\xEE\x80\x80", Charset::kUtf8),
              StatusIs(absl::StatusCode::kInvalidArgument, "ENCODING_PRIVATE_USE"));
}

TEST(EncodingTest, InvalidBytesNeverBecomeAReplacementCharacter) {
  for (const char* bad : {"\xFF", "\x81", "\xC4\x20"}) {
    EXPECT_THAT(ToUtf8(bad, Charset::kGb18030),
                StatusIs(absl::StatusCode::kInvalidArgument, "ENCODING_INVALID"));
    EXPECT_THAT(ToUtf8(bad, Charset::kUtf8),
                StatusIs(absl::StatusCode::kInvalidArgument, "ENCODING_INVALID"));
  }
}

TEST(EncodingTest, KnowsTheNamesThatSendersWrite) {
  EXPECT_EQ(*CharsetNamed("", Charset::kGb18030), Charset::kGb18030);
  EXPECT_EQ(*CharsetNamed("GB 18030-2000", Charset::kUtf8), Charset::kGb18030);
  EXPECT_EQ(*CharsetNamed("gbk", Charset::kUtf8), Charset::kGb18030);
  EXPECT_EQ(*CharsetNamed("8859/1", Charset::kUtf8), Charset::kLatin1);
  EXPECT_THAT(CharsetNamed("UNICODE UTF-16", Charset::kUtf8),
              StatusIs(absl::StatusCode::kInvalidArgument, "ENCODING_UNSUPPORTED"));
}

}  // namespace
}  // namespace birthseal::connect::hl7
