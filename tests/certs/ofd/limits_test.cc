// SPDX-License-Identifier: Apache-2.0
// What a stranger's XML may cost: each limit has its reason, and real documents stay far below.
#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/structure.h"
#include "certs/ofd/xml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs::ofd {
namespace {

using testing::Contains;
using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Xml(const std::string& root, const std::string& inside) {
  return absl::StrCat("<ofd:", root, " xmlns:ofd=\"http://www.ofdspec.org/2016\">", inside,
                      "</ofd:", root, ">");
}
std::string Times(size_t count, const std::string& text) {
  std::string out;
  out.reserve(count * text.size());
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

// A document of these pages, each a file of its own.
OpenPackage PackageOf(const std::vector<std::string>& pages, const std::string& common = "",
                      const std::string& behind = "") {
  OpenPackage package;
  package.files["OFD.xml"] =
      Xml("OFD", absl::StrCat("<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>D.xml</ofd:DocRoot>", behind,
                              "</ofd:DocBody>"));
  std::string list;
  for (size_t i = 0; i < pages.size(); ++i) {
    const std::string name = absl::StrCat("P", i, ".xml");
    package.files[name] = Xml("Page", pages[i]);
    absl::StrAppend(&list, "<ofd:Page ID=\"", i, "\" BaseLoc=\"", name, "\"/>");
  }
  package.files["D.xml"] =
      Xml("Document", absl::StrCat("<ofd:CommonData>", common, "</ofd:CommonData><ofd:Pages>", list,
                                   "</ofd:Pages>"));
  return package;
}
absl::Status Read(const std::vector<std::string>& pages) {
  return ReadStructure(PackageOf(pages)).status();
}

// `count` attributes of different names.
std::string Element(size_t count) {
  std::string out = "<a";
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&out, " b", i, "='x=\"y\"'");
  return out + "/>";
}

TEST(XmlLimitsTest, AnElementWithTooManyAttributesIsRefused) {
  EXPECT_OK(Read({Element(64)}));
  EXPECT_THAT(Read({Element(65)}), StatusIs(kInvalid, "XML_ATTRIBUTES"));
  EXPECT_THAT(Read({Element(20'000)}), StatusIs(kInvalid, "XML_ATTRIBUTES"));
}

TEST(XmlLimitsTest, SignsThatOnlyLookLikeAttributesAreNotCounted) {
  const std::string signs = Times(100, "a=b ");
  EXPECT_OK(Read({absl::StrCat("<a b='", signs, "'>", signs, "</a>")}));
  EXPECT_OK(Read({absl::StrCat("<!-- <a ", signs, "> -->")}));
  EXPECT_OK(Read({absl::StrCat("<a><![CDATA[<a ", signs, ">]]></a>")}));
  EXPECT_OK(Read({absl::StrCat("<?note ", signs, "?>")}));
}

TEST(XmlLimitsTest, TooManyNodesOfAFileAreRefused) {
  EXPECT_OK(Read({Times(100'000, "<a/>")}));
  EXPECT_THAT(Read({Times(500'000, "<a/>")}), StatusIs(kInvalid, "XML_NODES"));
  EXPECT_THAT(Read({Times(500'000, "<!---->")}), StatusIs(kInvalid, "XML_NODES"));
  EXPECT_THAT(Read({Times(10'000, Element(60))}), StatusIs(kInvalid, "XML_NODES"));
}

TEST(XmlLimitsTest, TooManyBytesOfAFileAreRefused) {
  EXPECT_OK(Read({std::string(4u << 20, ' ')}));
  EXPECT_THAT(Read({std::string(8u << 20, ' ')}), StatusIs(kInvalid, "XML_SIZE"));
}

TEST(XmlLimitsTest, ManyFilesTogetherAreBoundedAsOneIs) {
  const std::string wide(7u << 20, ' '), full = Times(400'000, "<a/>");
  EXPECT_OK(Read({wide, wide, wide, wide}));
  EXPECT_THAT(Read({wide, wide, wide, wide, wide}), StatusIs(kInvalid, "XML_SIZE"));
  EXPECT_OK(Read({full, full, full, full}));
  EXPECT_THAT(Read({full, full, full, full, full, full}), StatusIs(kInvalid, "XML_NODES"));
}

// Rule F2.
TEST(XmlLimitsTest, DepthIsFoundBeforeAnythingIsKept) {
  EXPECT_OK(Read({Times(60, "<a>") + Times(60, "</a>")}));
  EXPECT_THAT(Read({Times(70, "<a>") + Times(70, "</a>")}), StatusIs(kInvalid, "XML_DEPTH"));
  EXPECT_THAT(Read({Times(300'000, "<a>")}), StatusIs(kInvalid, "XML_DEPTH"));
  EXPECT_OK(Read({Times(1000, "<a></a><a b='/'></a><a b='>'/>")}));
}

// What the parser found, in the same measure.
class Found : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (node.type() != pugi::node_element) return true;
    const auto attributes = node.attributes();
    const auto count = static_cast<size_t>(std::distance(attributes.begin(), attributes.end()));
    size.nodes += 1 + count;
    size.attributes = std::max(size.attributes, count);
    size.depth = std::max(size.depth, static_cast<size_t>(depth()) + 1);
    return true;
  }
  XmlSize size;
};

TEST(XmlLimitsTest, WhatIsCountedIsNeverLessThanWhatIsParsed) {
  for (const std::string& text :
       {Element(3), std::string("<a b = '1' c=\"<d e='f'>\"><!-- </a> --><g/></a>"),
        std::string("<a><![CDATA[</a>]]><b\n c='>'\n></b ><?p =?></a>"),
        std::string("<a b='/'><c d=\"'\"><e/></c></a>"), Times(50, "<a>") + Times(50, "</a>")}) {
    XmlReading reading;
    const auto parsed = ParseXml(text, false, &reading);
    ASSERT_OK(parsed) << text;
    Found found;
    (*parsed)->traverse(found);
    const XmlSize measured = MeasureXml(text);
    EXPECT_GE(measured.nodes, found.size.nodes) << text;
    EXPECT_GE(measured.attributes, found.size.attributes) << text;
    EXPECT_GE(measured.depth, found.size.depth) << text;
  }
}

// An eighth of every limit, so that no document of an office comes near.
void ExpectFarBelowEveryLimit(const OpenPackage& package) {
  size_t bytes = 0, nodes = 0;
  for (const auto& [path, content] : package.files) {
    if (!absl::EndsWith(path, ".xml")) continue;
    const XmlSize size = MeasureXml(content);
    EXPECT_LT(content.size(), kMaxXmlBytes / 8) << path;
    EXPECT_LT(size.nodes, kMaxXmlNodes / 8) << path;
    EXPECT_LE(size.attributes, kMaxXmlAttributes / 8) << path;
    EXPECT_LE(size.depth, kMaxXmlDepth / 8) << path;
    bytes += content.size();
    nodes += size.nodes;
  }
  EXPECT_GT(nodes, 0u);
  EXPECT_LT(bytes, XmlReading().bytes_left / 8);
  EXPECT_LT(nodes, XmlReading().nodes_left / 8);
}

TEST(XmlLimitsTest, OurCertificateStaysFarBelowEveryLimit) {
  if (tests::SampleFonts() == nullptr)
    GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  const auto draft = Renderer(tests::SampleFonts()).Render(tests::SampleDocument());
  ASSERT_OK(draft);
  ExpectFarBelowEveryLimit(*ReadPackage(WritePackage(draft->parts())));
}

TEST(XmlLimitsTest, DocumentsOfOtherProductsStayFarBelowEveryLimit) {
  if (tests::SamplesDir().empty()) GTEST_SKIP() << "no samples directory";
  for (const char* name : {"ofdrw-reader__SESV4SignDoc.ofd", "ofdrw-converter__V4RideRight.ofd",
                           "ofdrw-sign__DigitalSign.ofd"}) {
    SCOPED_TRACE(name);
    const auto package = ReadPackage(tests::ReadFile(tests::SamplesDir() + "/ofd/" + name));
    ASSERT_OK(package);
    ExpectFarBelowEveryLimit(*package);
  }
}

// One long text that many tags point at would be written out as often.
TEST(XmlLimitsTest, TagsDoNotMultiplyAText) {
  OpenPackage package = PackageOf(
      {absl::StrCat("<ofd:Content><ofd:TextObject ID=\"7\"><ofd:TextCode>",
                    std::string(1u << 20, 'x'), "</ofd:TextCode></ofd:TextObject></ofd:Content>")});
  package.files["D.xml"].insert(package.files["D.xml"].rfind("</ofd:Document>"),
                                "<ofd:CustomTags>C.xml</ofd:CustomTags>");
  package.files["C.xml"] =
      Xml("CustomTags", "<ofd:CustomTag><ofd:FileLoc>T.xml</ofd:FileLoc></ofd:CustomTag>");
  package.files["T.xml"] = "<t><n>" + Times(4, "<ObjectRef>7</ObjectRef>") + "</n></t>";
  EXPECT_OK(ReadStructure(package));
  package.files["T.xml"] = "<t><n>" + Times(200, "<ObjectRef>7</ObjectRef>") + "</n></t>";
  EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "STRUCTURE_TAGS"));
}

// One list of signatures; each names the files behind it.
OpenPackage SignedPackage(const std::vector<std::string>& infos) {
  OpenPackage package = PackageOf({""}, "", "<ofd:Signatures>S.xml</ofd:Signatures>");
  std::string list;
  for (size_t i = 0; i < infos.size(); ++i) {
    absl::StrAppend(&list, "<ofd:Signature ID=\"", i, "\" BaseLoc=\"S", i, ".xml\"/>");
    package.files[absl::StrCat("S", i, ".xml")] =
        Xml("Signature", absl::StrCat("<ofd:SignedInfo>", infos[i], "</ofd:SignedInfo>",
                                      "<ofd:SignedValue>V.dat</ofd:SignedValue>"));
  }
  package.files["S.xml"] = Xml("Signatures", list);
  package.files["V.dat"] = "value";
  return package;
}

TEST(XmlLimitsTest, ASignatureHasNoMoreReferencesAndStampsThanAPackageHasFiles) {
  const auto problems = [](const std::string& info) {
    const auto structure = ReadStructure(SignedPackage({info}));
    EXPECT_OK(structure);
    return structure.ok() ? structure->signatures.at(0).problems : std::vector<std::string>();
  };
  const std::string references = "<ofd:References CheckMethod=\"SM3\">" +
                                 Times(3000, "<ofd:Reference/>") + "</ofd:References>";
  EXPECT_THAT(problems(references), Contains("REFERENCES_TOO_MANY"));
  EXPECT_THAT(problems(Times(3000, "<ofd:StampAnnot/>")), Contains("STAMPS_TOO_MANY"));
  const std::string far = "<ofd:References CheckMethod=\"SM3\"><ofd:Reference FileRef=\"" +
                          std::string(513, 'x') + "\"/></ofd:References>";
  EXPECT_THAT(problems(far), Contains("REFERENCE_PATH"));
}

// Hashing one large value a hundred times is what a small file would ask for.
TEST(XmlLimitsTest, TwoSignaturesDoNotShareOneValue) {
  const auto structure = ReadStructure(SignedPackage({"", ""}));
  ASSERT_OK(structure);
  ASSERT_EQ(structure->signatures.size(), 2u);
  EXPECT_EQ(structure->signatures[0].signed_value_path, "V.dat");
  EXPECT_THAT(structure->signatures[1].problems, Contains("SIGNATURE_VALUE_SHARED"));
  EXPECT_EQ(structure->signatures[1].signed_value_path, "");
}

}  // namespace
}  // namespace birthseal::certs::ofd
