// SPDX-License-Identifier: Apache-2.0
// What is wrong in any file that the structure follows comes out of the whole: each place that
// names a file names one outside the package, and each file that is opened is none that can be
// read.
#include "certs/ofd/structure.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using testing::Contains;
using tests::Changed;
using tests::OfdXml;
using tests::SmallPackage;
using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

constexpr char kOut[] = "../../../../out", kDtd[] = "<!DOCTYPE a><a/>";

// The small package with one of everything that it lacks: a cover, a version, media, colours, a
// resource of a page, annotations, a schema, extensions.
OpenPackage Whole() {
  OpenPackage package = SmallPackage();
  const auto insert = [&package](const char* file, const char* before, const std::string& what) {
    std::string& xml = package.files.at(file);
    const size_t at = xml.find(before);
    ASSERT_NE(at, std::string::npos) << before;
    xml.insert(at, what);
  };
  insert("OFD.xml", "<ofd:CustomDatas>", "<ofd:Cover>cover.png</ofd:Cover>");
  insert("OFD.xml", "<ofd:Signatures>",
         "<ofd:Versions><ofd:Version ID=\"1\" BaseLoc=\"V.xml\"/></ofd:Versions>");
  insert("Doc_0/PublicRes.xml", "</ofd:Res>",
         "<ofd:MultiMedias><ofd:MultiMedia ID=\"8\"><ofd:MediaFile>m.png</ofd:MediaFile>"
         "</ofd:MultiMedia></ofd:MultiMedias><ofd:ColorSpaces><ofd:ColorSpace ID=\"9\" "
         "Profile=\"c.icc\"/></ofd:ColorSpaces>");
  insert("Doc_0/Pages/P.xml", "<ofd:Content>", "<ofd:PageRes>R.xml</ofd:PageRes>");
  insert("Doc_0/Document.xml", "<ofd:CustomTags>",
         "<ofd:Annotations>Annotations.xml</ofd:Annotations>");
  insert("Doc_0/Document.xml", "</ofd:Document>",
         "<ofd:Extensions>Extensions.xml</ofd:Extensions>");
  insert("Doc_0/Tags.xml", "<ofd:FileLoc>", "<ofd:SchemaLoc>s.xsd</ofd:SchemaLoc>");
  insert("Doc_0/Tpls/T.xml", "<ofd:Content/>", "<!-- to be read -->");
  package.files["cover.png"] = "cover";
  package.files["V.xml"] =
      OfdXml("DocVersion",
             "<ofd:FileList><ofd:File ID=\"1\">old.xml</ofd:File></ofd:FileList>"
             "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>");
  package.files["old.xml"] = "old";
  package.files["Doc_0/Res/m.png"] = "media";
  package.files["Doc_0/Res/c.icc"] = "colours";
  package.files["Doc_0/Pages/R.xml"] = OfdXml(
      "Res", "<ofd:Fonts><ofd:Font><ofd:FontFile>g.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>");
  package.files["Doc_0/Pages/g.ttf"] = "font";
  package.files["Doc_0/Annotations.xml"] = OfdXml(
      "Annotations", "<ofd:Page PageID=\"7\"><ofd:FileLoc>Annots/A.xml</ofd:FileLoc></ofd:Page>");
  package.files["Doc_0/Annots/A.xml"] = "annotation";
  package.files["Doc_0/s.xsd"] = "schema";
  package.files["Doc_0/Extensions.xml"] =
      OfdXml("Extensions", "<ofd:Extension><ofd:ExtendData>e.dat</ofd:ExtendData></ofd:Extension>");
  package.files["Doc_0/e.dat"] = "data";
  return package;
}

TEST(StructureRowsTest, OneOfEverythingIsReached) {
  const OpenPackage package = Whole();
  const auto structure = ReadStructure(package);
  ASSERT_OK(structure);
  EXPECT_THAT(structure->warnings, testing::IsEmpty());
  for (const auto& [path, content] : package.files) {
    if (path.find("Signs/") != std::string::npos) continue;
    EXPECT_THAT(structure->reachable, Contains(path));
  }
}

TEST(StructureRowsTest, NoPlaceNamesAFileOutsideThePackage) {
  const std::pair<const char*, const char*> places[] = {
      {"OFD.xml", "cover.png"},
      {"OFD.xml", "V.xml"},
      {"V.xml", "old.xml"},
      {"V.xml", "Doc_0/Document.xml"},
      {"Doc_0/Document.xml", "PublicRes.xml"},
      {"Doc_0/PublicRes.xml", "\"Res\""},
      {"Doc_0/PublicRes.xml", "f.ttf"},
      {"Doc_0/PublicRes.xml", "m.png"},
      {"Doc_0/PublicRes.xml", "c.icc"},
      {"Doc_0/Document.xml", "Tpls/T.xml"},
      {"Doc_0/Document.xml", "Pages/P.xml"},
      {"Doc_0/Pages/P.xml", "R.xml"},
      {"Doc_0/Pages/R.xml", "g.ttf"},
      {"Doc_0/Document.xml", "Annotations.xml"},
      {"Doc_0/Annotations.xml", "Annots/A.xml"},
      {"Doc_0/Document.xml", "Tags.xml"},
      {"Doc_0/Tags.xml", "s.xsd"},
      {"Doc_0/Tags.xml", "Tag.xml"},
      {"Doc_0/Document.xml", "Attachments.xml"},
      {"Doc_0/Attachments.xml", "Attachs/a.xml"},
      {"Doc_0/Document.xml", "Extensions.xml"},
      {"Doc_0/Extensions.xml", "e.dat"},
  };
  for (const auto& [file, name] : places) {
    OpenPackage package = Whole();
    std::string& xml = package.files.at(file);
    const bool quoted = name[0] == '"';
    ASSERT_EQ(absl::StrReplaceAll({{name, quoted ? absl::StrCat("\"", kOut, "\"") : kOut}}, &xml),
              1)
        << file << " " << name;
    EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "PATH_ESCAPES")) << file << " " << name;
  }
}

