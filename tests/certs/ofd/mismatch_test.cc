// SPDX-License-Identifier: Apache-2.0
// Our own document with one thing changed: reading it back names the very field that no longer
// agrees, wherever it stands.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/errors.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/document_xml.h"
#include "certs/ofd/structure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;

constexpr char kOfd[] = "OFD.xml";
constexpr char kNoBox[] =
    " Boundary=\"0 0 9 9\" Font=\"2\" Size=\"3\"><ofd:TextCode X=\"0\" Y=\"3\">"
    "</ofd:TextCode></ofd:TextObject>";

struct Edit {
  const char* file;
  std::string from, to;
};
struct Row {
  const char* what;
  std::string field;
  std::vector<Edit> edits;
};

class MismatchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (tests::SampleFonts() == nullptr) return;
    const auto draft = Renderer(tests::SampleFonts()).Render(tests::SampleDocument());
    ASSERT_OK(draft);
    const auto package = ReadPackage(WritePackage(draft->parts()));
    ASSERT_OK(package);
    good_ = new OpenPackage(*package);
    Apply({{kOfd, "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", ""}}, good_);
  }
  void SetUp() override {
    if (good_ == nullptr) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  }
  static void Apply(const std::vector<Edit>& edits, OpenPackage* package) {
    for (const Edit& edit : edits) {
      EXPECT_GT(absl::StrReplaceAll({{edit.from, edit.to}}, &package->files.at(edit.file)), 0)
          << edit.from;
    }
  }
  static void ExpectMismatch(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      OpenPackage package = *good_;
      Apply(row.edits, &package);
      const auto back = ReadCertificate(package);
      EXPECT_THAT(back, StatusIs(absl::StatusCode::kDataLoss, "DATA_MISMATCH")) << row.what;
      EXPECT_EQ(FieldOf(back.status()), row.field) << row.what;
    }
  }
  static std::string KeyOf(size_t line) {
    return std::string(FaceLines(tests::SampleFace()).at(line).key);
  }

  static OpenPackage* good_;
};
OpenPackage* MismatchTest::good_ = nullptr;

TEST_F(MismatchTest, NothingIsWrongBefore) { EXPECT_OK(ReadCertificate(*good_)); }

TEST_F(MismatchTest, ValuesOfTheRecord) {
  const auto record = [](const std::string& from, const std::string& to) {
    return std::vector<Edit>{{kRecordPath, from, to}};
  };
  ExpectMismatch({
      {"no XML", "record", record("</Record>", "")},
      {"face in no base64", "Face", record("<Face>AAAA", "<Face>????")},
      {"no face", "Face", record("<Face>AAAA", "<Face>AAAB")},
      {"two faces", "Face", record("<Face>", "<Face/><Face>")},
      {"no time", "SigningTime", record("<SigningTime>2", "<SigningTime>x2")},
      {"no status index", "StatusIndex", record("StatusIndex", "Status")},
      {"a status index of letters", "StatusIndex", record("<StatusIndex>1", "<StatusIndex>x")},
      {"two status indices", "StatusIndex",
       record("<StatusIndex>", "<StatusIndex>1017</StatusIndex><StatusIndex>")},
      {"no log epoch", "LogEpoch", record("LogEpoch", "Epoch")},
      {"a log epoch of letters", "LogEpoch", record("<LogEpoch>1", "<LogEpoch>x")},
      {"no intent index", "IntentIndex", record("IntentIndex", "Intent")},
      {"an intent index of letters", "IntentIndex", record("<IntentIndex>2", "<IntentIndex>x")},
      {"another weight to read", KeyOf(4), record(">3280克<", ">3281克<")},
      {"a comment", "record", record("<LogEpoch>", "<!-- x --><LogEpoch>")},
  });
}

TEST_F(MismatchTest, DataOfTheDocument) {
  const std::string number = "<ofd:CustomData Name=\"ZZBH\">Z990000017</ofd:CustomData>";
  ExpectMismatch({
      {"another number", "ZZBH", {{kOfd, number, absl::StrReplaceAll(number, {{"17<", "18<"}})}}},
      {"no number", "ZZBH", {{kOfd, number, ""}}},
      {"one more", "CustomDatas", {{kOfd, number, number + "<ofd:CustomData Name=\"X\"/>"}}},
      {"another document", "DocID", {{kOfd, "<ofd:DocID>0", "<ofd:DocID>1"}}},
      {"one more page",
       "pages",
       {{kDocumentPath, "</ofd:Pages>",
         "<ofd:Page ID=\"7\" BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages>"}}},
      {"a file that is not there",
       "STRUCTURE_MISSING_FILE",
       {{kOfd, "<ofd:CustomDatas>", "<ofd:Cover>c.png</ofd:Cover><ofd:CustomDatas>"}}},
      {"the older namespace",
       "XML_OLD_NAMESPACE",
       {{kTagsPath, "ofdspec.org/2016", "ofdspec.org"}}},
  });
}

TEST_F(MismatchTest, TagsAndTextsOfThePage) {
  const std::string sex = KeyOf(1), open = absl::StrCat("<", sex, ">");
  const std::string object = "<ofd:ObjectRef PageRef=\"5\">19999</ofd:ObjectRef>";
  const std::string text = "<ofd:TextObject ID=\"19999\"", first = "<ofd:TextObject ID=\"10000\"";
  const Edit blank = {kPagePath, first, absl::StrCat(text, kNoBox, first)};
  ExpectMismatch({
      {"a tag less", sex, {{kTagPath, sex, "KZ_XX"}}},
      {"a tag of another text", sex, {{kTagPath, ">10001<", ">10000<"}}},
      {"a tag more", "tags", {{kTagPath, open, absl::StrCat("<KZ_XX>", object, "</KZ_XX>", open)}}},
      {"a text without tag", "page", {blank}},
      {"a text tagged twice", "page", {blank, {kTagPath, open, open + object + object}}},
  });
  OpenPackage package = *good_;
  Apply({blank, {kTagPath, open, open + object}}, &package);
  EXPECT_OK(ReadCertificate(package));  // tagged once it says nothing and is not seen
}

TEST_F(MismatchTest, OnlyTheReceiptMayBeLeftOut) {
  OpenPackage package = *good_;
  package.files.erase(kReceiptPath);
  const auto back = ReadCertificate(package);
  ASSERT_OK(back);
  EXPECT_EQ(back->receipt, "");
  Apply({{kTagsPath, "ofdspec.org/2016", "ofdspec.org"}}, &package);
  EXPECT_THAT(ReadCertificate(package), StatusIs(absl::StatusCode::kDataLoss, "DATA_MISMATCH"));
  package = *good_;
  package.files.erase(kRecordPath);
  EXPECT_THAT(ReadCertificate(package), StatusIs(absl::StatusCode::kNotFound, "NOT_OUR_DOCUMENT"));
}

}  // namespace
}  // namespace birthseal::certs::ofd
