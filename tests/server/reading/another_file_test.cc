// SPDX-License-Identifier: Apache-2.0
// Files of a licence that are not the committed one: sealed again with the institution's key,
// packed anew, or of a certificate whose document was lost.
#include <functional>
#include <tuple>

#include "absl/strings/match.h"
#include "server/reading/verify_document.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/signer/verify/sealed_package.h"

namespace birthseal::tests {
namespace {

using server::Role;
using signer::Layer;
using signer::LayerResult;
using signer::Verdict;
using testing::Contains;
using testing::StartsWith;

constexpr char kPage[] = "Doc_0/Pages/Page_0/Content.xml";
constexpr char kTemplate[] = "Doc_0/Tpls/Tpl_0/Content.xml";
constexpr char kFont[] = "Doc_0/Res/font_3.ttf";

class AnotherFileTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    issued_ = IssueBirth(1);
    file_ = Download(issued_.number);
  }
  server::VerifyDocumentResult Verify(const std::string& file) {
    const auto result =
        server::VerifyDocument(*house_, As(kManaging, Role::kPolice), {file, "出生登记"});
    EXPECT_OK(result);
    return result.ok() ? *result : server::VerifyDocumentResult();
  }
  // Record and receipt as they were, sealed once more with the institution's own key.
  std::string SealedAgain(const std::function<void(Files*)>& edit) const {
    Sealing sealing;
    sealing.files = Unpack(file_);
    for (auto file = sealing.files.begin(); file != sealing.files.end();) {
      file = absl::StrContains(file->first, "/Signs/") ? sealing.files.erase(file) : ++file;
    }
    edit(&sealing.files);
    sealing.page_ref = "5";
    sealing.seal = pki_.identity.seal;
    sealing.signer = pki_.identity.signer;
    sealing.time = clock_.Now();
    return Seal(sealing);
  }
  void ExpectNotTheIssuedOne(const std::string& file, Verdict verdict, const std::string& reason) {
    // By all that the file carries it is genuine: only the registry knows better.
    EXPECT_EQ(verifier_->Verify(file, clock_.Now()).verdict, Verdict::kGenuineStatusNotChecked);
    const server::VerifyDocumentResult result = Verify(file);
    EXPECT_EQ(result.report.verdict, verdict) << Name(result.report.verdict);
    EXPECT_EQ(result.report.at(Layer::kStatus).result, LayerResult::kFailed);
    EXPECT_THAT(result.report.at(Layer::kStatus).reasons, Contains(StartsWith(reason)));
    EXPECT_THAT(result.report.notices, Contains(StartsWith("此文件不是")));
    EXPECT_EQ(result.share_result, 7);
  }
  void ChangeHead(const std::function<void(storage::v1::CertificateHead*)>& edit) {
    storage::v1::CertificateHead head = *registry_.Certificate(issued_.status_index);
    edit(&head);
    Overwrite(engine_.get(), store::Family::kCertificates, store::IndexKey(issued_.status_index),
              head.SerializeAsString());
  }
  void Erase(store::Family family, const std::string& key) {
    store::WriteBatch batch;
    batch.Erase(family, key);
    CommitBehindTheLedger(engine_.get(), batch);
  }

  server::CertificateView issued_;
  std::string file_;
};

TEST_F(AnotherFileTest, TheCommittedFileIsValid) {
  const server::VerifyDocumentResult result = Verify(file_);
  EXPECT_EQ(result.report.verdict, Verdict::kValid) << Name(result.report.verdict);
  EXPECT_EQ(result.share_result, 0);
}

// Rule V5.
TEST_F(AnotherFileTest, AFileSealedAgainWithAnotherLookIsSealedOutsideTheLog) {
  const std::pair<const char*, std::function<void(Files*)>> looks[] = {
      {"page",
       [](Files* files) {
         Replace("</ofd:Layer>",
                 "<ofd:PathObject ID=\"19990\" Boundary=\"66 76 40 8\" Stroke=\"false\" "
                 "Fill=\"true\"><ofd:FillColor Value=\"255 253 245\"/><ofd:AbbreviatedData>"
                 "M 0 0 L 40 0 L 40 8 L 0 8 C</ofd:AbbreviatedData></ofd:PathObject></ofd:Layer>",
                 &(*files)[kPage]);
       }},
      {"template", [](Files* files) { (*files)[kTemplate].insert(100, " "); }},
      {"font", [](Files* files) { (*files)[kFont] = (*files)["Doc_0/Res/font_2.ttf"]; }},
      {"nothing", [](Files*) {}},
  };
  for (const auto& [name, edit] : looks) {
    SCOPED_TRACE(name);
    ExpectNotTheIssuedOne(SealedAgain(edit), Verdict::kSealedOutsideTheLog, "SEALED_AGAIN");
  }
}

