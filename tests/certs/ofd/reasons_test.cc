// SPDX-License-Identifier: Apache-2.0
// Every reason that the reader, the structure and the XML can give, by a small package with that
// one thing wrong. The table is held to the sources: as many rows for a code as places that give
// it.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <ostream>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/errors.h"
#include "certs/ofd/structure.h"
#include "certs/ofd/xml.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_package.h"
#include "tests/certs/ofd/small_zip.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs::ofd {
namespace {

using tests::BehindTheCentralDirectory;
using tests::Changed;
using tests::kCentral;
using tests::kEnd;
using tests::kLocal;
using tests::OfdXml;
using tests::Patched;
using tests::SmallPackage;
using tests::TwoFiles;
using tests::WithDescriptor;
using tests::WithExtra;
using tests::ZipOf;

// What reading gave: a refusal, or the warnings.
struct Found {
  absl::Status status;
  std::vector<std::string> warnings;
};
struct Row {
  const char* what;
  const char* code;
  std::function<Found()> read;
  bool refused = true;  // false: a warning
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.code << ", " << row.what; }

Found OfZip(const std::string& zip, const ReaderLimits& limits = {}) {
  const auto package = ReadPackage(zip, limits);
  return {package.status(), package.ok() ? package->warnings : std::vector<std::string>()};
}
Found OfStructure(const OpenPackage& package) {
  const auto structure = ReadStructure(package);
  return {structure.status(), structure.ok() ? structure->warnings : std::vector<std::string>()};
}

// An entry that says something else of itself than its headers do.
std::string OnePart(const std::function<void(Part*)>& change) {
  auto part = std::make_shared<Part>(*MakePart("OFD.xml", "content"));
  change(part.get());
  return WritePackage({part});
}
std::string EmptyZip() {  // no entry, and yet a central directory
  std::string zip = TwoFiles();
  zip = Patched(zip, kEnd, 0, 8, 0, 2);
  return Patched(zip, kEnd, 0, 10, 0, 2);
}
ReaderLimits Limits(const std::function<void(ReaderLimits*)>& change) {
  ReaderLimits limits;
  change(&limits);
  return limits;
}
OpenPackage With(const std::string& path, const std::string& content) {
  OpenPackage package = SmallPackage();
  package.files[path] = content;
  return package;
}
std::string Times(size_t count, const std::string& text) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::vector<Row> NameRows() {
  const auto zip = [](const char* name) { return [=] { return OfZip(ZipOf({{name, "x"}})); }; };
  return {
      {"empty name", "PACKAGE_NAME", zip("")},
      {"long name", "PACKAGE_NAME",
       [] {
         return OfZip(ZipOf({{std::string(513, 'a'), "x"}}));
       }},
      {"backslash", "PACKAGE_NAME", zip("a\\b")},
      {"colon", "PACKAGE_NAME", zip("a:b")},
      {"delete character", "PACKAGE_NAME", zip("a\x7f")},
      {"control character", "PACKAGE_NAME", zip("a\x1f")},
      {"absolute", "PACKAGE_NAME", zip("/a")},
      {"dotted", "PACKAGE_NAME", zip("a/./b")},
      {"upwards", "PACKAGE_NAME", zip("a/../b")},
      {"not UTF-8", "PACKAGE_NAME", zip("\xff\xfe")},
      {"folder with content", "PACKAGE_NAME", zip("a/")},
      {"second name in an extra field", "PACKAGE_NAME",
       [] { return OfZip(WithExtra(std::string("\x75\x70\x01\0x", 5))); }},
      {"same name", "PACKAGE_DUPLICATE_NAME",
       [] {
         return OfZip(ZipOf({{"a", ""}, {"A", ""}}));
       }},
      {"file and folder", "PACKAGE_DUPLICATE_NAME",
       [] {
         return OfZip(ZipOf({{"a", "1"}, {"a/b", "2"}}));
       }},
  };
}

std::vector<Row> EndRows() {
  return {
      {"too short", "PACKAGE_END", [] { return OfZip("PK"); }},
      {"two end records", "PACKAGE_END", [] { return OfZip(TwoFiles() + TwoFiles()); }},
      {"no end record", "PACKAGE_END", [] { return OfZip(std::string(100, 'x')); }},
      {"comment past the end", "PACKAGE_END", [] { return OfZip(TwoFiles(kEnd, 0, 20, 5, 2)); }},
      {"number of this disk", "PACKAGE_END", [] { return OfZip(TwoFiles(kEnd, 0, 4, 1, 2)); }},
      {"entries of this disk", "PACKAGE_END", [] { return OfZip(TwoFiles(kEnd, 0, 8, 1, 2)); }},
      {"directory elsewhere", "PACKAGE_END", [] { return OfZip(TwoFiles(kEnd, 0, 12, 60, 4)); }},
      {"zip64 offset", "PACKAGE_ZIP64", [] { return OfZip(TwoFiles(kEnd, 0, 16, ~0u, 4)); }},
      {"zip64 size", "PACKAGE_ZIP64", [] { return OfZip(TwoFiles(kEnd, 0, 12, ~0u, 4)); }},
      {"zip64 count", "PACKAGE_ZIP64", [] { return OfZip(TwoFiles(kEnd, 0, 10, ~0u, 2)); }},
      {"zip64 extra field", "PACKAGE_ZIP64",
       [] { return OfZip(WithExtra(std::string("\x01\0\0\0", 4))); }},
      {"cut extra field", "PACKAGE_EXTRA",
       [] { return OfZip(WithExtra(std::string("\x55\x54\x09\0x", 5))); }},
      {"comment", "PACKAGE_COMMENT", [] { return OfZip(TwoFiles(kEnd, 0, 20, 3, 2) + "abc"); },
       false},
      {"trailing data", "PACKAGE_TRAILING_DATA", [] { return OfZip(TwoFiles() + "x"); }, false},
      {"prefix not counted", "PACKAGE_PREFIX_DATA", [] { return OfZip("prefix" + TwoFiles()); },
       false},
      {"prefix counted", "PACKAGE_PREFIX_DATA",
       [] {
         std::string zip = "prefix" + TwoFiles();
         zip = Patched(zip, kEnd, 0, 16, static_cast<uint32_t>(zip.find(kCentral)), 4);
         zip = Patched(zip, kCentral, 0, 42, 6, 4);
         return OfZip(Patched(zip, kCentral, 1, 42, 6 + 30 + 7 + 3, 4));
       },
       false},
  };
}

std::vector<Row> CentralRows() {
  const auto patched = [](const char* header, int nth, size_t at, uint32_t value, int bytes) {
    return [=] { return OfZip(TwoFiles(header, nth, at, value, bytes)); };
  };
  return {
      {"too many entries", "PACKAGE_FILES",
       [] { return OfZip(TwoFiles(), Limits([](ReaderLimits* l) { l->max_files = 1; })); }},
      {"second entry is none", "PACKAGE_CENTRAL", patched(kCentral, 1, 0, 0, 1)},
      {"name past the end", "PACKAGE_CENTRAL", patched(kCentral, 1, 28, 999, 2)},
      {"entry on another disk", "PACKAGE_CENTRAL", patched(kCentral, 0, 34, 1, 2)},
      {"hidden bytes behind it", "PACKAGE_CENTRAL",
       [] { return OfZip(BehindTheCentralDirectory("hidden")); }},
      {"a third entry behind it", "PACKAGE_CENTRAL",
       [] {
         const std::string zip = TwoFiles();
         const size_t from = zip.rfind(kCentral);
         return OfZip(BehindTheCentralDirectory(zip.substr(from, zip.find(kEnd) - from)));
       }},
      {"made by another", "PACKAGE_NONCANONICAL", patched(kCentral, 0, 4, 63, 2), false},
      {"another time in the local header", "PACKAGE_HEADERS_DISAGREE",
       patched(kLocal, 0, 10, 7, 2)},
      {"another version in the local header", "PACKAGE_NONCANONICAL", patched(kLocal, 0, 4, 10, 2),
       false},
      {"a folder", "PACKAGE_NONCANONICAL",
       [] {
         return OfZip(ZipOf({{"OFD.xml", "one"}, {"folder/", ""}}));
       },
       false},
      {"OFD.xml not first", "PACKAGE_NONCANONICAL",
       [] {
         return OfZip(ZipOf({{"b", "two"}, {"OFD.xml", "one"}}));
       },
       false},
      {"entries in another order", "PACKAGE_NONCANONICAL",
       [] {
         const std::string zip = ZipOf({{"OFD.xml", "one"}, {"b", "two"}, {"c", "three"}});
         const size_t second = zip.find(kCentral, zip.find(kCentral) + 4);
         const size_t third = zip.rfind(kCentral), end = zip.find(kEnd);
         return OfZip(zip.substr(0, second) + zip.substr(third, end - third) +
                      zip.substr(second, third - second) + zip.substr(end));
       },
       false},
      {"no entries", "PACKAGE_CENTRAL", [] { return OfZip(EmptyZip()); }},
  };
}

std::vector<Row> EntryRows() {
  const std::string sum = std::string("\0\0\0\0", 4), size = std::string("\3\0\0\0", 4);
  return {
      {"no local header", "PACKAGE_LOCAL", [] { return OfZip(TwoFiles(kLocal, 1, 0, 0, 1)); }},
      {"local header cut", "PACKAGE_LOCAL", [] { return OfZip(TwoFiles(kLocal, 1, 26, 99, 2)); }},
      {"encrypted", "PACKAGE_ENCRYPTED", [] { return OfZip(TwoFiles(kLocal, 0, 6, 1, 2)); }},
      {"encrypted by the directory", "PACKAGE_ENCRYPTED",
       [] { return OfZip(TwoFiles(kCentral, 0, 8, 1, 2)); }},
      {"unknown flags", "PACKAGE_FLAGS", [] { return OfZip(TwoFiles(kCentral, 0, 8, 16, 2)); }},
      {"another name", "PACKAGE_HEADERS_DISAGREE",
       [] { return OfZip(TwoFiles(kLocal, 0, 30, 'x', 1)); }},
      {"descriptor of another sum", "PACKAGE_HEADERS_DISAGREE",
       [=] { return OfZip(WithDescriptor(sum + size + size)); }},
      {"neither descriptor nor nothing", "PACKAGE_GAP",
       [] { return OfZip(WithDescriptor("hidden")); }},
      {"data between", "PACKAGE_GAP",
       [] {
         std::string zip = TwoFiles();
         const size_t central = zip.find(kCentral);
         zip.insert(central, "hidden");
         return OfZip(Patched(zip, kEnd, 0, 16, static_cast<uint32_t>(central + 6), 4));
       }},
      {"longer than its room", "PACKAGE_OVERLAP",
       [] {
         std::string zip = TwoFiles(kLocal, 0, 18, 999, 4);
         return OfZip(Patched(zip, kCentral, 0, 20, 999, 4));
       }},
      {"two at one place", "PACKAGE_OVERLAP",
       [] { return OfZip(TwoFiles(kCentral, 1, 42, 0, 4)); }},
      {"large file", "PACKAGE_SIZE",
       [] { return OfZip(TwoFiles(), Limits([](ReaderLimits* l) { l->max_file_bytes = 2; })); }},
      {"large together", "PACKAGE_SIZE",
       [] { return OfZip(TwoFiles(), Limits([](ReaderLimits* l) { l->max_total_bytes = 5; })); }},
      {"large package", "PACKAGE_SIZE",
       [] { return OfZip(TwoFiles(), Limits([](ReaderLimits* l) { l->max_package_bytes = 9; })); }},
      {"bomb", "PACKAGE_RATIO",
       [] { return OfZip(WritePackage({MakePart("OFD.xml", std::string(3 << 20, 'a'))})); }},
      {"damaged stream", "PACKAGE_DEFLATE",
       [] { return OfZip(OnePart([](Part* part) { part->data[0] = '\xff'; })); }},
      {"data behind the stream", "PACKAGE_GAP",
       [] { return OfZip(OnePart([](Part* part) { part->data += "hidden"; })); }},
      {"unknown method", "PACKAGE_METHOD",
       [] { return OfZip(OnePart([](Part* part) { part->method = static_cast<Method>(9); })); }},
      {"wrong sum", "PACKAGE_CRC", [] { return OfZip(OnePart([](Part* p) { p->crc32 ^= 1; })); }},
  };
}

std::vector<Row> PathRows() {
  const auto path = [](const char* base, const char* reference) {
    return [=] { return Found{ResolvePath(base, reference).status(), {}}; };
  };
  return {{"backslash", "PATH_FORBIDDEN", path("a/b", "c\\d")},
          {"colon", "PATH_FORBIDDEN", path("a/b", "c:d")},
          {"upwards", "PATH_ESCAPES", path("a/b", "../../c")},
          {"upwards from the root", "PATH_ESCAPES", path("a/b", "/../c")},
          {"nothing", "PATH_EMPTY", path("b", "")},
          {"the root", "PATH_EMPTY", path("a/b", "/")}};
}

std::vector<Row> StructureRows() {
  const auto changed = [](const char* file, const char* from, const char* to) {
    return [=] { return OfStructure(Changed(file, from, to)); };
  };
  constexpr const char* ofd = "OFD.xml";
  constexpr const char* document = "Doc_0/Document.xml";
  constexpr const char* page = "Doc_0/Pages/P.xml";
  return {
      {"no OFD.xml", "STRUCTURE_ENTRY", [] { return OfStructure({}); }},
      {"two bodies", "STRUCTURE_DOC_BODY",
       changed(ofd, "</ofd:DocBody>", "</ofd:DocBody><ofd:DocBody/>")},
      {"no body", "STRUCTURE_DOC_BODY", changed(ofd, "DocBody", "Body")},
      {"no document", "STRUCTURE_DOC_ROOT", changed(ofd, "Doc_0/Document.xml", "Doc_9/D.xml")},
      {"another root", "STRUCTURE_ROOT", changed(document, "ofd:Document", "ofd:Other")},
      {"no page file", "STRUCTURE_PAGE", changed(document, "Pages/P.xml", "Pages/Q.xml")},
      {"too many pages", "STRUCTURE_PAGE",
       [=] {
         const std::string one = "<ofd:Page ID=\"7\" BaseLoc=\"Pages/P.xml\"/>";
         return OfStructure(Changed(document, one, Times(1001, one)));
       }},
      {"text repeated by tags", "STRUCTURE_TAGS",
       [=] {
         OpenPackage package = Changed(page, "second", std::string(1u << 20, 'x'));
         package.files["Doc_0/Tag.xml"] =
             "<t><n>" + Times(40, "<ObjectRef>5</ObjectRef>") + "</n></t>";
         return OfStructure(package);
       }},
      {"no list of signatures", "STRUCTURE_SIGNATURES",
       changed(ofd, "Signs/Signatures.xml", "Signs/None.xml")},
      {"missing file", "STRUCTURE_MISSING_FILE", changed(document, "Tags.xml", "None.xml"), false},
      {"an empty BaseLoc of a page is no page", "PATH_EMPTY",
       [] {
         OpenPackage package = Changed("OFD.xml", "Doc_0/Document.xml", "D.xml");
         package.files["D.xml"] =
             OfdXml("Document", "<ofd:CommonData/><ofd:Pages><ofd:Page ID=\"7\"/></ofd:Pages>");
         return OfStructure(package);
       }},
      {"data twice", "CUSTOM_DATA_DUPLICATE",
       changed(ofd, "</ofd:CustomDatas>",
               "<ofd:CustomData Name=\"K\">x</ofd:CustomData></ofd:CustomDatas>"),
       false},
      {"object twice", "STRUCTURE_DUPLICATE_ID", changed(page, "ID=\"5\"", "ID=\"3\""), false},
      {"tag twice", "TAG_DUPLICATE",
       changed("Doc_0/Tag.xml", "</root>", "<Name><ObjectRef>3</ObjectRef></Name></root>"), false},
      {"tag file that is no XML", "TAG_FILE",
       [] { return OfStructure(With("Doc_0/Tag.xml", "x")); }, false},
      {"attachment twice", "ATTACHMENT_DUPLICATE",
       changed("Doc_0/Attachments.xml", "</ofd:Attachments>",
               "<ofd:Attachment Name=\"data\"><ofd:FileLoc>Attachs/a.xml</ofd:FileLoc>"
               "</ofd:Attachment></ofd:Attachments>"),
       false},
  };
}

std::vector<Row> XmlRows() {
  const auto xml = [](const std::string& text) {
    return [=] {
      XmlReading reading;
      const absl::Status status = ParseXml(text, true, &reading).status();
      return Found{status, {reading.warnings.begin(), reading.warnings.end()}};
    };
  };
  const auto child = [](absl::string_view text, bool required) {
    return [=] {
      XmlReading reading;
      const auto parsed = ParseXml(text, false, &reading);
      const pugi::xml_node root = (*parsed)->document_element();
      return Found{required ? RequiredChild(root, "b").status() : OnlyChild(root, "b").status(),
                   {}};
    };
  };
  const std::string good = OfdXml("a", "");
  return {
      {"zero byte", "XML_ENCODING", xml(std::string("<a>\0</a>", 8))},
      {"UTF-16", "XML_ENCODING", xml("\xff\xfe<a/>")},
      {"another encoding declared", "XML_ENCODING",
       xml(absl::StrReplaceAll(good, {{"UTF-8", "GB18030"}}))},
      {"document type", "XML_DTD", xml("<!DOCTYPE a><a/>")},
      {"large", "XML_SIZE", xml(std::string(kMaxXmlBytes + 1, ' '))},
      {"attributes", "XML_ATTRIBUTES", xml("<a " + Times(kMaxXmlAttributes + 1, "b='' ") + "/>")},
      {"depth", "XML_DEPTH", xml(Times(kMaxXmlDepth + 1, "<a>"))},
      {"nodes", "XML_NODES", xml("<a>" + Times(kMaxXmlNodes, "<b/>") + "</a>")},
      {"mark before the text", "XML_BOM", xml("\xef\xbb\xbf" + good), false},
      {"not closed", "XML_MALFORMED", xml("<a>")},
      {"an attribute twice", "XML_MALFORMED", xml("<a b='' b=''/>")},
      {"two roots", "XML_MALFORMED", xml("<a/><b/>")},
      {"the older namespace", "XML_OLD_NAMESPACE", xml("<a xmlns='http://www.ofdspec.org'/>"),
       false},
      {"another namespace", "XML_NAMESPACE", xml("<a xmlns='http://example.org'/>")},
      {"an optional child twice", "XML_DUPLICATE", child("<a><b/><b/></a>", false)},
      {"a child twice", "XML_DUPLICATE", child("<a><b/><b/></a>", true)},
      {"no child", "XML_MISSING", child("<a/>", true)},
  };
}

std::vector<Row> AllRows() {
  std::vector<Row> rows;
  for (const auto& part : {NameRows(), EndRows(), CentralRows(), EntryRows(), PathRows(),
                           StructureRows(), XmlRows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

class ReasonsTest : public testing::TestWithParam<Row> {};

TEST_P(ReasonsTest, IsGivenForWhatItIsThereFor) {
  const Found found = GetParam().read();
  if (GetParam().refused) {
    EXPECT_EQ(ReasonOf(found.status), GetParam().code) << found.status;
  } else {
    EXPECT_OK(found.status);
    EXPECT_EQ(std::count(found.warnings.begin(), found.warnings.end(), GetParam().code), 1);
  }
}
INSTANTIATE_TEST_SUITE_P(All, ReasonsTest, testing::ValuesIn(AllRows()));

// The packages that the rows change are good before.
TEST(ReasonsTableTest, NothingIsWrongWithWhatTheRowsStartFrom) {
  const Found zip = OfZip(TwoFiles()), extra = OfZip(WithExtra(std::string("\x55\x54\x01\0x", 5)));
  EXPECT_OK(zip.status);
  EXPECT_EQ(zip.warnings, std::vector<std::string>());
  EXPECT_OK(extra.status);
  EXPECT_OK(OfStructure(SmallPackage()).status);
  const std::string sum = ZipOf({{"b", "two"}}).substr(14, 4);
  const std::string sizes("\3\0\0\0\3\0\0\0", 8);
  EXPECT_OK(OfZip(WithDescriptor(sum + sizes)).status);
  EXPECT_OK(OfZip(WithDescriptor("PK\7\10" + sum + sizes)).status);
}

TEST(ReasonsTableTest, EveryPlaceThatGivesAReasonHasItsRow) {
  std::map<std::string, int> places, rows;
  const std::regex given("(?:Refused|TooMuch|XmlError|Warn|warnings\\.insert)\\(\"([A-Z0-9_]+)\"");
  for (const char* name : {"reader", "entry", "structure", "xml"}) {
    const std::string source = tests::ReadSource(absl::StrCat("certs/ofd/", name, ".cc"));
    for (std::sregex_iterator at(source.begin(), source.end(), given), end; at != end; ++at) {
      ++places[(*at)[1]];
    }
  }
  EXPECT_GT(places.size(), 35u);
  for (const Row& row : AllRows()) ++rows[row.code];
  for (const auto& [code, count] : places) {
    EXPECT_GE(rows[code], count) << code << " has too few rows";
  }
  for (const auto& [code, count] : rows)
    EXPECT_EQ(places.count(code), 1u) << code << " is not given";
}

}  // namespace
}  // namespace birthseal::certs::ofd
