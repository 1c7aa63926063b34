// SPDX-License-Identifier: Apache-2.0
// The page as people and scanners see it: each field draws in its own place and nowhere else, and
// both codes can be read from the picture.
#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/layout.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs::ofd {
namespace {

constexpr int kDpi = 150;
constexpr double kPixelsPerMm = kDpi / 25.4;

struct Picture {
  int width = 0, height = 0;
  std::vector<uint32_t> pixels;
};

Picture FromPng(const std::string& png) {
  struct Rest {
    const std::string& bytes;
    size_t at;
  } rest{png, 0};
  const auto read = [](void* closure, unsigned char* to, unsigned int size) {
    auto* from = static_cast<Rest*>(closure);
    if (size > from->bytes.size() - from->at) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(to, from->bytes.data() + from->at, size);
    from->at += size;
    return CAIRO_STATUS_SUCCESS;
  };
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(
      cairo_image_surface_create_from_png_stream(read, &rest), &cairo_surface_destroy);
  Picture picture;
  EXPECT_EQ(cairo_surface_status(surface.get()), CAIRO_STATUS_SUCCESS);
  picture.width = cairo_image_surface_get_width(surface.get());
  picture.height = cairo_image_surface_get_height(surface.get());
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      uint32_t pixel = 0;
      std::memcpy(&pixel, data + y * stride + x * 4, 4);
      picture.pixels.push_back(pixel & 0xffffff);
    }
  }
  return picture;
}

// Millimetres.
struct Area {
  double left, top, right, bottom;
  bool Holds(double x, double y) const {
    constexpr double kPixel = 1 / kPixelsPerMm;
    return x >= left - kPixel && x <= right + kPixel && y >= top - kPixel && y <= bottom + kPixel;
  }
};

// How many pixels differ inside of `areas`, and outside.
struct Difference {
  size_t inside = 0, outside = 0;
};
Difference Compare(const Picture& a, const Picture& b, const std::vector<Area>& areas) {
  Difference difference;
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  for (size_t i = 0; i < std::min(a.pixels.size(), b.pixels.size()); ++i) {
    if (a.pixels[i] == b.pixels[i]) continue;
    const double x = (static_cast<double>(i % a.width) + 0.5) / kPixelsPerMm;
    const double y = (static_cast<double>(i / a.width) + 0.5) / kPixelsPerMm;
    const bool inside =
        std::any_of(areas.begin(), areas.end(), [&](const Area& area) { return area.Holds(x, y); });
    ++(inside ? difference.inside : difference.outside);
  }
  return difference;
}

Area ValueOf(const Cell& cell) {
  return {cell.x + cell.label_width, cell.y, cell.x + cell.width, cell.y + cell.height};
}

class DrawingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (tests::SampleFonts() != nullptr) renderer_ = new Renderer(tests::SampleFonts());
  }
  void SetUp() override {
    if (renderer_ == nullptr) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  }
  static std::string Png(const DocumentInput& input, int dpi = kDpi) {
    const auto png = renderer_->PreviewPng(input, "", 0, "", dpi);
    EXPECT_OK(png);
    return png.value_or("");
  }

  static Renderer* renderer_;
};
Renderer* DrawingTest::renderer_ = nullptr;

// One for each field of the form, in its order: another value of this field alone.
const std::vector<std::function<void(Face*)>>& Changes() {
  static const auto* const changes = new std::vector<std::function<void(Face*)>>{
      [](Face* f) { f->content.newborn_name = "云"; },
      [](Face* f) { f->content.sex = Sex::kMale; },
      [](Face* f) { f->content.birth_time += 1; },
      [](Face* f) { f->content.gestation_days = 3; },
      [](Face* f) { f->content.birth_weight_g = 3281; },
      [](Face* f) { f->content.birth_length_mm = 510; },
      [](Face* f) { f->content.birth_place.county = "青禾县"; },
      [](Face* f) { f->content.delivery_institution_name = "青禾医院"; },
      [](Face* f) { f->content.mother.name = "云朵"; },
      [](Face* f) { f->content.mother.age = 30; },
      [](Face* f) { f->content.mother.nationality = "FRA"; },
      [](Face* f) { f->content.mother.ethnicity = "02"; },
      [](Face* f) { f->content.mother.address = "青禾县"; },
      [](Face* f) { f->content.mother.id_number = "990101199612070027"; },
      [](Face* f) { f->content.father->name = "云山"; },
      [](Face* f) { f->content.father->age = 32; },
      [](Face* f) { f->content.father->nationality = "FRA"; },
      [](Face* f) { f->content.father->ethnicity = "02"; },
      [](Face* f) { f->content.father->address = "青禾县"; },
      [](Face* f) { f->content.father->id_number = "990101199502110018"; },
      [](Face* f) { f->content.issuing_institution_name = "青禾医院"; },
      [](Face* f) { f->issue_date += 1; },
      [](Face* f) { f->certificate_number = "Z990000018"; },
  };
  return *changes;
}

