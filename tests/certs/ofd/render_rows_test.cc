// SPDX-License-Identifier: Apache-2.0
// What is not rendered, and why: by each of the three ways to ask for it.
#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "certs/errors.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/layout.h"
#include "certs/ofd/preview.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class RenderRowsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (tests::SampleFonts() != nullptr) renderer_ = new Renderer(tests::SampleFonts());
  }
  void SetUp() override {
    if (renderer_ == nullptr) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  }
  static Renderer* renderer_;
};
Renderer* RenderRowsTest::renderer_ = nullptr;

TEST_F(RenderRowsTest, AFieldThatCannotBeShownIsNamedByWhoeverDrawsIt) {
  const struct {
    const char *name, *reason;
  } rows[] = {{"", "FIELD_EMPTY"},           {" 慕容", "FIELD_BLANK"},
              {"慕容 ", "FIELD_BLANK"},      {"慕\x01容", "GLYPH_MISSING"},
              {"慕\xff容", "GLYPH_MISSING"}, {"慕\xee\xa0\xa4", "GLYPH_PRIVATE_USE"}};
  for (const auto& row : rows) {
    DocumentInput input = tests::SampleDocument();
    input.face.content.absent_marker.clear();  // which stands for an empty field
    input.face.content.mother.name = row.name;
    for (const absl::Status& status :
         {renderer_->CheckGlyphs(input.face), renderer_->Render(input).status(),
          renderer_->PreviewPng(input, "", 0, "", 100).status()}) {
      EXPECT_THAT(status, StatusIs(kInvalid, row.reason)) << row.name;
      EXPECT_EQ(FieldOf(status), "KZ_MQXM") << row.name;
    }
  }
}

TEST_F(RenderRowsTest, ADocumentIdIsThirtyTwoHexadecimalDigits) {
  DocumentInput input = tests::SampleDocument();
  const std::string id = input.document_id;
  for (size_t at = 0; at < id.size(); ++at) {
    for (const char c : {'g', 'G', '/', ':', '@', '`', '-', '\xc3'}) {
      input.document_id = id;
      input.document_id[at] = c;
      EXPECT_THAT(renderer_->Render(input), StatusIs(kInvalid, "DOCUMENT_ID")) << at << c;
    }
  }
  for (const std::string& other : {std::string(), id.substr(1), id + "0", id + id}) {
    input.document_id = other;
    EXPECT_THAT(renderer_->Render(input), StatusIs(kInvalid, "DOCUMENT_ID")) << other.size();
  }
}

// Two fonts in turn make each character a text of its own.
TEST_F(RenderRowsTest, MoreTextThanAnyLawfulFaceHasIsRefused) {
  DocumentInput input = tests::SampleDocument();
  std::string name;
  for (int i = 0; i < 2000; ++i) name += "慕\xf0\xa0\x80\x80";
  input.face.content.newborn_name = name;
  EXPECT_THAT(renderer_->Render(input), StatusIs(kInvalid, "FIELD_LENGTH"));
}

TEST_F(RenderRowsTest, AResolutionHasItsEnds) {
  const DocumentInput input = tests::SampleDocument();
  for (const int dpi : {72, 300}) EXPECT_OK(renderer_->PreviewPng(input, "", 0, "", dpi)) << dpi;
  for (const int dpi : {-100, 0, 71, 301}) {
    EXPECT_THAT(renderer_->PreviewPng(input, "", 0, "", dpi), StatusIs(kInvalid, "PREVIEW_DPI"))
        << dpi;
  }
}

TEST(PreviewTest, AFontThatCannotBeReadIsOurFault) {
  const Layout layout;
  PreviewOptions options;
  EXPECT_OK(DrawPng({&layout}, options));
  options.fonts[FontRole::kValue] = "no font";
  EXPECT_THAT(DrawPng({&layout}, options), StatusIs(absl::StatusCode::kInternal, "PREVIEW_FONT"));
  options.fonts.clear();
  options.watermark = "样张";
  options.watermark_font = "no font";
  EXPECT_THAT(DrawPng({&layout}, options), StatusIs(absl::StatusCode::kInternal, "PREVIEW_FONT"));
}