TEST(StructureRowsTest, EachFileThatIsOpenedIsRead) {
  for (const char* file :
       {"OFD.xml", "V.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml", "Doc_0/Tpls/T.xml",
        "Doc_0/Pages/P.xml", "Doc_0/Pages/R.xml", "Doc_0/Annotations.xml", "Doc_0/Tags.xml",
        "Doc_0/Tag.xml", "Doc_0/Attachments.xml", "Doc_0/Extensions.xml",
        "Doc_0/Signs/Signatures.xml"}) {
    OpenPackage package = Whole();
    ASSERT_EQ(package.files.count(file), 1u);
    package.files[file] = kDtd;
    EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "XML_DTD")) << file;
  }
}

TEST(StructureRowsTest, EachFileHasItsRoot) {
  for (const char* file :
       {"OFD.xml", "V.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml", "Doc_0/Tpls/T.xml",
        "Doc_0/Pages/P.xml", "Doc_0/Pages/R.xml", "Doc_0/Annotations.xml", "Doc_0/Tags.xml",
        "Doc_0/Attachments.xml", "Doc_0/Extensions.xml"}) {
    OpenPackage package = Whole();
    package.files[file] = OfdXml("Other", "<!-- a template is read for it -->");
    EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "STRUCTURE_ROOT")) << file;
  }
}

TEST(StructureRowsTest, WhatIsRequiredIsThereAndWhatIsOneIsOne) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "ofd:DocInfo", "ofd:Info")),
              StatusIs(kInvalid, "XML_MISSING"));
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "ofd:DocRoot", "ofd:Root")),
              StatusIs(kInvalid, "XML_MISSING"));
  EXPECT_THAT(ReadStructure(Changed("Doc_0/Document.xml", "ofd:CommonData", "ofd:Common")),
              StatusIs(kInvalid, "XML_MISSING"));
  EXPECT_THAT(ReadStructure(Changed("Doc_0/Document.xml", "ofd:Pages", "ofd:Sheets")),
              StatusIs(kInvalid, "XML_MISSING"));
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "<ofd:DocID>", "<ofd:DocID/><ofd:DocID>")),
              StatusIs(kInvalid, "XML_DUPLICATE"));
}

// A template that names no resource is not parsed; anything that could name one makes it be.
TEST(StructureRowsTest, ATemplateIsLeftUnreadOnlyWhereItNamesNothing) {
  const auto with = [](const std::string& page) {
    OpenPackage package = SmallPackage();
    package.files["Doc_0/Tpls/T.xml"] = page;
    package.files["Doc_0/Tpls/R.xml"] = OfdXml("Res", "");
    return ReadStructure(package);
  };
  const std::string plain = OfdXml("Page", "<ofd:Content/>"), head = plain.substr(0, 38);
  EXPECT_OK(with(plain));
  EXPECT_OK(with(head + "<not read"));
  EXPECT_THAT(with(head + "<!DOCTYPE a>" + plain.substr(38)), StatusIs(kInvalid, "XML_DTD"));
  EXPECT_THAT(with(plain.substr(38) + "<not closed"), StatusIs(kInvalid, "XML_MALFORMED"));
  EXPECT_THAT(with(absl::StrReplaceAll(plain, {{"UTF-8", "UTF-7"}})),
              StatusIs(kInvalid, "XML_ENCODING"));
  const auto named = with(OfdXml("Page", "<ofd:PageRes>R.xml</ofd:PageRes>"));
  ASSERT_OK(named);
  EXPECT_THAT(named->reachable, Contains("Doc_0/Tpls/R.xml"));
}

// Other products write tag files badly; what attacks the reader is none of that.
TEST(StructureRowsTest, OnlyABadlyWrittenTagFileIsNoTag) {
  const auto with = [](const std::string& tags) {
    OpenPackage package = SmallPackage();
    package.files["Doc_0/Tag.xml"] = tags;
    return ReadStructure(package);
  };
  for (const char* bad : {"<a>", "", "<?xml version=\"1.0\" encoding=\"GB18030\"?><a/>"}) {
    const auto structure = with(bad);
    ASSERT_OK(structure) << bad;
    EXPECT_THAT(structure->warnings, Contains("TAG_FILE")) << bad;
    EXPECT_TRUE(structure->tags.empty());
  }
  EXPECT_THAT(with(kDtd), StatusIs(kInvalid, "XML_DTD"));
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "<a>";
  EXPECT_THAT(with(deep), StatusIs(kInvalid, "XML_DEPTH"));
}

TEST(StructureRowsTest, TextOfAnotherEncodingIsRefusedWhicheverMarkItHas) {
  for (const std::string& text :
       {std::string("\xfe\xff<a/>"), std::string("\xff\xfe<a/>"), std::string("<a>\0</a>", 8)}) {
    OpenPackage package = SmallPackage();
    package.files["Doc_0/Document.xml"] = text;
    EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "XML_ENCODING"));
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
