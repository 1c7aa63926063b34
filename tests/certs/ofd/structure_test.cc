// SPDX-License-Identifier: Apache-2.0
// Reachable files, signatures and XML attacks (Rules F2 to F6).
#include "certs/ofd/structure.h"

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_package.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs::ofd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::Changed;
using tests::SmallPackage;
using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const char kSignature[] = "Doc_0/Signs/Sign_0/Signature.xml";

SignatureEntry OnlySignature(const OpenPackage& package) {
  const auto structure = ReadStructure(package);
  EXPECT_OK(structure);
  if (!structure.ok() || structure->signatures.size() != 1) return {};
  return structure->signatures[0];
}

TEST(StructureTest, FollowsEveryReferenceAndReadsTextTagsAndData) {
  const auto structure = ReadStructure(SmallPackage());
  ASSERT_OK(structure);
  EXPECT_THAT(structure->reachable,
              testing::UnorderedElementsAre("OFD.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml",
                                            "Doc_0/Res/f.ttf", "Doc_0/Tpls/T.xml",
                                            "Doc_0/Pages/P.xml", "Doc_0/Tags.xml", "Doc_0/Tag.xml",
                                            "Doc_0/Attachments.xml", "Doc_0/Attachs/a.xml"));
  EXPECT_EQ(structure->document_id, "id");
  EXPECT_EQ(structure->custom_datas.at("K"), "vw");
  EXPECT_EQ(structure->texts.at("5"), "second");
  EXPECT_EQ(structure->tags.at("Name"), "firstsecond");
  EXPECT_EQ(structure->attachments.at("data"), "Doc_0/Attachs/a.xml");
  ASSERT_EQ(structure->pages.size(), 1u);
  EXPECT_EQ(structure->pages[0].width_mm, 210);
  EXPECT_FALSE(structure->has_annotations);
  EXPECT_THAT(structure->warnings, IsEmpty());
}

// Where the files of a resource are decides whether they are covered or stowaways.
TEST(StructureTest, FilesOfAResourceStandRelativeToItsBaseLocOrToTheResourceItself) {
  const std::pair<const char*, const char*> cases[] = {
      {" BaseLoc=\"Res\"", "Doc_0/Res/f.ttf"},  {" BaseLoc=\"/Other\"", "Other/f.ttf"},
      {" BaseLoc=\"../Other\"", "Other/f.ttf"}, {" BaseLoc=\"/\"", "Doc_0/f.ttf"},
      {" BaseLoc=\"\"", "Doc_0/f.ttf"},         {"", "Doc_0/f.ttf"}};
  for (const auto& [base, place] : cases) {
    SCOPED_TRACE(base);
    OpenPackage package = Changed("Doc_0/PublicRes.xml", " BaseLoc=\"Res\"", base);
    package.files.erase("Doc_0/Res/f.ttf");
    package.files[place] = "font";
    const auto structure = ReadStructure(package);
    ASSERT_OK(structure);
    EXPECT_THAT(structure->reachable, Contains(place));
    EXPECT_THAT(structure->warnings, IsEmpty());
  }
}

TEST(StructureTest, ReadsTheSignature) {
  const SignatureEntry entry = OnlySignature(SmallPackage());
  EXPECT_THAT(entry.problems, IsEmpty());
  EXPECT_EQ(entry.type, "Seal");
  EXPECT_EQ(entry.signature_path, kSignature);
  EXPECT_EQ(entry.signed_value_path, "Doc_0/Signs/Sign_0/SignedValue.dat");
  EXPECT_EQ(entry.seal_path, "Doc_0/Signs/Sign_0/Seal.esl");
  ASSERT_EQ(entry.references.size(), 1u);
  EXPECT_EQ(entry.references[0].first, "OFD.xml");
  EXPECT_EQ(entry.references[0].second, std::string(32, '\0'));
  ASSERT_EQ(entry.stamps.size(), 1u);
  EXPECT_EQ(entry.stamps[0].w, 40);
}