TEST_F(DrawingTest, EachFieldDrawsInItsOwnPlaceAndNowhereElse) {
  const DocumentInput input = tests::SampleDocument();
  const Picture before = FromPng(Png(input));
  const std::vector<FaceLine> lines = FaceLines(input.face);
  ASSERT_EQ(Changes().size(), lines.size());
  for (size_t i = 0; i < Changes().size(); ++i) {
    SCOPED_TRACE(std::string(lines[i].key));
    DocumentInput changed = input;
    Changes()[i](&changed.face);
    const std::vector<FaceLine> other = FaceLines(changed.face);
    for (size_t k = 0; k < lines.size(); ++k) {
      EXPECT_EQ(other[k].text == lines[k].text, k != i) << lines[k].key;
    }
    std::vector<Area> places = {ValueOf(Cells()[i])};
    if (i + 1 == lines.size()) places.push_back({140, 58.7, 186, 68.2});  // its barcode
    const Difference difference = Compare(before, FromPng(Png(changed)), places);
    EXPECT_GT(difference.inside, 5u);
    EXPECT_EQ(difference.outside, 0u);
  }
}

// A value is drawn in one dark colour: ink there, and not on the page without values.
TEST_F(DrawingTest, EveryFieldHasInkForEveryCharacter) {
  const DocumentInput input = tests::SampleDocument();
  const Picture picture = FromPng(Png(input));
  const std::vector<FaceLine> lines = FaceLines(input.face);
  for (size_t i = 0; i < lines.size(); ++i) {
    const Area area = ValueOf(Cells()[i]);
    size_t dark = 0;
    for (int y = static_cast<int>(area.top * kPixelsPerMm) + 3;
         y < static_cast<int>(area.bottom * kPixelsPerMm) - 3; ++y) {
      for (int x = static_cast<int>(area.left * kPixelsPerMm) + 3;
           x < static_cast<int>(area.right * kPixelsPerMm) - 3; ++x) {
        const uint32_t pixel = picture.pixels[static_cast<size_t>(y) * picture.width + x];
        dark += (pixel >> 16) + (pixel >> 8 & 0xff) + (pixel & 0xff) < 3 * 96 ? 1 : 0;
      }
    }
    EXPECT_GE(dark, 4 * CodePoints(lines[i].text).size()) << lines[i].key;
  }
}

TEST_F(DrawingTest, ASealAndAWatermarkAreSeen) {
  const DocumentInput input = tests::SampleDocument();
  const Picture plain = FromPng(Png(input));
  const auto marked = renderer_->PreviewPng(input, "", 0, "样张", kDpi);
  ASSERT_OK(marked);
  EXPECT_GT(Compare(plain, FromPng(*marked), {}).outside, 1000u);
  const auto sealed = renderer_->PreviewPng(input, Png(input, 72), 40, "", kDpi);
  ASSERT_OK(sealed);
  const Difference difference =
      Compare(plain, FromPng(*sealed), {{kSealX, kSealY, kSealX + 40, kSealY + 40}});
  EXPECT_GT(difference.inside, 1000u);
  EXPECT_EQ(difference.outside, 0u);
}

// By a reader that shares nothing with the writer.
TEST_F(DrawingTest, ScannersReadTheNumberAndThePayload) {
  if (tests::RunShell("zbarimg --version").code != 0)
    GTEST_FAIL() << "zbar-tools is not installed: ./dev setup";
  const tests::TempDir temp;
  for (const char* number : {"Z990000017", "A520000001", "Z999999990"}) {
    DocumentInput input = tests::SampleDocument();
    input.face.certificate_number = number;
    tests::WriteFile(temp.Join("page.png"), Png(input, 300));
    const tests::Ran read = tests::RunShell("zbarimg -q " + temp.Join("page.png"));
    EXPECT_EQ(read.code, 0);
    EXPECT_NE(read.output.find(absl::StrCat("CODE-128:", number, "\n")), std::string::npos)
        << read.output;
    EXPECT_NE(read.output.find(absl::StrCat("QR-Code:", QrPayload(input), "\n")), std::string::npos)
        << read.output;
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
