// SPDX-License-Identifier: Apache-2.0
// Each field of the zip headers alone: what differs, and where, and the one answer to it.
#include "certs/ofd/reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_zip.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::kCentral;
using tests::kEnd;
using tests::kLocal;
using tests::Patched;
using tests::StatusIs;
using tests::TwoFiles;
using tests::WithDescriptor;
using tests::WithExtra;
using tests::ZipOf;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// The same in both headers of the first entry; `at` is that of the local one.
std::string InBoth(size_t at, uint32_t value, int bytes) {
  return Patched(TwoFiles(kLocal, 0, at, value, bytes), kCentral, 0, at + 2, value, bytes);
}

TEST(ReaderRowsTest, WhatOurWriterNeverWritesIsAWarning) {
  const std::pair<const char*, std::string> cases[] = {
      {"version needed, local", TwoFiles(kLocal, 0, 4, 10, 2)},
      {"version needed, central", TwoFiles(kCentral, 0, 6, 10, 2)},
      {"names in UTF-8", InBoth(6, 0x0800, 2)},
      {"a compression level", InBoth(6, 0x0002, 2)},
      {"a time", InBoth(10, 7, 2)},
      {"a date", InBoth(12, 7, 2)},
      {"an extra field, local", WithExtra(std::string("\x55\x54\x01\0x", 5), true, false)},
      {"an extra field, central", WithExtra(std::string("\x55\x54\x01\0x", 5), false, true)},
      {"made by another", TwoFiles(kCentral, 0, 4, 63, 2)},
      {"internal attributes", TwoFiles(kCentral, 0, 36, 1, 2)},
      {"external attributes", TwoFiles(kCentral, 0, 38, 1, 4)},
  };
  for (const auto& [what, zip] : cases) {
    const auto package = ReadPackage(zip);
    ASSERT_OK(package) << what;
    EXPECT_THAT(package->warnings, testing::ElementsAre("PACKAGE_NONCANONICAL")) << what;
  }
}

struct Row {
  const char *what, *reason;
  std::string zip;
};
void ExpectRefused(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_THAT(ReadPackage(row.zip), StatusIs(kInvalid, row.reason)) << row.what;
  }
}

TEST(ReaderRowsTest, BothHeadersSayTheSame) {
  const char* reason = "PACKAGE_HEADERS_DISAGREE";
  ExpectRefused({{"flags, local", reason, TwoFiles(kLocal, 0, 6, 2, 2)},
                 {"flags, central", reason, TwoFiles(kCentral, 0, 8, 2, 2)},
                 {"method", reason, TwoFiles(kLocal, 0, 8, 8, 2)},
                 {"time", reason, TwoFiles(kLocal, 0, 10, 7, 2)},
                 {"date", reason, TwoFiles(kLocal, 0, 12, 7, 2)},
                 {"sum", reason, TwoFiles(kLocal, 0, 14, 7, 4)},
                 {"packed size", reason, TwoFiles(kLocal, 0, 18, 7, 4)},
                 {"size", reason, TwoFiles(kLocal, 0, 22, 7, 4)},
                 {"name", reason, TwoFiles(kLocal, 0, 30, 'o', 1)}});
}

TEST(ReaderRowsTest, ADescriptorSaysWhatTheDirectorySays) {
  const std::string sum = ZipOf({{"b", "two"}}).substr(14, 4), three("\3\0\0\0", 4);
  const std::string four("\4\0\0\0", 4), zero(4, '\0');
  EXPECT_OK(ReadPackage(WithDescriptor(sum + three + three)));
  const char* reason = "PACKAGE_HEADERS_DISAGREE";
  ExpectRefused({{"sum", reason, WithDescriptor(zero + three + three)},
                 {"packed size", reason, WithDescriptor(sum + four + three)},
                 {"size", reason, WithDescriptor(sum + three + four)},
                 {"a signature of another kind", "PACKAGE_GAP",
                  WithDescriptor("PK\7\7" + sum + three + three)}});
}

TEST(ReaderRowsTest, AnExtraFieldMayStandInOneHeaderAlone) {
  const std::string zip64("\1\0\0\0", 4), name("\x75\x70\1\0x", 5), cut("\x55\x54\x09\0x", 5);
  for (const bool local : {false, true}) {
    ExpectRefused({{"zip64", "PACKAGE_ZIP64", WithExtra(zip64, local, !local)},
                   {"a second name", "PACKAGE_NAME", WithExtra(name, local, !local)},
                   {"cut", "PACKAGE_EXTRA", WithExtra(cut, local, !local)},
                   {"no header of its own", "PACKAGE_EXTRA", WithExtra("xyz", local, !local)}});
  }
}

// `size` and `offset` of the central directory as the end record gives them.
std::string WithEnd(const std::string& zip, size_t size, size_t offset) {
  return Patched(Patched(zip, kEnd, 0, 12, static_cast<uint32_t>(size), 4), kEnd, 0, 16,
                 static_cast<uint32_t>(offset), 4);
}

TEST(ReaderRowsTest, TheDirectoryIsWhereTheEndRecordSays) {
  const std::string zip = TwoFiles();
  const size_t central = zip.find(kCentral), end = zip.find(kEnd), size = end - central;
  EXPECT_OK(ReadPackage(WithEnd(zip, size, central)));
  // The four bytes before the end record look like the beginning of an entry.
  const std::string named = ZipOf({{"OFD.xml", "one"}, {"PK\1\2", "two"}});
  ExpectRefused(
      {{"larger than what stands before", "PACKAGE_END", WithEnd(zip, end + 1, 0)},
       {"behind where it stands", "PACKAGE_END", WithEnd(zip, size, central + 1)},
       {"beside where it stands", "PACKAGE_END", WithEnd(zip, size - 1, central)},
       {"smaller than one entry", "PACKAGE_END", WithEnd(named, 4, named.find(kEnd) - 4)}});
}

