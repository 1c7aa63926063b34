// SPDX-License-Identifier: Apache-2.0
// The zip writer and the strict reader (Rule F1).
#include "certs/ofd/package.h"

#include <libdeflate.h>

#include "certs/ofd/reader.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kTooMuch = absl::StatusCode::kResourceExhausted;

std::vector<PartPtr> SmallParts() {
  return {MakePart("OFD.xml", "<ofd:OFD>one one one one one one</ofd:OFD>"),
          MakePart("Doc_0/Document.xml", "two", Method::kStored),
          MakePart("Doc_0/empty", "", Method::kStored)};
}

std::map<std::string, std::string> SmallFiles() {
  return {{"OFD.xml", "<ofd:OFD>one one one one one one</ofd:OFD>"},
          {"Doc_0/Document.xml", "two"},
          {"Doc_0/empty", ""}};
}

std::string Zip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<PartPtr> parts;
  for (const auto& [path, content] : files) parts.push_back(MakePart(path, content));
  return WritePackage(parts);
}

bool Warned(const OpenPackage& package, const std::string& code) {
  return std::find(package.warnings.begin(), package.warnings.end(), code) !=
         package.warnings.end();
}

const char kLocal[] = "PK\3\4", kCentral[] = "PK\1\2", kEnd[] = "PK\5\6";

TEST(PackageTest, SamePartsGiveTheSameBytes) {
  EXPECT_EQ(WritePackage(SmallParts()), WritePackage(SmallParts()));
}

TEST(PackageTest, ReadsBackWhatWasWrittenWithoutWarning) {
  const auto package = ReadPackage(WritePackage(SmallParts()));
  ASSERT_OK(package);
  EXPECT_EQ(package->files, SmallFiles());
  EXPECT_TRUE(package->warnings.empty());
}

TEST(PackageTest, PartKnowsSumSizeAndDigestOfItsContent) {
  const PartPtr part = MakePart("a", "123456789");
  EXPECT_EQ(part->crc32, 0xcbf43926u);  // the check value of CRC-32
  EXPECT_EQ(part->size, 9u);
  EXPECT_EQ(part->digest, Sm3Of("123456789"));
}

TEST(PackageTest, EveryFlippedBitIsRefusedOrLeavesNamesAndContentEqual) {
  const std::string zip = WritePackage(SmallParts());
  // Deflate has padding bits without meaning: only outside of it must each bit be accounted for.
  const size_t deflated = 30 + std::string("OFD.xml").size();
  const size_t deflated_end = deflated + SmallParts()[0]->data.size();
  for (size_t bit = 0; bit < zip.size() * 8; ++bit) {
    std::string flipped = zip;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto package = ReadPackage(flipped);
    if (!package.ok()) continue;
    EXPECT_EQ(package->files, SmallFiles()) << "bit " << bit;
    if (bit / 8 >= deflated && bit / 8 < deflated_end) continue;
    EXPECT_FALSE(package->warnings.empty()) << "bit " << bit << " is unaccounted for";
  }
}

TEST(PackageTest, EveryTruncationIsRefused) {
  const std::string zip = WritePackage(SmallParts());
  for (size_t size = 0; size < zip.size(); ++size) {
    EXPECT_FALSE(ReadPackage(zip.substr(0, size)).ok()) << size;
  }
}

// Rule F1.
TEST(PackageTest, DuplicateNameIsRefused) {
  EXPECT_THAT(ReadPackage(Zip({{"OFD.xml", "a"}, {"OFD.xml", "b"}})),
              StatusIs(kInvalid, "PACKAGE_DUPLICATE_NAME"));
}

TEST(PackageTest, NamesThatClashWhenFoldedAreRefused) {
  EXPECT_THAT(ReadPackage(Zip({{"OFD.xml", "a"}, {"ofd.XML", "b"}})),
              StatusIs(kInvalid, "PACKAGE_DUPLICATE_NAME"));
  // Kelvin sign against k; composed against decomposed.
  EXPECT_THAT(ReadPackage(Zip({{"k", "a"}, {"\xe2\x84\xaa", "b"}})),
              StatusIs(kInvalid, "PACKAGE_DUPLICATE_NAME"));
  EXPECT_THAT(ReadPackage(Zip({{"\xc3\xa9", "a"}, {"e\xcc\x81", "b"}})),
              StatusIs(kInvalid, "PACKAGE_DUPLICATE_NAME"));
}

TEST(PackageTest, NameThatIsFileAndFolderIsRefused) {
  EXPECT_THAT(ReadPackage(Zip({{"a", "1"}, {"a/b", "2"}})),
              StatusIs(kInvalid, "PACKAGE_DUPLICATE_NAME"));
}