TEST_F(AnotherFileTest, TheStateOfTheLicenceDoesNotVouchForAnotherFile) {
  ChangeHead([](storage::v1::CertificateHead* head) {
    head->set_state(static_cast<int>(certs::CertificateState::kRevoked));
  });
  EXPECT_EQ(Verify(file_).report.verdict, Verdict::kRevoked);
  ExpectNotTheIssuedOne(SealedAgain([](Files*) {}), Verdict::kSealedOutsideTheLog, "SEALED_AGAIN");
}

// Rule V5.
TEST_F(AnotherFileTest, TheIssuedContentPackedAnewIsAltered) {
  std::vector<certs::ofd::PartPtr> parts;
  const Files files = Unpack(file_);
  parts.push_back(certs::ofd::MakePart("OFD.xml", files.at("OFD.xml")));
  for (const auto& [path, content] : files) {
    if (path == "OFD.xml") continue;
    parts.push_back(certs::ofd::MakePart(path, content, certs::ofd::Method::kStored));
  }
  ExpectNotTheIssuedOne(certs::ofd::WritePackage(parts), Verdict::kForgedOrAltered, "PACKED_ANEW");
}

TEST_F(AnotherFileTest, OfALostDocumentNoFileIsTakenForTheCommittedOne) {
  ChangeHead([](storage::v1::CertificateHead* head) {
    head->set_document_lost(true);
    head->clear_file_sm3();
    head->clear_to_be_signed_sm3();
  });
  for (const std::string& file : {file_, SealedAgain([](Files*) {})}) {
    const server::VerifyDocumentResult result = Verify(file);
    EXPECT_EQ(result.report.verdict, Verdict::kGenuineStatusNotChecked)
        << Name(result.report.verdict);
    EXPECT_EQ(result.report.at(Layer::kStatus).result, LayerResult::kNotChecked);
    EXPECT_THAT(result.report.at(Layer::kStatus).reasons,
                Contains(StartsWith("COMMITTED_FILE_UNKNOWN")));
    EXPECT_EQ(result.share_result, 4);
  }
  // What has ended is over for every file of the licence.
  ChangeHead([](storage::v1::CertificateHead* head) {
    head->set_state(static_cast<int>(certs::CertificateState::kRevoked));
  });
  EXPECT_EQ(Verify(file_).report.verdict, Verdict::kRevoked);
}

TEST_F(AnotherFileTest, TheStateOfTheLicenceIsToldAsItStands) {
  using certs::CertificateState;
  const std::tuple<CertificateState, Verdict, int> states[] = {
      {CertificateState::kValid, Verdict::kValid, 0},
      {CertificateState::kExchanged, Verdict::kSuperseded, 3},
      {CertificateState::kReplaced, Verdict::kSuperseded, 3},
      {CertificateState::kRevoked, Verdict::kRevoked, 3},
  };
  for (const auto& [state, verdict, share_result] : states) {
    ChangeHead([state = state](storage::v1::CertificateHead* head) {
      head->set_state(static_cast<int>(state));
    });
    const server::VerifyDocumentResult result = Verify(file_);
    EXPECT_EQ(result.report.verdict, verdict) << static_cast<int>(state);
    EXPECT_EQ(result.share_result, share_result) << static_cast<int>(state);
  }
  for (const int none : {0, 5, -1}) {
    ChangeHead([none](storage::v1::CertificateHead* head) { head->set_state(none); });
    EXPECT_THAT(server::VerifyDocument(*house_, As(kManaging, Role::kPolice), {file_, "出生登记"}),
                StatusIs(absl::StatusCode::kDataLoss, "CERTIFICATE_STATE"))
        << none;
  }
}

TEST_F(AnotherFileTest, OfALicenceThatTheRegistryDoesNotKnowTheStatusIsNotChecked) {
  const std::pair<store::Family, std::string> records[] = {
      {store::Family::kCertificates, store::IndexKey(issued_.status_index)},  // reserved at most
      {store::Family::kLicences, store::LicenceKey(issued_.licence_id)},
  };
  for (const auto& [family, key] : records) {
    Erase(family, key);
    const server::VerifyDocumentResult result = Verify(file_);
    EXPECT_EQ(result.report.verdict, Verdict::kGenuineStatusNotChecked)
        << Name(result.report.verdict);
    EXPECT_THAT(result.report.at(Layer::kStatus).reasons,
                Contains(StartsWith("STATUS_UNKNOWN_HERE")));
    EXPECT_EQ(result.share_result, 4);
  }
}

}  // namespace
}  // namespace birthseal::tests