// Zeros but for what would be a sign of zip64 in an end record.
TEST(ReaderRowsTest, WithoutAnEndRecordNothingIsReadAsOne) {
  std::string zeros(100, '\0');
  zeros[10] = zeros[11] = '\xff';
  EXPECT_THAT(ReadPackage(zeros), StatusIs(kInvalid, "PACKAGE_END"));
}

// What stands before the end record begins like an entry but has not its length; the rest would be
// read from the end record.
TEST(ReaderRowsTest, AnEntryDoesNotReachIntoTheEndRecord) {
  std::string entry(40, '\0');
  entry.replace(0, 4, kCentral);
  entry[30] = 4;  // bytes of an extra field
  std::string zip = tests::BehindTheCentralDirectory(entry);
  zip = Patched(Patched(zip, kEnd, 0, 8, 3, 2), kEnd, 0, 10, 3, 2);
  ExpectRefused({{"cut", "PACKAGE_CENTRAL", zip}});
}

TEST(ReaderRowsTest, EntriesStandOneBehindTheOther) {
  ExpectRefused({{"ten bytes of room for a header", "PACKAGE_LOCAL",
                  Patched(TwoFiles(kCentral, 1, 42, 10, 4), kLocal, 0, 6, 1, 2)},
                 {"behind the directory", "PACKAGE_OVERLAP", TwoFiles(kCentral, 1, 42, 5000, 4)},
                 {"both behind the directory", "PACKAGE_OVERLAP",
                  Patched(TwoFiles(kCentral, 1, 42, 5001, 4), kCentral, 0, 42, 5000, 4)}});
}

TEST(ReaderRowsTest, ANameHas512BytesAtMost) {
  EXPECT_OK(ReadPackage(ZipOf({{std::string(512, 'a'), "x"}})));
  EXPECT_THAT(ReadPackage(ZipOf({{std::string(513, 'a'), "x"}})),
              StatusIs(kInvalid, "PACKAGE_NAME"));
  EXPECT_THAT(ReadPackage(ZipOf({{"", "x"}})), StatusIs(kInvalid, "PACKAGE_NAME"));
  EXPECT_THAT(ReadPackage(ZipOf({{"/", ""}})), StatusIs(kInvalid, "PACKAGE_NAME"));
}

absl::StatusOr<std::string> Unpacked(Method method, const std::string& packed, size_t size,
                                     uint32_t sum, EntryCache* cache = nullptr) {
  return UnpackEntry(static_cast<uint16_t>(method), packed, size, sum, cache);
}

TEST(UnpackEntryTest, TheSizeIsThatOfTheContent) {
  const PartPtr part = MakePart("a", "content"), stored = MakePart("a", "content", Method::kStored);
  const PartPtr empty = MakePart("a", "");
  EXPECT_OK(Unpacked(Method::kDeflated, part->data, 7, part->crc32));
  EXPECT_OK(Unpacked(Method::kStored, "content", 7, part->crc32));
  for (const size_t size : {0, 6, 8, 100}) {
    EXPECT_THAT(Unpacked(Method::kDeflated, part->data, size, part->crc32),
                StatusIs(kInvalid, "PACKAGE_DEFLATE"))
        << size;
    EXPECT_THAT(Unpacked(Method::kStored, "content", size, part->crc32),
                StatusIs(kInvalid, "PACKAGE_CRC"))
        << size;
  }
  EXPECT_OK(Unpacked(Method::kDeflated, empty->data, 0, empty->crc32));
  EXPECT_THAT(Unpacked(Method::kDeflated, "\xff", 0, empty->crc32),
              StatusIs(kInvalid, "PACKAGE_DEFLATE"));
  EXPECT_THAT(Unpacked(Method::kDeflated, "", 0, empty->crc32),
              StatusIs(kInvalid, "PACKAGE_DEFLATE"));
}

TEST(EntryCacheRowsTest, AnEntryOfAnotherSizeIsAnother) {
  const PartPtr part = MakePart("a", std::string(5000, 'a'));
  EntryCache cache;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(Unpacked(Method::kDeflated, part->data, 5000, part->crc32, &cache));
  }
  EXPECT_NE(cache.Find(part->data, part->crc32, 5000), nullptr);
  for (const size_t size : {4999, 5001}) {
    EXPECT_EQ(cache.Find(part->data, part->crc32, size), nullptr) << size;
    EXPECT_THAT(Unpacked(Method::kDeflated, part->data, size, part->crc32, &cache),
                StatusIs(kInvalid, "PACKAGE_DEFLATE"));
  }
}

TEST(EntryCacheRowsTest, WhatIsTooSmallOrTooLargeIsNotKept) {
  for (const auto& [size, kept] : {std::pair<size_t, bool>{1023, false},
                                   {1024, true},
                                   {512u << 10, true},
                                   {(512u << 10) + 1, false}}) {
    const PartPtr part = MakePart("a", std::string(size, 'a'));
    EntryCache cache;
    for (int i = 0; i < 3; ++i) {
      ASSERT_OK(Unpacked(Method::kDeflated, part->data, size, part->crc32, &cache));
    }
    EXPECT_EQ(cache.Find(part->data, part->crc32, size) != nullptr, kept) << size;
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
