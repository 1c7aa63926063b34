// SPDX-License-Identifier: Apache-2.0
// The certificate as a document: made, read back, changed, drawn.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/structure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class DocumentTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (tests::SampleFonts() != nullptr) renderer_ = new Renderer(tests::SampleFonts());
  }
  void SetUp() override {
    if (renderer_ == nullptr) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  }

  // The package of `input`, with signature list and all left out.
  OpenPackage Open(const DocumentInput& input) {
    const auto draft = renderer_->Render(input);
    EXPECT_OK(draft);
    if (!draft.ok()) return {};
    auto package = ReadPackage(WritePackage(draft->parts()));
    EXPECT_OK(package);
    package->files["OFD.xml"] =
        absl::StrReplaceAll(package->files["OFD.xml"],
                            {{"<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", ""}});
    return *std::move(package);
  }

  void ExpectRoundTrip(const DocumentInput& input) {
    const auto back = ReadCertificate(Open(input));
    ASSERT_OK(back);
    EXPECT_EQ(Canonical(back->face), Canonical(input.face));
    EXPECT_EQ(back->licence_id, input.licence_id);
    EXPECT_EQ(back->document_id, input.document_id);
    EXPECT_EQ(back->receipt, input.receipt);
    EXPECT_EQ(back->supersedes, input.supersedes);
    EXPECT_EQ(back->status_index, input.status_index);
    EXPECT_EQ(back->log_epoch, input.log_epoch);
    EXPECT_EQ(back->intent_index, input.intent_index);
  }

  static Renderer* renderer_;
};
Renderer* DocumentTest::renderer_ = nullptr;

TEST_F(DocumentTest, SameInputGivesTheSameBytes) {
  const DocumentInput input = tests::SampleDocument();
  const Renderer other(tests::SampleFonts());
  EXPECT_EQ(WritePackage(renderer_->Render(input)->parts()),
            WritePackage(other.Render(input)->parts()));
}

TEST_F(DocumentTest, ReadsBackWhatWasWritten) { ExpectRoundTrip(tests::SampleDocument()); }

TEST_F(DocumentTest, ReadsBackAnAbsentFatherAndAPredecessor) {
  DocumentInput input = tests::SampleDocument();
  input.face.content.father.reset();
  input.supersedes = "Z990000011";
  ExpectRoundTrip(input);
}

TEST_F(DocumentTest, TwinsHaveDocumentsOfTheirOwn) {
  const DocumentInput first = tests::SampleDocument();
  DocumentInput second = first;
  second.face.content.newborn_name = "慕容星远";
  second.face.certificate_number = "Z990000018";
  second.document_id = "0123456789abcdef0123456789abcde0";
  ExpectRoundTrip(second);
  EXPECT_NE(WritePackage(renderer_->Render(first)->parts()),
            WritePackage(renderer_->Render(second)->parts()));
}

TEST_F(DocumentTest, LongValuesAreWrappedAndReadBack) {
  DocumentInput input = tests::SampleDocument();
  std::string address, name;
  for (int i = 0; i < 20; ++i) address += "虚构省幻想市云溪县翠竹";
  for (int i = 0; i < 16; ++i) name += "买合木";
  input.face.content.mother.address = address.substr(0, 200 * 3);
  input.face.content.newborn_name = name + "提·";
  input.face.content.mother.name = "Anna Maria Wilhelmina van der Fantasie-Testersdottir";
  ExpectRoundTrip(input);
}

TEST_F(DocumentTest, RareCharactersAreDrawn) {
  DocumentInput input = tests::SampleDocument();
  for (const char* name :
       {"龴玘", "㐀玘", "慕\xf0\xa0\x80\x80", "慕\xf0\xa4\x9b\x86\xf0\xaa\x9f\x9d"}) {
    input.face.content.newborn_name = name;  // last two: extension B; extension B and F ends
    ExpectRoundTrip(input);
  }
}

TEST_F(DocumentTest, CharacterThatOnlyTheRareFontHasBringsThatFont) {
  DocumentInput input = tests::SampleDocument();
  input.face.content.newborn_name = "慕\xf0\xa0\x80\x80";
  const OpenPackage package = Open(input);
  EXPECT_EQ(package.files.count("Doc_0/Res/font_4.ttf"), 1u);
  EXPECT_EQ(Open(tests::SampleDocument()).files.count("Doc_0/Res/font_4.ttf"), 0u);
}

// Rule N11.
TEST_F(DocumentTest, MissingGlyphIsNamedByFieldAndCodePoint) {
  Face face = tests::SampleFace();
  face.content.mother.name = "慕\xf0\x92\x80\x80";  // cuneiform
  const absl::Status status = renderer_->CheckGlyphs(face);
  EXPECT_THAT(status, StatusIs(kInvalid, "GLYPH_MISSING"));
  EXPECT_EQ(FieldOf(status), "KZ_MQXM");
  EXPECT_TRUE(absl::StrContains(status.message(), "U+12000"));
  EXPECT_FALSE(absl::StrContains(status.message(), "慕"));
}

