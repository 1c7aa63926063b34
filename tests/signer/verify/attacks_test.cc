// SPDX-License-Identifier: Apache-2.0
// The attacks of the verifier's checklist (ARCHITECTURE.md, "Verification") on one of our own
// sealed certificates: each is refused with the right reason.

#include <functional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/document_verifier.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;
using tests::Files;
using tests::FixtureNow;
using tests::Pack;
using tests::SharedPki;
using tests::SharedSealedCertificate;
using tests::Unpack;

constexpr char kSignature[] = "Doc_0/Signs/Sign_0/Signature.xml";
constexpr char kValue[] = "Doc_0/Signs/Sign_0/SignedValue.dat";
constexpr char kList[] = "Doc_0/Signs/Signatures.xml";

class AttacksTest : public testing::Test {
 protected:
  static const std::string& Genuine() { return SharedSealedCertificate().document.file; }
  Report Verify(const std::string& file) const { return verifier_.Verify(file, FixtureNow()); }
  // The genuine file after `edit`.
  Report Attack(const std::function<void(Files*)>& edit) const {
    Files files = Unpack(Genuine());
    edit(&files);
    return Verify(Pack(files));
  }
  static void ExpectForged(const Report& report, Layer layer, const std::string& reason) {
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered) << Name(report.verdict);
    EXPECT_EQ(report.at(layer).result, LayerResult::kFailed) << Name(layer);
    EXPECT_THAT(report.at(layer).reasons, Contains(StartsWith(reason)));
  }
  const DocumentVerifier verifier_{SharedPki().Trust()};
};

TEST_F(AttacksTest, TheGenuineCertificateIsGenuineInEveryLayer) {
  Report report = Verify(Genuine());
  for (const LayerReport& layer : report.layers) {
    EXPECT_THAT(layer.reasons, IsEmpty()) << Name(layer.layer);
    EXPECT_EQ(layer.result,
              layer.layer == Layer::kStatus ? LayerResult::kNotChecked : LayerResult::kOk)
        << Name(layer.layer);
  }
  EXPECT_THAT(report.notices, IsEmpty());
  EXPECT_EQ(report.verdict, Verdict::kGenuineStatusNotChecked) << Name(report.verdict);
  EXPECT_EQ(report.receipt, ReceiptStrength::kLogged);
  ASSERT_TRUE(report.certificate.has_value());
  EXPECT_EQ(certs::FaceDigest(report.certificate->face),
            certs::FaceDigest(SharedSealedCertificate().evidence.face));
  ApplyStatus(RegistryStatus::kValid, "12", &report);
  EXPECT_EQ(report.verdict, Verdict::kValid);
}

TEST_F(AttacksTest, StatusChangesOnlyTheVerdictOfGenuineDocuments) {
  const std::pair<RegistryStatus, Verdict> genuine[] = {
      {RegistryStatus::kValid, Verdict::kValid},
      {RegistryStatus::kSuperseded, Verdict::kSuperseded},
      {RegistryStatus::kRevoked, Verdict::kRevoked},
      {RegistryStatus::kUnknownHere, Verdict::kGenuineStatusNotChecked}};
  for (const auto& [status, verdict] : genuine) {
    Report report = Verify(Genuine());
    ApplyStatus(status, "12", &report);
    EXPECT_EQ(report.verdict, verdict);
  }
  Report forged = Attack([](Files* files) { (*files)["Doc_0/Extra.bin"] = "x"; });
  ApplyStatus(RegistryStatus::kValid, "12", &forged);
  EXPECT_EQ(forged.verdict, Verdict::kForgedOrAltered);
}

// Rule F3.
TEST_F(AttacksTest, DocRootPointedToANewDocumentIsRefused) {
  const Report report = Attack([](Files* files) {
    // All that it names stays where it was.
    (*files)["Doc_1/Document.xml"] = absl::StrReplaceAll(
        (*files)["Doc_0/Document.xml"], {{"BaseLoc=\"", "BaseLoc=\"/Doc_0/"},
                                         {"<ofd:PublicRes>", "<ofd:PublicRes>/Doc_0/"},
                                         {"<ofd:CustomTags>", "<ofd:CustomTags>/Doc_0/"},
                                         {"<ofd:Attachments>", "<ofd:Attachments>/Doc_0/"}});
    tests::Replace("Doc_0/Document.xml", "Doc_1/Document.xml", &(*files)["OFD.xml"]);
  });
  ExpectForged(report, Layer::kSignature, "REFERENCE_DIGEST_MISMATCH: OFD.xml");
}