// Nothing is drawn on a page after a fault, so it would show neither the seal nor the watermark.
TEST(PreviewTest, APageWithAFaultIsNotShown) {
  const Layout layout;
  PreviewOptions options;
  const auto picture = DrawPng({&layout}, options);
  ASSERT_OK(picture);
  options.seal_png = *picture;
  for (const double size : {0.5, 40.0}) {
    options.seal_mm = size;
    EXPECT_OK(DrawPng({&layout}, options)) << size;
  }
  for (const double size : {0.0, std::numeric_limits<double>::quiet_NaN()}) {
    options.seal_mm = size;
    EXPECT_THAT(DrawPng({&layout}, options), StatusIs(absl::StatusCode::kInternal, "PREVIEW_DRAW"))
        << size;
  }
}

// Texts of one look are one object of the template.
TEST(PageXmlTest, TextsOfDifferentFontSizeOrColourAreObjectsOfTheirOwn) {
  const auto objects = [](const std::function<void(TextItem*)>& change) {
    TextItem item;
    item.text = U"a";
    item.advances = {1};
    item.size = 4;
    Layout layout;
    layout.texts = {item, item};
    change(&layout.texts[1]);
    const std::string xml = PageXml(layout, true), object = "<ofd:TextObject";
    size_t count = 0;
    for (size_t at = xml.find(object); at != std::string::npos; at = xml.find(object, at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(objects([](TextItem* item) { item->x = 7; }), 1u);
  EXPECT_EQ(objects([](TextItem* item) { item->font = FontRole::kTitle; }), 2u);
  EXPECT_EQ(objects([](TextItem* item) { item->size = 5; }), 2u);
  EXPECT_EQ(objects([](TextItem* item) { item->colour.red = 1; }), 2u);
}

TEST(CustomDatasTest, ThePredecessorIsToldWhereThereIsOne) {
  DocumentInput input = tests::SampleDocument();
  const auto told = [&input] {
    const CustomDatas datas = CustomDatasOf(input, FaceLines(input.face));
    const auto found = std::find_if(datas.begin(), datas.end(),
                                    [](const auto& data) { return data.first == "KZ_YZMBH"; });
    return found == datas.end() ? "none" : found->second;
  };
  EXPECT_EQ(told(), "none");
  input.supersedes = "Z990000011";
  EXPECT_EQ(told(), "Z990000011");
}

TEST(ColourTest, EachPartCounts) {
  const Colour colour{1, 2, 3};
  EXPECT_TRUE(colour == (Colour{1, 2, 3}));
  EXPECT_FALSE(colour == (Colour{0, 2, 3}));
  EXPECT_FALSE(colour == (Colour{1, 0, 3}));
  EXPECT_FALSE(colour == (Colour{1, 2, 0}));
}

// Three bars for each character, one more for the last: start, data, sum, stop. From where an even
// number of digits is left they come in pairs, behind one character that says so.
TEST(BarcodeTest, OnlyDigitsComeInPairs) {
  const struct {
    const char* text;
    size_t characters;
  } rows[] = {{"AAAA", 7},  {"////", 7},  {"::::", 7}, {"1234", 6},       {"123", 6},
              {"A1234", 7}, {"12345", 7}, {"1A34", 7}, {"Z990000017", 10}};
  for (const auto& row : rows) {
    const PathItem item = Barcode(row.text, 0, 0, 100, 10);
    EXPECT_EQ(std::count(item.data.begin(), item.data.end(), 'M'), 3 * row.characters + 1)
        << row.text;
  }
  for (const char* text : {"\x1f", "A\x7f", "\xc3\xa9"}) {
    EXPECT_EQ(Barcode(text, 0, 0, 100, 10).data, "") << text;
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