// Rule N11.
TEST_F(DocumentTest, PrivateUseCharacterIsRefused) {
  Face face = tests::SampleFace();
  face.content.newborn_name = "慕\xee\xa0\xa4";  // U+E824
  EXPECT_THAT(renderer_->CheckGlyphs(face), StatusIs(kInvalid, "GLYPH_PRIVATE_USE"));
  face.content.newborn_name = "慕\xf3\xb0\x80\x80";  // U+F0000
  EXPECT_THAT(renderer_->CheckGlyphs(face), StatusIs(kInvalid, "GLYPH_PRIVATE_USE"));
}

TEST_F(DocumentTest, ControlCharactersAndOuterBlanksAreRefused) {
  Face face = tests::SampleFace();
  for (const char* name : {"慕\n容", "慕\x01", "慕\xff"}) {
    face.content.newborn_name = name;
    EXPECT_THAT(renderer_->CheckGlyphs(face), StatusIs(kInvalid, "GLYPH_MISSING"));
  }
  face.content.newborn_name = "慕 ";
  EXPECT_THAT(renderer_->CheckGlyphs(face), StatusIs(kInvalid, "FIELD_BLANK"));
}

TEST_F(DocumentTest, MarkupInAValueStaysText) {
  DocumentInput input = tests::SampleDocument();
  input.face.content.mother.name = "A<b> & \"c\" ]]> &lt;";
  ExpectRoundTrip(input);
}

