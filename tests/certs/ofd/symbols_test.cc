// SPDX-License-Identifier: Apache-2.0
// The QR code as it stands on the page, read by zbar.
#include <zbar.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/layout.h"
#include "certs/ofd/xml.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using Matrix = std::vector<std::string>;  // rows of '#' and ' '
// What zbar, a reader that shares nothing with our encoder, finds in the matrix.
std::string ReadByZbar(const Matrix& matrix) {
  constexpr size_t kDots = 4, kQuiet = 4;  // dots of a module, modules around the code
  const size_t side = (matrix.size() + 2 * kQuiet) * kDots;
  std::string grey(side * side, '\xff');
  for (size_t y = 0; y < matrix.size() * kDots; ++y) {
    for (size_t x = 0; x < matrix.size() * kDots; ++x) {
      if (matrix[y / kDots][x / kDots] == '#') {
        grey[(y + kQuiet * kDots) * side + x + kQuiet * kDots] = '\0';
      }
    }
  }
  zbar::Image image(side, side, "Y800", grey.data(), grey.size());
  zbar::ImageScanner scanner;
  if (scanner.scan(image) != 1) return "not one code";
  return image.symbol_begin()->get_data();
}

struct Box {
  double x, y, width, height;
};
Box BoxFrom(const std::string& text) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  Box box{};
  EXPECT_TRUE(words.size() == 4 && absl::SimpleAtod(words[0], &box.x) &&
              absl::SimpleAtod(words[1], &box.y) && absl::SimpleAtod(words[2], &box.width) &&
              absl::SimpleAtod(words[3], &box.height))
      << text;
  return box;
}

// Rectangles of "M x y L x y L x y L x y C"; anything else is a failure.
std::vector<Box> Rectangles(const std::string& data) {
  std::vector<Box> boxes;
  for (absl::string_view figure : absl::StrSplit(data, 'C')) {
    const std::vector<std::string> words = absl::StrSplit(figure, ' ', absl::SkipEmpty());
    if (words.empty()) continue;
    double at[8] = {};
    bool fine = words.size() == 12;
    for (size_t i = 0; fine && i < 12; ++i) {
      fine = i % 3 == 0 ? words[i] == (i == 0 ? "M" : "L")
                        : absl::SimpleAtod(words[i], &at[i / 3 * 2 + i % 3 - 1]);
    }
    EXPECT_TRUE(fine && at[1] == at[3] && at[2] == at[4] && at[5] == at[7] && at[6] == at[0])
        << figure;
    boxes.push_back({at[0], at[1], at[2] - at[0], at[5] - at[3]});
  }
  return boxes;
}

// One sample in the middle of each module.
Matrix Sampled(const std::vector<Box>& boxes, double module, size_t width) {
  Matrix rows(width, std::string(width, ' '));
  for (size_t row = 0; row < width; ++row) {
    for (size_t column = 0; column < width; ++column) {
      const double x = (column + 0.5) * module, y = (row + 0.5) * module;
      for (const Box& box : boxes) {
        const bool inside =
            x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
        if (inside) rows[row][column] = '#';
      }
    }
  }
  return rows;
}

// The path objects of the page, in order: the barcode, then the QR code.
std::vector<pugi::xml_node> PathObjects(const pugi::xml_node& node) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node& child : node.children()) {
    if (LocalName(child) == "PathObject") {
      found.push_back(child);
    } else {
      for (const pugi::xml_node& deeper : PathObjects(child)) found.push_back(deeper);
    }
  }
  return found;
}

class SymbolsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::SampleFonts() == nullptr)
      GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
    const auto draft = Renderer(tests::SampleFonts()).Render(tests::SampleDocument());
    ASSERT_OK(draft);
    const auto package = ReadPackage(WritePackage(draft->parts()));
    ASSERT_OK(package);
    ASSERT_TRUE(page_.load_string(package->files.at(kPagePath).c_str()));
    paths_ = PathObjects(page_);
    ASSERT_EQ(paths_.size(), 2u);
  }

  pugi::xml_document page_;
  std::vector<pugi::xml_node> paths_;
};

TEST_F(SymbolsTest, BothCodesAreFilledAndNotStroked) {
  for (const pugi::xml_node& path : paths_) {
    EXPECT_EQ(Attribute(path, "Fill"), "true");
    EXPECT_EQ(Attribute(path, "Stroke"), "false");
    EXPECT_EQ(Children(path, "FillColor").size(), 1u);
    EXPECT_TRUE(Children(path, "StrokeColor").empty());
  }
}

TEST_F(SymbolsTest, TheModulesOfTheQrCodeReadAsItsPayload) {
  const Box boundary = BoxFrom(Attribute(paths_[1], "Boundary"));
  const std::vector<Box> boxes = Rectangles(TextOf(Children(paths_[1], "AbbreviatedData").at(0)));
  // The finder in the upper left corner is seven modules wide.
  const double module = boxes.at(0).width / 7;
  const auto modules = static_cast<size_t>(std::lround(boundary.width / module));
  // Whole modules: nothing is clipped and nothing is between them.
  EXPECT_EQ(boundary.width, boundary.height);
  EXPECT_NEAR(module * 10, std::round(module * 10), 1e-9);
  EXPECT_NEAR(boundary.width, module * static_cast<double>(modules), 1e-9);
  EXPECT_EQ(ReadByZbar(Sampled(boxes, module, modules)), QrPayload(tests::SampleDocument()));
  // Each rectangle covers whole modules of one row.
  for (const Box& box : boxes) {
    EXPECT_NEAR(box.height, module, 1e-9);
    for (const double edge : {box.x, box.y, box.x + box.width}) {
      EXPECT_NEAR(edge / module, std::round(edge / module), 1e-6);
    }
  }
}

TEST_F(SymbolsTest, TheQrCodeStandsInsideItsPlace) {
  const Box boundary = BoxFrom(Attribute(paths_[1], "Boundary"));
  EXPECT_GE(boundary.x, 27);
  EXPECT_GE(boundary.y, 222);
  EXPECT_LE(boundary.x + boundary.width, 27 + 30);
  EXPECT_LE(boundary.y + boundary.height, 222 + 30);
}

}  // namespace
}  // namespace birthseal::certs::ofd