// Rule F2.
TEST(StructureTest, DocumentTypesAndEntitiesAreRefused) {
  for (const char* declaration :
       {"<!DOCTYPE a>", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "<!doctype a>",
        "<!ENTITY x \"y\">"}) {
    OpenPackage package = SmallPackage();
    package.files["Doc_0/Document.xml"].insert(38, declaration);
    EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "XML_DTD")) << declaration;
  }
}

TEST(StructureTest, OtherEncodingsAreRefused) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "UTF-8", "UTF-7")),
              StatusIs(kInvalid, "XML_ENCODING"));
  OpenPackage package = SmallPackage();
  package.files["OFD.xml"] = std::string("\xff\xfe<\0a\0", 6);
  EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "XML_ENCODING"));
}

// Rule F3.
TEST(StructureTest, SecondDocBodyIsRefused) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "</ofd:DocBody>", "</ofd:DocBody><x:DocBody/>")),
              StatusIs(kInvalid, "STRUCTURE_DOC_BODY"));
}

TEST(StructureTest, DoubledSingleElementIsRefused) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "<ofd:DocRoot>",
                                    "<ofd:DocRoot>Doc_1/D.xml</ofd:DocRoot><ofd:DocRoot>")),
              StatusIs(kInvalid, "XML_DUPLICATE"));
  EXPECT_THAT(
      ReadStructure(Changed("Doc_0/Document.xml", "<ofd:Pages>", "<ofd:Pages/><ofd:Pages>")),
      StatusIs(kInvalid, "XML_DUPLICATE"));
}

TEST(StructureTest, SecondRootAndDoubledAttributeAreRefused) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "</ofd:OFD>", "</ofd:OFD><b/>")),
              StatusIs(kInvalid, "XML_MALFORMED"));
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "Name=\"K\"", "Name=\"K\" Name=\"L\"")),
              StatusIs(kInvalid, "XML_MALFORMED"));
}

TEST(StructureTest, DeepNestingIsRefused) {
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "<a>";
  for (int i = 0; i < 20000; ++i) deep += "</a>";
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "<ofd:DocBody>", deep + "<ofd:DocBody>")),
              StatusIs(kInvalid, "XML_DEPTH"));
}

TEST(StructureTest, UnknownNamespaceIsRefusedAndTheOlderOneIsAWarning) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "ofdspec.org/2016", "example.org")),
              StatusIs(kInvalid, "XML_NAMESPACE"));
  const auto older = ReadStructure(Changed("OFD.xml", "ofdspec.org/2016", "ofdspec.org"));
  ASSERT_OK(older);
  EXPECT_THAT(older->warnings, Contains("XML_OLD_NAMESPACE"));
}

TEST(StructureTest, PathThatLeavesThePackageIsRefused) {
  EXPECT_THAT(ReadStructure(Changed("OFD.xml", "Doc_0/Document.xml", "../Document.xml")),
              StatusIs(kInvalid, "PATH_ESCAPES"));
}

TEST(StructureTest, CurrentVersionIsFollowed) {
  OpenPackage package = Changed("OFD.xml", "<ofd:Signatures>",
                                "<ofd:Versions><ofd:Version ID=\"1\" Index=\"1\" Current=\"true\" "
                                "BaseLoc=\"V.xml\"/></ofd:Versions><ofd:Signatures>");
  package.files["V.xml"] =
      tests::OfdXml("DocVersion", "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot>");
  package.files["Doc_1/Document.xml"] = tests::OfdXml(
      "Document", "<ofd:CommonData/><ofd:Pages/><ofd:Annotations>A.xml</ofd:Annotations>");
  package.files["Doc_1/A.xml"] = tests::OfdXml("Annotations", "<ofd:Page PageID=\"7\"/>");
  const auto structure = ReadStructure(package);
  ASSERT_OK(structure);
  EXPECT_TRUE(structure->has_versions);
  EXPECT_TRUE(structure->has_annotations);
  EXPECT_THAT(structure->reachable, Contains("Doc_1/A.xml"));
}

TEST(StructureTest, PackageWithoutSignaturesHasNone) {
  const auto structure = ReadStructure(
      Changed("OFD.xml", "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", ""));
  ASSERT_OK(structure);
  EXPECT_EQ(structure->signatures_path, "");
}