TEST(PackageTest, EscapingAndAbsoluteNamesAreRefused) {
  for (const char* name : {"../a", "a/../b", "/a", "a//b", "./a", "a\\b", "C:a", "a/..", "\x01"}) {
    EXPECT_THAT(ReadPackage(Zip({{name, "x"}})), StatusIs(kInvalid, "PACKAGE_NAME")) << name;
  }
  EXPECT_THAT(ReadPackage(Zip({{"\xff\xfe", "x"}})), StatusIs(kInvalid, "PACKAGE_NAME"));
}

// Rule F1.
TEST(PackageTest, EncryptionIsRefused) {
  std::string zip = tests::Patched(WritePackage(SmallParts()), kLocal, 0, 6, 1, 2);
  EXPECT_THAT(ReadPackage(zip), StatusIs(kInvalid, "PACKAGE_ENCRYPTED"));
}

TEST(PackageTest, LocalHeaderThatDisagreesIsRefused) {
  const std::string zip = WritePackage(SmallParts());
  EXPECT_THAT(ReadPackage(tests::Patched(zip, kLocal, 1, 8, 8, 2)),
              StatusIs(kInvalid, "PACKAGE_HEADERS_DISAGREE"));
  EXPECT_THAT(ReadPackage(tests::Patched(zip, kLocal, 1, 22, 4, 4)),
              StatusIs(kInvalid, "PACKAGE_HEADERS_DISAGREE"));
  EXPECT_THAT(ReadPackage(tests::Patched(zip, kLocal, 1, 30, 'd', 1)),
              StatusIs(kInvalid, "PACKAGE_HEADERS_DISAGREE"));
}

TEST(PackageTest, OverlappingEntriesAreRefused) {
  const std::string zip = WritePackage(SmallParts());
  EXPECT_THAT(ReadPackage(tests::Patched(zip, kCentral, 1, 42, 0, 4)),
              StatusIs(kInvalid, "PACKAGE_OVERLAP"));
}

// Rule F1.
TEST(PackageTest, DataBetweenEntriesIsRefused) {
  std::string zip = WritePackage(SmallParts());
  const size_t second = zip.find(kLocal, 4), central = zip.find(kCentral);
  zip.insert(second, "hidden");
  zip = tests::Patched(zip, kEnd, 0, 16, static_cast<uint32_t>(central + 6), 4);
  zip = tests::Patched(zip, kCentral, 1, 42, static_cast<uint32_t>(second + 6), 4);
  const size_t third = zip.find(kLocal, second + 10);
  zip = tests::Patched(zip, kCentral, 2, 42, static_cast<uint32_t>(third), 4);
  EXPECT_THAT(ReadPackage(zip), StatusIs(kInvalid, "PACKAGE_GAP"));
}

TEST(PackageTest, DataBehindADeflateStreamIsRefused) {
  auto part = std::make_shared<Part>(*MakePart("OFD.xml", "content"));
  part->data += "hidden";
  EXPECT_THAT(ReadPackage(WritePackage({part})), StatusIs(kInvalid, "PACKAGE_GAP"));
}

TEST(PackageTest, WrongSumIsRefused) {
  auto part = std::make_shared<Part>(*MakePart("OFD.xml", "content"));
  part->crc32 ^= 1;
  EXPECT_THAT(ReadPackage(WritePackage({part})), StatusIs(kInvalid, "PACKAGE_CRC"));
}

TEST(PackageTest, Zip64IsRefused) {
  EXPECT_THAT(ReadPackage(tests::Patched(WritePackage(SmallParts()), kEnd, 0, 16, 0xffffffff, 4)),
              StatusIs(kInvalid, "PACKAGE_ZIP64"));
}

TEST(PackageTest, BombIsRefused) {
  EXPECT_THAT(ReadPackage(Zip({{"OFD.xml", std::string(3 << 20, 'a')}})),
              StatusIs(kTooMuch, "PACKAGE_RATIO"));
  ReaderLimits limits;
  limits.max_total_bytes = 1000;
  EXPECT_THAT(
      ReadPackage(Zip({{"a", std::string(600, 'a')}, {"b", std::string(600, 'b')}}), limits),
      StatusIs(kTooMuch, "PACKAGE_SIZE"));
}

TEST(PackageTest, TooManyEntriesAreRefused) {
  ReaderLimits limits;
  limits.max_files = 2;
  EXPECT_THAT(ReadPackage(WritePackage(SmallParts()), limits), StatusIs(kTooMuch, "PACKAGE_FILES"));
}

