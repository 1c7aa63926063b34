// SPDX-License-Identifier: Apache-2.0
// Text that can be printed: each way in which bytes are no UTF-8, and each kind of character that
// is none to see. And the characters of names.
#include <string>

#include "certs/printable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

TEST(PrintableTest, TextOfEveryLengthOfSequenceIs) {
  for (const char* text : {"", "A", " ", "~", "\xC2\xA0", "\xC3\xA9", "\xDF\xBF", "\xE0\xA0\x80",
                           "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF3\xA1\x80\x80", "贾新生"}) {
    EXPECT_TRUE(IsPrintable(text)) << text;
  }
}

// Each would decode to something printable if only its own fault were overlooked.
TEST(PrintableTest, BytesThatAreNoUtf8AreNot) {
  for (const char* text : {"\x80", "\xBF", "\xFF", "\xF8\x88\x80\x80\x80", "A\xC3", "\xC3\x28",
                           "\xE8\x41\xBE", "\xE8\xB4\x41", "\xF0\xA0\x41\x80", "\xC1\x81",
                           "\xE0\x81\x81", "\xE0\x9F\xBF", "\xF0\x8B\xB4\xBE", "\xF0\x8F\xBF\xB0",
                           "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80"}) {
    EXPECT_FALSE(IsPrintable(text)) << text;
  }
}

// What goes on behind the end of the text belongs to somebody else.
TEST(PrintableTest, ASequenceThatIsCutByTheEndIsNot) {
  for (const absl::string_view whole : {"\xC3\xA9", "\xE8\xB4\xBE", "\xF0\xA0\xAE\xB7"}) {
    EXPECT_TRUE(IsPrintable(whole));
    for (size_t size = 1; size < whole.size(); ++size) {
      EXPECT_FALSE(IsPrintable(whole.substr(0, size))) << size;
    }
  }
}

std::string Utf8(uint32_t c) {
  std::string out;
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
  }
  if (c >= 0x800) put(0x80 | (c >> 6 & 0x3F));
  if (c >= 0x80) put(0x80 | (c & 0x3F));
  return out;
}

TEST(PrintableTest, EachRangeOfUnseenCharactersEndsWhereItShould) {
  constexpr uint32_t kRanges[][2] = {{0x01, 0x1F},     {0x7F, 0x9F},      {0xAD, 0xAD},
                                     {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F},
                                     {0xE000, 0xF8FF}, {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF},
                                     {0xFFF0, 0xFFFF}, {0xE0000, 0xE0FFF}};
  for (const auto& [from, to] : kRanges) {
    EXPECT_FALSE(IsPrintable(Utf8(from))) << std::hex << from;
    EXPECT_FALSE(IsPrintable(Utf8(to))) << std::hex << to;
    const bool text_before = from > 1 && from != 0xE000;  // there are no characters but surrogates
    if (text_before) EXPECT_TRUE(IsPrintable(Utf8(from - 1))) << std::hex << from - 1;
    EXPECT_TRUE(IsPrintable(Utf8(to + 1))) << std::hex << to + 1;
  }
  EXPECT_FALSE(IsPrintable(absl::string_view("\0", 1)));
  EXPECT_TRUE(IsPrintable(Utf8(0xEFFFF)));
  EXPECT_FALSE(IsPrintable(Utf8(0xF0000)));
  EXPECT_FALSE(IsPrintable(Utf8(0x10FFFF)));
}

std::vector<std::string> CodesOfName(const std::string& name) {
  TestCase test;
  test.application.newborn_name = name;
  return test.Codes();
}

TEST(NameCharactersTest, EachRangeOfHanEndsWhereItShould) {
  for (const uint32_t c :
       {0x3007u, 0x3400u, 0x4DBFu, 0x4E00u, 0x9FFFu, 0x20000u, 0x323AFu, 0xFA0Eu, 0xFA29u}) {
    EXPECT_THAT(CodesOfName("贾" + Utf8(c)), testing::IsEmpty()) << std::hex << c;
  }
  for (const uint32_t c : {0x3006u, 0x3008u, 0x33FFu, 0x4DC0u, 0xA000u, 0x1FFFFu, 0x323B0u, 0xFA0Du,
                           0xFA10u, 0xFA2Au}) {
    EXPECT_THAT(CodesOfName("贾" + Utf8(c)), testing::ElementsAre("NAME_CHARACTERS"))
        << std::hex << c;
  }
}

TEST(NameCharactersTest, OnlyWhatTheBasicTableLeavesOutIsRare) {
  for (const uint32_t c : {0x3007u, 0x4E00u, 0x9FA5u, 0xB7u}) {  // the last is a middle dot
    TestCase test;
    test.application.newborn_name = "贾" + Utf8(c) + "一";
    EXPECT_THAT(test.Notes(), testing::IsEmpty()) << std::hex << c;
  }
  for (const uint32_t c : {0x3400u, 0x9FA6u, 0x20000u, 0xFA0Eu}) {
    TestCase test;
    test.application.newborn_name = "贾" + Utf8(c);
    EXPECT_THAT(test.Notes(), testing::ElementsAre("NAME_RARE_CHARACTER")) << std::hex << c;
  }
}

// Rule N4.
TEST(NameCharactersTest, AForeignNameNeedsBothTheParentAndTheGround) {
  for (const bool foreign : {false, true}) {
    for (const bool ground : {false, true}) {
      TestCase test;
      test.application.newborn_name = "Ana-Lo O'É";
      if (foreign) test.application.mother.nationality = "NZL";
      if (ground) test.Bring(EvidenceKind::kNameOverride);
      const auto codes = test.Codes();
      EXPECT_EQ(std::count(codes.begin(), codes.end(), "NAME_CHARACTERS"),
                foreign && ground ? 0 : 1)
          << foreign << ground;
    }
  }
}

// Rule N3.
TEST(NameCharactersTest, ANameHasTwoCharactersAtLeast) {
  EXPECT_THAT(CodesOfName("贾"), testing::ElementsAre("NAME_TOO_SHORT"));
  EXPECT_THAT(CodesOfName("·"), testing::Contains("NAME_CHARACTERS"));
  EXPECT_THAT(CodesOfName(""), testing::ElementsAre("NEWBORN_NAME_MISSING"));
}

// Rule N10.
TEST(NameCharactersTest, TextHasItsLength) {
  const auto times = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "贾";
    return text;
  };
  EXPECT_THAT(CodesOfName(times(50)), testing::IsEmpty());
  EXPECT_THAT(CodesOfName(times(51)), testing::ElementsAre("TEXT_TOO_LONG"));
  TestCase test;
  test.application.mother.address = times(200);
  test.delivery.facility_name = times(70);
  EXPECT_THAT(test.Codes(), testing::IsEmpty());
  test.application.mother.address = times(201);
  EXPECT_THAT(test.Codes(), testing::ElementsAre("TEXT_TOO_LONG"));
  test.application.mother.address = "A\x01";
  EXPECT_THAT(test.Codes(), testing::ElementsAre("NAME_NOT_PRINTABLE"));
}

}  // namespace
}  // namespace birthseal::certs