TEST(StructureTest, SignatureProblemsAreNamed) {
  const std::pair<std::pair<const char*, const char*>, const char*> cases[] = {
      {{"CheckMethod=\"1.2.156.10197.1.401\"", "CheckMethod=\"MD5\""}, "SIGNATURE_CHECK_METHOD"},
      {{"CheckMethod=\"1.2.156.10197.1.401\"", ""}, "SIGNATURE_CHECK_METHOD"},
      {{"AAAA=", "AAA"}, "REFERENCE_VALUE"},
      {{"<ofd:StampAnnot", "<ofd:References/><ofd:StampAnnot"}, "REFERENCES"},
      {{"FileRef=\"/OFD.xml\"", "FileRef=\"/../OFD.xml\""}, "REFERENCE_PATH"},
      {{"PageRef=\"7\"", "PageRef=\"8\""}, "STAMP_PAGE"},
      {{"100 200 40 40", "190 200 40 40"}, "STAMP_BOUNDARY"},
      {{"100 200 40 40", "100 200 nan 40"}, "STAMP_BOUNDARY"},
      {{"SignedValue.dat", "Other.dat"}, "SIGNATURE_VALUE"},
      {{"Seal.esl", "Other.esl"}, "SIGNATURE_SEAL"},
      {{"</ofd:SignedInfo>", "</ofd:SignedInfo><ofd:SignedInfo/>"}, "SIGNATURE_INFO"},
      {{"<ofd:SignedInfo>", "<!DOCTYPE x><ofd:SignedInfo>"}, "XML_DTD"},
  };
  for (const auto& [change, problem] : cases) {
    const SignatureEntry entry = OnlySignature(Changed(kSignature, change.first, change.second));
    EXPECT_THAT(entry.problems, Contains(problem));
  }
}

TEST(StructureTest, EmptyAndDoubledReferencesAreNamed) {
  OpenPackage package = SmallPackage();
  std::string& xml = package.files[kSignature];
  const size_t from = xml.find("<ofd:Reference "), to = xml.find("</ofd:References>");
  const std::string reference = xml.substr(from, to - from);
  EXPECT_THAT(OnlySignature(Changed(kSignature, reference, "")).problems,
              ElementsAre("REFERENCES_EMPTY"));
  EXPECT_THAT(OnlySignature(Changed(kSignature, reference, reference + reference)).problems,
              ElementsAre("REFERENCE_DUPLICATE"));
}

TEST(StructureTest, UnknownTypeAndMissingFileAreNamed) {
  const char list[] = "Doc_0/Signs/Signatures.xml";
  EXPECT_THAT(OnlySignature(Changed(list, "ID=\"1\"", "ID=\"1\" Type=\"Other\"")).problems,
              ElementsAre("SIGNATURE_TYPE"));
  EXPECT_THAT(OnlySignature(Changed(list, "Sign_0/", "Sign_1/")).problems,
              ElementsAre("SIGNATURE_MISSING"));
}

class ForeignSampleTest : public testing::TestWithParam<const char*> {};

TEST_P(ForeignSampleTest, IsReadWithItsSignature) {
  if (tests::SamplesDir().empty()) GTEST_SKIP() << "no samples directory";
  const auto package =
      ReadPackage(tests::ReadFile(tests::SamplesDir() + "/ofd/" + std::string(GetParam())));
  ASSERT_OK(package);
  const auto structure = ReadStructure(*package);
  ASSERT_OK(structure);
  EXPECT_EQ(structure->signatures.size(), 1u);
  for (const SignatureEntry& entry : structure->signatures) {
    EXPECT_THAT(entry.problems, IsEmpty());
    EXPECT_FALSE(entry.references.empty());
  }
}
INSTANTIATE_TEST_SUITE_P(Samples, ForeignSampleTest,
                         testing::Values("ofdrw-reader__SESV4SignDoc.ofd",
                                         "ofdrw-converter__V4RideRight.ofd",
                                         "ofdrw-sign__DigitalSign.ofd"));

}  // namespace
}  // namespace birthseal::certs::ofd