TEST(PackageTest, PrefixCommentAndTrailingDataAreWarnings) {
  const std::string zip = WritePackage(SmallParts());
  auto prefixed = ReadPackage("header of another product" + zip);
  ASSERT_OK(prefixed);
  EXPECT_EQ(prefixed->files, SmallFiles());
  EXPECT_TRUE(Warned(*prefixed, "PACKAGE_PREFIX_DATA"));
  auto commented = ReadPackage(tests::Patched(zip, kEnd, 0, 20, 3, 2) + "KRC");
  ASSERT_OK(commented);
  EXPECT_TRUE(Warned(*commented, "PACKAGE_COMMENT"));
  auto trailing = ReadPackage(zip + "KRC");
  ASSERT_OK(trailing);
  EXPECT_TRUE(Warned(*trailing, "PACKAGE_TRAILING_DATA"));
}

TEST(PackageTest, TwoPackagesInOneFileAreRefused) {
  const std::string zip = WritePackage(SmallParts());
  EXPECT_THAT(ReadPackage(zip + zip), StatusIs(kInvalid, "PACKAGE_END"));
}

TEST(EntryCacheTest, APackageReadsTheSameWithAndWithoutCache) {
  const std::string zip = Zip({{"OFD.xml", std::string(5000, 'a')}, {"b", "small"}});
  EntryCache cache;
  for (int i = 0; i < 4; ++i) {
    const auto package = ReadPackage(zip, {}, &cache);
    ASSERT_OK(package);
    EXPECT_EQ(package->files, ReadPackage(zip)->files) << i;
  }
}

TEST(EntryCacheTest, OnlyTheVerySameBytesSumAndSizeAreTakenFromTheCache) {
  const PartPtr part = MakePart("OFD.xml", std::string(5000, 'a'));
  EntryCache cache;
  const auto unpack = [&](const std::string& data, size_t size, uint32_t sum) {
    return UnpackEntry(static_cast<uint16_t>(part->method), data, size, sum, &cache);
  };
  for (int i = 0; i < 3; ++i) ASSERT_OK(unpack(part->data, part->size, part->crc32));
  ASSERT_NE(cache.Find(part->data, part->crc32, part->size), nullptr);
  for (size_t bit = 0; bit < part->data.size() * 8; ++bit) {
    std::string data = part->data;
    data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(cache.Find(data, part->crc32, part->size), nullptr);
    const auto content = unpack(data, part->size, part->crc32);
    if (content.ok()) EXPECT_EQ(*content, std::string(5000, 'a')) << bit;
  }
  EXPECT_FALSE(unpack(part->data, part->size - 1, part->crc32).ok());
  EXPECT_THAT(unpack(part->data, part->size, part->crc32 ^ 1), StatusIs(kInvalid, "PACKAGE_CRC"));
}

// Empty deflate blocks make an entry long without making its content longer.
TEST(EntryCacheTest, AnEntryThatIsLongerPackedThanUnpackedIsNotKept) {
  const std::string content(5000, 'a');
  std::string padded;
  for (int i = 0; i < 200'000; ++i) padded += std::string("\0\0\0\xff\xff", 5);
  const PartPtr part = MakePart("OFD.xml", content);
  padded += part->data;
  EntryCache cache;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(
        UnpackEntry(static_cast<uint16_t>(part->method), padded, part->size, part->crc32, &cache));
  }
  EXPECT_EQ(cache.Find(padded, part->crc32, part->size), nullptr);
}

TEST(ResolvePathTest, ResolvesFromRootAndFromTheFolderOfTheFile) {
  EXPECT_EQ(*ResolvePath("Doc_0/Document.xml", "/OFD.xml"), "OFD.xml");
  EXPECT_EQ(*ResolvePath("Doc_0/Document.xml", "Pages/Page_0/Content.xml"),
            "Doc_0/Pages/Page_0/Content.xml");
  EXPECT_EQ(*ResolvePath("Doc_0/Signs/Signatures.xml", "../Res/a.ttf"), "Doc_0/Res/a.ttf");
}

TEST(ResolvePathTest, RefusesPathsThatLeaveThePackage) {
  EXPECT_THAT(ResolvePath("OFD.xml", "../a"), StatusIs(kInvalid, "PATH_ESCAPES"));
  EXPECT_THAT(ResolvePath("a/b.xml", "../../c"), StatusIs(kInvalid, "PATH_ESCAPES"));
  EXPECT_THAT(ResolvePath("OFD.xml", "a\\b"), StatusIs(kInvalid, "PATH_FORBIDDEN"));
  EXPECT_THAT(ResolvePath("OFD.xml", ""), StatusIs(kInvalid, "PATH_EMPTY"));
}

}  // namespace
}  // namespace birthseal::certs::ofd
