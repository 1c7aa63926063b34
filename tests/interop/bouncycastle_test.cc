// SPDX-License-Identifier: Apache-2.0
// Our files under an independent verifier: Java and BouncyCastle (tests/interop/VerifyOfd.java).
#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/places.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

constexpr int kGood = 0, kBad = 1, kMissing = 77;

using Parts = std::vector<certs::ofd::PartPtr>;

class BouncyCastleTest : public testing::Test {
 protected:
  BouncyCastleTest() {
    WriteFile(dir_.Join("seal-makers.pem"), SharedPki().hierarchy.MakersPem());
    WriteFile(dir_.Join("signers.pem"), SharedPki().hierarchy.SignersPem());
    evidence_ = CompleteEvidence(SharedPki(), SyntheticFace(SharedPki()));
  }

  // Exit code of the script over one file.
  int Judge(const std::string& file) {
    WriteFile(dir_.Join("file.ofd"), file);
    const std::string command = absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/tests/interop/verify_ofd.sh ",
                                             dir_.path(), " ", dir_.Join("file.ofd"));
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Parts SealedParts() { return SealCertificate(SharedPki(), evidence_).parts; }

  // The same package with the content of one part edited.
  static std::string Edited(Parts parts, absl::string_view path, absl::string_view content) {
    for (certs::ofd::PartPtr& part : parts) {
      if (part->path == path) part = certs::ofd::MakePart(path, content);
    }
    return certs::ofd::WritePackage(parts);
  }

  TempDir dir_;
  signer::SealEvidence evidence_;
};

#define SKIP_WITHOUT_JAVA(code) \
  if ((code) == kMissing) GTEST_FAIL() << "java or libbcprov-java is not installed: ./dev setup"

TEST_F(BouncyCastleTest, AcceptsWhatTheSealerMakes) {
  const int code = Judge(certs::ofd::WritePackage(SealedParts()));
  SKIP_WITHOUT_JAVA(code);
  EXPECT_EQ(code, kGood);
}

TEST_F(BouncyCastleTest, AcceptsACompleteCertificate) {
  const int code = Judge(SharedSealedCertificate().document.file);
  SKIP_WITHOUT_JAVA(code);
  EXPECT_EQ(code, kGood);
}

TEST_F(BouncyCastleTest, RefusesAnEditedPage) {
  const int code = Judge(Edited(SealedParts(), "Doc_0/Pages/Page_0/Content.xml", "<edited/>"));
  SKIP_WITHOUT_JAVA(code);
  EXPECT_EQ(code, kBad);
}

TEST_F(BouncyCastleTest, RefusesAStowawayFile) {
  Parts parts = SealedParts();
  parts.push_back(certs::ofd::MakePart("Doc_0/extra.txt", "not covered"));
  const int code = Judge(certs::ofd::WritePackage(parts));
  SKIP_WITHOUT_JAVA(code);
  EXPECT_EQ(code, kBad);
}

TEST_F(BouncyCastleTest, RefusesASealOfAnUnknownMaker) {
  const TestPki stranger = MakeTestPki();
  const signer::SealEvidence evidence = CompleteEvidence(stranger, SyntheticFace(stranger));
  const int code = Judge(SealCertificate(stranger, evidence).file);
  SKIP_WITHOUT_JAVA(code);
  EXPECT_EQ(code, kBad);
}

}  // namespace
}  // namespace birthseal::tests