TEST_F(DocumentTest, DocumentOfAnotherMakerIsNotFound) {
  OpenPackage package = Open(tests::SampleDocument());
  std::string& xml = package.files["Doc_0/Attachs/Attachments.xml"];
  xml = absl::StrReplaceAll(xml, {{"birthseal-record", "original"}});
  EXPECT_THAT(ReadCertificate(package), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DocumentTest, ChangeInAnyOneOfTheFourPlacesIsAMismatch) {
  const struct {
    const char *file, *from, *to;
  } changes[] = {
      {"OFD.xml", ">3280克<", ">3281克<"},
      {"OFD.xml", "Name=\"ZZBH\">Z990000017", "Name=\"ZZBH\">Z990000018"},
      {"OFD.xml", "</ofd:CustomDatas>",
       "<ofd:CustomData Name=\"X\">y</ofd:CustomData></ofd:CustomDatas>"},
      {"OFD.xml", "0123456789abcdef0", "1123456789abcdef0"},
      {"Doc_0/Pages/Page_0/Content.xml", ">3280", ">3281"},
      {"Doc_0/Pages/Page_0/Content.xml", "<ofd:TextObject ID=\"10000\"",
       "<ofd:TextObject ID=\"19999\" Boundary=\"0 0 9 9\" Font=\"2\" Size=\"3\"><ofd:TextCode "
       "X=\"0\" "
       "Y=\"3\">x</ofd:TextCode></ofd:TextObject><ofd:TextObject ID=\"10000\""},
      {"Doc_0/Tags/Tag_Certificate.xml", "<KZ_XB>", "<KZ_XX/><KZ_XB>"},
      {"Doc_0/Tags/Tag_Certificate.xml", ">10001<", ">10002<"},
      {"Doc_0/Attachs/record.xml", ">3280克<", ">3281克<"},
      {"Doc_0/Attachs/record.xml", "<StatusIndex>1017", "<StatusIndex>1018"},
      {"Doc_0/Attachs/record.xml", "<LogEpoch>", "<!-- x --><LogEpoch>"},
      {"Doc_0/Attachs/record.xml", "<Face>AAAA", "<Face>AAAB"},
  };
  for (const auto& change : changes) {
    OpenPackage package = Open(tests::SampleDocument());
    const int replaced =
        absl::StrReplaceAll({{change.from, change.to}}, &package.files[change.file]);
    ASSERT_GT(replaced, 0) << change.from;
    const auto back = ReadCertificate(package);
    if (absl::StartsWith(change.to, "<KZ_XX/>")) {
      EXPECT_OK(back);  // an element without objects is no tag
      continue;
    }
    EXPECT_THAT(back, StatusIs(absl::StatusCode::kDataLoss, "DATA_MISMATCH")) << change.to;
  }
}

TEST_F(DocumentTest, EveryFileIsReached) {
  const auto draft = renderer_->Render(tests::SampleDocument());
  ASSERT_OK(draft);
  EXPECT_EQ(draft->parts()[0]->path, "OFD.xml");
  const auto structure = ReadStructure(Open(tests::SampleDocument()));
  ASSERT_OK(structure);
  for (const PartPtr& part : draft->parts()) {
    EXPECT_EQ(structure->reachable.count(part->path), 1u) << part->path;
  }
  EXPECT_EQ(structure->pages[0].id, draft->page_id());
  EXPECT_EQ(structure->tags.size(), 23u);
}

// Widely used readers put the directory of Document.xml before whatever they find, a slash or not.
TEST_F(DocumentTest, EveryPlaceNamedInDocumentXmlIsRelativeAndIsAFileOfThePackage) {
  const OpenPackage package = Open(tests::SampleDocument());
  const std::string& xml = package.files.at("Doc_0/Document.xml");
  size_t places = 0;
  for (const auto& [before, after] : {std::pair<const char*, const char*>{"BaseLoc=\"", "\""},
                                      {"<ofd:PublicRes>", "<"},
                                      {"<ofd:CustomTags>", "<"},
                                      {"<ofd:Attachments>", "<"}}) {
    for (size_t at = xml.find(before); at != std::string::npos; at = xml.find(before, at + 1)) {
      const size_t from = at + std::string(before).size();
      const std::string place = xml.substr(from, xml.find(after, from) - from);
      EXPECT_FALSE(absl::StartsWith(place, "/")) << place;
      const auto path = ResolvePath("Doc_0/Document.xml", place);
      ASSERT_OK(path);
      EXPECT_EQ(package.files.count(*path), 1u) << place;
      ++places;
    }
  }
  EXPECT_EQ(places, 5u);
  EXPECT_FALSE(absl::StrContains(xml, "=\"/") || absl::StrContains(xml, ">/"));
}

// A file of an earlier version names the same places from the root of the package.
TEST_F(DocumentTest, PlacesFromTheRootOfThePackageAreReadAsWell) {
  OpenPackage package = Open(tests::SampleDocument());
  std::string& xml = package.files.at("Doc_0/Document.xml");
  ASSERT_EQ(absl::StrReplaceAll({{"BaseLoc=\"", "BaseLoc=\"/Doc_0/"},
                                 {"<ofd:PublicRes>", "<ofd:PublicRes>/Doc_0/"},
                                 {"<ofd:CustomTags>", "<ofd:CustomTags>/Doc_0/"},
                                 {"<ofd:Attachments>", "<ofd:Attachments>/Doc_0/"}},
                                &xml),
            5);
  EXPECT_OK(ReadCertificate(package));
  EXPECT_EQ(ReadStructure(package)->reachable,
            ReadStructure(Open(tests::SampleDocument()))->reachable);
}

TEST_F(DocumentTest, ConstantPartsAreSharedByTwoCertificates) {
  DocumentInput other = tests::SampleDocument();
  other.face.content.newborn_name = "慕容星远";
  const auto first = renderer_->Render(tests::SampleDocument()), second = renderer_->Render(other);
  size_t variable = 0;
  for (size_t i = 0; i < first->parts().size(); ++i) {
    if (first->parts()[i]->constant) {
      EXPECT_EQ(first->parts()[i], second->parts()[i]);
    } else {
      variable += first->parts()[i]->data.size();
    }
  }
  EXPECT_LT(variable, 32u << 10);
}

TEST_F(DocumentTest, QrCodeHoldsNoPersonalData) {
  // Only the licence id and positions go in; a licence id with other characters is refused.
  DocumentInput input = tests::SampleDocument();
  input.licence_id = "慕容";
  EXPECT_THAT(renderer_->Render(input), StatusIs(kInvalid, "LICENCE_ID"));
}

TEST_F(DocumentTest, PreviewIsAPngOfThePageAtTheAskedResolution) {
  const auto png = renderer_->PreviewPng(tests::SampleDocument(), "", 0, "样张", 100);
  ASSERT_OK(png);
  ASSERT_GT(png->size(), 10000u);
  EXPECT_EQ(png->substr(1, 3), "PNG");
  const auto number = [&](size_t at) {
    return static_cast<uint8_t>((*png)[at + 2]) << 8 | static_cast<uint8_t>((*png)[at + 3]);
  };
  EXPECT_EQ(number(16), 827);   // 210 mm
  EXPECT_EQ(number(20), 1169);  // 297 mm
}

TEST_F(DocumentTest, PreviewRefusesABadSealAndResolution) {
  EXPECT_THAT(renderer_->PreviewPng(tests::SampleDocument(), "not a picture", 40, "", 100),
              StatusIs(kInvalid, "SEAL_PICTURE"));
  EXPECT_THAT(renderer_->PreviewPng(tests::SampleDocument(), "", 0, "", 5000),
              StatusIs(kInvalid, "PREVIEW_DPI"));
}

TEST(FontSetTest, UnusableFontIsRefused) {
  EXPECT_THAT(FontSet::Load({"no font", "no font", "no font"}),
              StatusIs(kInvalid, "FONT_UNUSABLE"));
}

}  // namespace
}  // namespace birthseal::certs::ofd