TEST_F(AttacksTest, AnyEditOfAnyCoveredFileIsRefusedByName) {
  for (const auto& [path, content] : Unpack(Genuine())) {
    if (path == kSignature || path == kValue) continue;
    SCOPED_TRACE(path);
    const Report report = Attack([&, p = path](Files* files) {
      std::string& file = (*files)[p];
      const size_t at = absl::EndsWith(p, ".xml") ? file.rfind('<') : file.size() / 2;
      file.insert(at, " ");
    });
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
  }
}

// Rule F12.
TEST_F(AttacksTest, EditedMetadataIsRefused) {
  const Report report = Attack([](Files* files) {
    std::string& ofd = (*files)["OFD.xml"];
    const size_t at = ofd.find("</ofd:CustomData>");
    ASSERT_NE(at, std::string::npos);
    ofd.insert(at, "9");
  });
  ExpectForged(report, Layer::kSignature, "REFERENCE_DIGEST_MISMATCH: OFD.xml");
  EXPECT_EQ(report.at(Layer::kData).result, LayerResult::kFailed);
}

// Rule F6.
TEST_F(AttacksTest, AStowawayIsRefused) {
  ExpectForged(Attack([](Files* files) { (*files)["Doc_0/Extra.bin"] = "x"; }), Layer::kCoverage,
               "STOWAWAY: Doc_0/Extra.bin");
}

TEST_F(AttacksTest, AReportGivesNoMoreThanAHundredReasonsForALayer) {
  const Report report = Attack([](Files* files) {
    for (int i = 0; i < 150; ++i) (*files)[absl::StrCat("Doc_0/Extra_", i)] = "x";
  });
  ExpectForged(report, Layer::kCoverage, "STOWAWAY: Doc_0/Extra_0");
  EXPECT_EQ(report.at(Layer::kCoverage).reasons.size(), 101u);
  EXPECT_EQ(report.at(Layer::kCoverage).reasons.back(), "MORE_REASONS");
}

TEST_F(AttacksTest, AMissingFileIsRefused) {
  const Report report = Attack([](Files* files) {
    for (auto file = files->begin(); file != files->end(); ++file) {
      if (absl::StrContains(file->first, "Res/")) {
        files->erase(file);
        return;
      }
    }
    FAIL() << "no resource file";
  });
  EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
}

// Rule F4.
TEST_F(AttacksTest, WithoutItsSignatureEntryTheDocumentIsNeverFine) {
  const Report emptied = Attack([](Files* files) {
    (*files)[kList] =
        "<ofd:Signatures xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:MaxSignId>2"
        "</ofd:MaxSignId></ofd:Signatures>";
  });
  ExpectForged(emptied, Layer::kSignature, "SIGNATURE_LIST_EMPTY");
  const Report unsigned_document = Attack([](Files* files) {
    std::string& ofd = (*files)["OFD.xml"];
    const size_t from = ofd.find("<ofd:Signatures>");
    const std::string end = "</ofd:Signatures>";
    ofd.erase(from, ofd.find(end) + end.size() - from);
    for (auto file = files->begin(); file != files->end();) {
      file = absl::StrContains(file->first, "Signs/") ? files->erase(file) : std::next(file);
    }
  });
  EXPECT_EQ(unsigned_document.verdict, Verdict::kUnsigned);
}

// Rule F6.
TEST_F(AttacksTest, AVersionChainAddedLaterIsRefused) {
  const Report report = Attack([](Files* files) {
    std::string& ofd = (*files)["OFD.xml"];
    const size_t at = ofd.find("<ofd:Signatures>");
    ASSERT_NE(at, std::string::npos);
    ofd.insert(at,
               "<ofd:Versions><ofd:Version ID=\"1\" Index=\"1\" Current=\"true\" "
               "BaseLoc=\"/Doc_0/Version.xml\"/></ofd:Versions>");
    (*files)["Doc_0/Version.xml"] =
        "<ofd:DocVersion xmlns:ofd=\"http://www.ofdspec.org/2016\" ID=\"1\"><ofd:FileList/>"
        "<ofd:DocRoot>/Doc_0/Document_1.xml</ofd:DocRoot></ofd:DocVersion>";
    (*files)["Doc_0/Document_1.xml"] = (*files)["Doc_0/Document.xml"];
  });
  ExpectForged(report, Layer::kSignature, "REFERENCE_DIGEST_MISMATCH: OFD.xml");
}

