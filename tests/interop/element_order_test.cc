// SPDX-License-Identifier: Apache-2.0
// The XML of a sealed certificate against the schemas of GB/T 33190 (check_element_order.py).
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/places.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

class ElementOrderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c '' 2>/dev/null") != 0)
      GTEST_FAIL() << "python3 is not installed: ./dev setup";
  }

  // Exit code of the script over one file.
  int Judge(const std::string& file) {
    WriteFile(dir_.Join("file.ofd"), file);
    const int status =
        std::system(absl::StrCat("python3 ", BIRTHSEAL_SOURCE_DIR,
                                 "/tests/interop/check_element_order.py ", dir_.Join("file.ofd"))
                        .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // The certificate with every `from` in one of its files replaced.
  static std::string Edited(absl::string_view path, absl::string_view from, absl::string_view to) {
    auto parts = SharedSealedCertificate().document.parts;
    const auto files = certs::ofd::ReadPackage(SharedSealedCertificate().document.file)->files;
    std::string content = files.at(std::string(path));
    EXPECT_GT(absl::StrReplaceAll({{from, to}}, &content), 0) << path;
    for (certs::ofd::PartPtr& part : parts) {
      if (part->path == path) part = certs::ofd::MakePart(path, content);
    }
    return certs::ofd::WritePackage(parts);
  }

  TempDir dir_;
};

TEST_F(ElementOrderTest, EveryFileOfASealedCertificateFollowsTheAnnex) {
  EXPECT_EQ(Judge(SharedSealedCertificate().document.file), 0);
}

TEST_F(ElementOrderTest, AWrongOrderAnUnknownElementAndADoubledIdAreFound) {
  EXPECT_EQ(Judge(Edited("OFD.xml", "<ofd:Creator>Birthseal</ofd:Creator>", "")), 0);
  EXPECT_EQ(Judge(Edited("OFD.xml", "<ofd:DocInfo>", "<ofd:DocInfo><ofd:Creator>x</ofd:Creator>")),
            1);
  EXPECT_EQ(Judge(Edited("Doc_0/Document.xml", "<ofd:Pages>", "<ofd:Sheets/><ofd:Pages>")), 1);
  EXPECT_EQ(Judge(Edited("Doc_0/Pages/Page_0/Content.xml", "ID=\"10001\"", "ID=\"10000\"")), 1);
  EXPECT_EQ(Judge(Edited("Doc_0/Document.xml", "<ofd:MaxUnitID>20000", "<ofd:MaxUnitID>200")), 1);
}

}  // namespace
}  // namespace birthseal::tests
