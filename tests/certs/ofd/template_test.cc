// SPDX-License-Identifier: Apache-2.0
// The constant page: what it draws is written down as a digest, and every path can be read.
#include <regex>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/layout.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"

namespace birthseal::certs::ofd {
namespace {

// Versions of the template, newest last. A change that is meant adds a row, and says in
// DECISIONS.md what changed; sealed documents carry the template that they were sealed with.
struct TemplateVersion {
  int version;
  const char* paths;  // SM3 of what the paths draw: no font has a part in it
  const char* whole;  // the texts too, as set with the fonts below
};
constexpr TemplateVersion kVersions[] = {
    {1, "3985a1b880640b2bce1d8ce66b05250a671875930bd30c8f82205311d9b74c62",
     "d994c47190ecb47a1a65806b68107c0e22ee1e09d0866295dacbc5ac1235bc04"}};
constexpr char kFonts[] =
    "d6fb41a04f0e42632a10436cb6a9e890584b186696c3bd5daf002e8fa541e049";  // FontSet::version of
                                                                         // Debian 12

std::string Described(const std::vector<PathItem>& paths) {
  std::string out;
  for (const PathItem& path : paths) {
    absl::StrAppend(&out, path.data, "|", path.x, " ", path.y, " ", path.width, " ", path.height,
                    " ", path.line_width, " ", path.colour.red, " ", path.colour.green, " ",
                    path.colour.blue, "\n");
  }
  return out;
}

std::string Described(const std::vector<TextItem>& texts) {
  std::string out;
  for (const TextItem& text : texts) {
    for (const char32_t c : text.text) AppendUtf8(c, &out);
    absl::StrAppend(&out, "|", static_cast<int>(text.font), " ", text.x, " ", text.baseline, " ",
                    text.size, " ", text.colour.red, " ", text.colour.green, " ", text.colour.blue);
    for (const double advance : text.advances) absl::StrAppend(&out, " ", advance);
    out += "\n";
  }
  return out;
}

std::string DigestOf(const std::string& text) { return absl::BytesToHexString(Bytes(Sm3Of(text))); }

class TemplateTest : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::SampleFonts() == nullptr)
      GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
    setter_ = std::make_unique<TypeSetter>(tests::SampleFonts()->state().faces());
    page_ = TemplateLayout(setter_.get());
  }
  static const TemplateVersion& Newest() { return *std::rbegin(kVersions); }

  std::unique_ptr<TypeSetter> setter_;
  Layout page_;
};

TEST_F(TemplateTest, ItsPathsAreThoseOfItsVersion) {
  EXPECT_EQ(DigestOf(Described(page_.paths)), Newest().paths)
      << "the template was changed: was it meant? see kVersions";
}

TEST_F(TemplateTest, ItsTextsAreThoseOfItsVersion) {
  if (tests::SampleFonts()->version() != kFonts) {
    GTEST_SKIP() << "other fonts are installed than those of the digest: "
                 << tests::SampleFonts()->version();
  }
  EXPECT_EQ(DigestOf(Described(page_.paths) + Described(page_.texts)), Newest().whole)
      << "the template was changed: was it meant? see kVersions";
}

// A blank too few runs two numbers together, and readers draw something else or nothing.
TEST_F(TemplateTest, EveryPathIsALetterAndItsNumbersWithOneBlankBehindEach) {
  const std::regex step("[ML] (-?\\d+(\\.\\d{1,2})? ){2}|B (-?\\d+(\\.\\d{1,2})? ){6}|C ");
  std::vector<PathItem> paths = page_.paths;
  const Layout page =
      CertificateLayout(*setter_, FaceLines(tests::SampleFace()), "1:LICENCE:1:1:1");
  paths.insert(paths.end(), page.paths.begin(), page.paths.end());
  ASSERT_GT(paths.size(), 10u);
  for (const PathItem& path : paths) {
    ASSERT_FALSE(path.data.empty());
    EXPECT_EQ(path.data[0], 'M');
    auto at = path.data.cbegin();
    std::smatch match;
    while (at != path.data.cend() && std::regex_search(at, path.data.cend(), match, step,
                                                       std::regex_constants::match_continuous)) {
      at = match[0].second;
    }
    EXPECT_EQ(std::string(at, path.data.cend()).substr(0, 40), "");
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