// Rule F6.
TEST_F(AttacksTest, AnnotationsAddedLaterAreRefused) {
  const Report report = Attack([](Files* files) {
    std::string& document = (*files)["Doc_0/Document.xml"];
    const size_t at = document.find("</ofd:Pages>");
    ASSERT_NE(at, std::string::npos);
    document.insert(at + 12, "<ofd:Annotations>/Doc_0/Annots.xml</ofd:Annotations>");
    (*files)["Doc_0/Annots.xml"] = "<ofd:Annotations xmlns:ofd=\"http://www.ofdspec.org/2016\"/>";
  });
  ExpectForged(report, Layer::kSignature, "REFERENCE_DIGEST_MISMATCH: Doc_0/Document.xml");
}

TEST_F(AttacksTest, RefreshedDigestsDoNotFitTheSignedHash) {
  const Report report = Attack([](Files* files) {
    std::string& document = (*files)["Doc_0/Document.xml"];
    const std::string before = absl::Base64Escape(certs::View(certs::Sm3Of(document)));
    document += "\n";
    const std::string after = absl::Base64Escape(certs::View(certs::Sm3Of(document)));
    tests::Replace(before, after, &(*files)[kSignature]);
  });
  ExpectForged(report, Layer::kSignature, "DATA_HASH_MISMATCH");
}

TEST_F(AttacksTest, AMovedStampIsRefused) {
  const Report report = Attack(
      [](Files* files) { tests::Replace("Boundary=\"", "Boundary=\"1", &(*files)[kSignature]); });
  EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
  EXPECT_THAT(report.at(Layer::kSignature).reasons, Contains("DATA_HASH_MISMATCH"));
}

// Rule F1.
TEST_F(AttacksTest, DuplicateAndEscapingEntriesAreRefused) {
  const auto parts = SharedSealedCertificate().document.parts;
  auto duplicate = parts;
  duplicate.push_back(certs::ofd::MakePart("ofd.xml", "x"));  // folds to OFD.xml
  EXPECT_EQ(Verify(certs::ofd::WritePackage(duplicate)).verdict, Verdict::kForgedOrAltered);
  auto escaping = parts;
  escaping.push_back(certs::ofd::MakePart("../evil", "x"));
  EXPECT_EQ(Verify(certs::ofd::WritePackage(escaping)).verdict, Verdict::kForgedOrAltered);
}

TEST_F(AttacksTest, EntitiesInXmlAreRefused) {
  const Report report = Attack([](Files* files) {
    std::string& ofd = (*files)["OFD.xml"];
    const size_t at = ofd.find("<ofd:OFD");
    ofd.insert(at, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>");
  });
  ExpectForged(report, Layer::kPackage, "XML_DTD");
}

TEST_F(AttacksTest, EveryFlippedBitOfTheSignedValueIsRefused) {
  const Files files = Unpack(Genuine());
  const std::string& value = files.at(kValue);
  // The tail holds certificate, algorithm and signature; the seal in front is sampled.
  for (size_t at = 0; at < value.size(); at += at + 900 < value.size() ? 211 : 1) {
    Files changed = files;
    changed[kValue][at] = static_cast<char>(changed[kValue][at] ^ (1 << (at % 8)));
    EXPECT_NE(Verify(Pack(changed)).verdict, Verdict::kGenuineStatusNotChecked) << "byte " << at;
  }
}

TEST_F(AttacksTest, FlippedBitsOfTheFileAreRefused) {
  const Files genuine = Unpack(Genuine());
  for (size_t at = 0; at < Genuine().size(); at += 97) {
    std::string changed = Genuine();
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    const Report report = Verify(changed);
    if (report.verdict == Verdict::kForgedOrAltered) continue;
    // Or every name and every byte of content is as it was.
    EXPECT_EQ(Unpack(changed), genuine) << "byte " << at;
  }
}

// The zip with other bytes around it, as other products leave them and as polyglots are made.
const std::pair<const char*, std::string (*)(const std::string&)> kWrappings[] = {
    {"PACKAGE_PREFIX_DATA", [](const std::string& zip) { return "%PDF-1.4 another child" + zip; }},
    {"PACKAGE_PREFIX_DATA",
     [](const std::string& zip) { return tests::Prefixed("%PDF-1.4 another child", zip); }},
    {"PACKAGE_TRAILING_DATA", [](const std::string& zip) { return zip + "%%EOF"; }},
    {"PACKAGE_COMMENT",
     [](const std::string& zip) {
       std::string commented = zip + "look";
       commented[zip.size() - 2] = 4;
       return commented;
     }},
    {"PACKAGE_NONCANONICAL",
     [](const std::string& zip) {
       std::string dated = zip;
       for (const char* header : {"PK\3\4", "PK\1\2"}) {
         dated[dated.find(header) + (header[2] == '\3' ? 10 : 12)] ^= 1;  // time of the first entry
       }
       return dated;
     }},
};

TEST_F(AttacksTest, OurZipWithAnythingElseInTheFileIsRefused) {
  for (const auto& [code, wrap] : kWrappings) {
    SCOPED_TRACE(code);
    const Report report = Verify(wrap(Genuine()));
    ExpectForged(report, Layer::kPackage, code);
    // What is inside is still looked at, so that the report says what is wrong and what is not.
    EXPECT_EQ(report.at(Layer::kSignature).result, LayerResult::kOk);
    EXPECT_EQ(report.at(Layer::kData).result, LayerResult::kOk);
  }
}

TEST_F(AttacksTest, OurRecordThatCannotBeReadDoesNotMakeThePackageForeign) {
  const auto spoilt = [](const char* path, const char* from, const char* to) {
    Files files = Unpack(Genuine());
    tests::Replace(from, to, &files[path]);
    return Pack(files);
  };
  for (const std::string& file :
       {spoilt("Doc_0/Attachs/record.xml", "<Face>", "<Fase>"),
        spoilt("Doc_0/Attachs/Attachments.xml", "birthseal-record", "another-record")}) {
    EXPECT_THAT(Verify(file + "more").at(Layer::kPackage).reasons,
                Contains("PACKAGE_TRAILING_DATA"));
  }
}

TEST_F(AttacksTest, AnotherProductsZipWithMoreInTheFileIsOnlyNoticed) {
  const DocumentVerifier verifier(tests::TrustPki());
  const std::string foreign = tests::Seal({});
  for (const auto& [code, wrap] : kWrappings) {
    SCOPED_TRACE(code);
    const Report report = verifier.Verify(wrap(foreign), tests::TestNow());
    EXPECT_EQ(report.at(Layer::kPackage).result, LayerResult::kOk);
    EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere) << Name(report.verdict);
    EXPECT_THAT(report.notices, Contains(code));
  }
}

TEST_F(AttacksTest, UntrustedAnchorsMakeItIntactButNotTrusted) {
  VerifierTrust trust = SharedPki().Trust();
  trust.makers = nullptr;
  const Report report = DocumentVerifier(trust).Verify(Genuine(), FixtureNow());
  EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted);
}

TEST_F(AttacksTest, WithoutALogKeyTheReceiptIsNotChecked) {
  VerifierTrust trust = SharedPki().Trust();
  trust.log_key = nullptr;
  const Report report = DocumentVerifier(trust).Verify(Genuine(), FixtureNow());
  EXPECT_EQ(report.at(Layer::kReceipt).result, LayerResult::kNotChecked);
  EXPECT_EQ(report.verdict, Verdict::kGenuineStatusNotChecked);
}

// The same verifier again and again: what it keeps of shared contents must not stand for others.
TEST_F(AttacksTest, AfterManyGenuineFilesAnEditIsStillRefusedByName) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Verify(Genuine()).verdict, Verdict::kGenuineStatusNotChecked);
  }
  for (const auto& [path, content] : Unpack(Genuine())) {
    if (path == kSignature || path == kValue || absl::EndsWith(path, ".xml")) continue;
    SCOPED_TRACE(path);
    const Report report = Attack([&, p = path](Files* files) {
      std::string& file = (*files)[p];
      file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
    });
    ExpectForged(report, Layer::kSignature, "REFERENCE_DIGEST_MISMATCH: " + path);
  }
}

}  // namespace
}  // namespace birthseal::signer
