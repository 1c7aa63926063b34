// SPDX-License-Identifier: Apache-2.0
// Signatures.xml and Signature.xml: each doubt about them alone, and the reason codes that it gives
// (Rules F4, F5).
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/ofd/structure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/ofd/small_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::Changed;
using tests::SmallPackage;
using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kList[] = "Doc_0/Signs/Signatures.xml";
constexpr char kSignature[] = "Doc_0/Signs/Sign_0/Signature.xml";

std::vector<std::string> Problems(const OpenPackage& package, size_t of = 0) {
  const auto structure = ReadStructure(package);
  EXPECT_OK(structure);
  if (!structure.ok() || structure->signatures.size() <= of) return {"no such signature"};
  return structure->signatures[of].problems;
}

struct Row {
  const char *from, *to;
  std::vector<std::string> problems;
};
void ExpectProblems(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_THAT(Problems(Changed(kSignature, row.from, row.to)),
                testing::ElementsAreArray(row.problems))
        << row.to;
  }
}

constexpr char kDigest[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TEST(SignatureRowsTest, ElementsThatAreMissingOrTwice) {
  const std::vector<std::string> none;
  ExpectProblems({{"ofd:Signature ", "ofd:Signed ", {"XML_MALFORMED", "SIGNATURE_XML"}},
                  {"ofd:Signature>", "ofd:Signature><!-- end -->", none},
                  {"ofd:SignedInfo", "ofd:Info", {"SIGNATURE_INFO"}},
                  {"<ofd:SignedInfo>", "<ofd:SignedInfo/><ofd:SignedInfo>", {"SIGNATURE_INFO"}},
                  {"ofd:SignedValue", "ofd:Value", {"SIGNATURE_VALUE"}},
                  {"<ofd:SignedValue>", "<ofd:SignedValue/><ofd:SignedValue>", {"SIGNATURE_VALUE"}},
                  {"<ofd:SignatureMethod>",
                   "<ofd:SignatureMethod/><ofd:SignatureMethod>",
                   {"SIGNATURE_METHOD"}},
                  {"ofd:References", "ofd:Refers", {"REFERENCES"}},
                  {"<ofd:Seal>", "<ofd:Seal/><ofd:Seal>", {"SIGNATURE_SEAL"}},
                  {"ofd:Seal>", "ofd:Stamp>", none},
                  {"ofd:BaseLoc", "ofd:Loc", {"SIGNATURE_SEAL"}}});
}

TEST(SignatureRowsTest, AnotherRootIsNoSignature) {
  OpenPackage package = SmallPackage();
  std::string& xml = package.files[kSignature];
  absl::StrReplaceAll({{"<ofd:Signature ", "<ofd:Signed "}, {"</ofd:Signature>", "</ofd:Signed>"}},
                      &xml);
  EXPECT_THAT(Problems(package), ElementsAre("SIGNATURE_XML"));
}

TEST(SignatureRowsTest, References) {
  ExpectProblems({{kDigest, " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ", {}},
                  {kDigest, "AAAA", {"REFERENCE_VALUE"}},       // 3 bytes
                  {"AAAAA=", "AAAA", {"REFERENCE_VALUE"}},      // 31 bytes
                  {"AAAAA=", "AAAAAAAA", {"REFERENCE_VALUE"}},  // 34 bytes
                  {kDigest, "?", {"REFERENCE_VALUE"}},
                  {"ofd:CheckValue", "ofd:Value", {"REFERENCE_VALUE"}},
                  {"FileRef=\"/OFD.xml\"", "FileRef=\"/\"", {"REFERENCE_PATH", "REFERENCES_EMPTY"}},
                  {"1.2.156.10197.1.401\"", "sm3\"", {}},
                  {"1.2.156.10197.1.401\"", "1.2.156.10197.1.401.1\"", {}},
                  {"1.2.156.10197.1.401\"", "1.2.156.10197.1.402\"", {"SIGNATURE_CHECK_METHOD"}}});
}

TEST(SignatureRowsTest, BoundaryOfAStamp) {
  const char* good = "Boundary=\"100 200 40 40\"";
  const std::vector<std::string> none, bad = {"STAMP_BOUNDARY"};
  ExpectProblems({{good, "Boundary=\" 100  200 40\t40 \"", none},
                  {good, "", bad},
                  {good, "Boundary=\"100 200 40\"", bad},
                  {good, "Boundary=\"100 200 40 40 40\"", bad},
                  {good, "Boundary=\"x 200 40 40\"", bad},
                  {good, "Boundary=\"100 x 40 40\"", bad},
                  {good, "Boundary=\"100 200 x 40\"", bad},
                  {good, "Boundary=\"100 200 40 x\"", bad},
                  {good, "Boundary=\"100 200 0 40\"", bad},
                  {good, "Boundary=\"100 200 40 0\"", bad},
                  {good, "Boundary=\"-0.4 -0.4 210.8 297.8\"", none},
                  {good, "Boundary=\"-0.6 200 40 40\"", bad},
                  {good, "Boundary=\"100 -0.6 40 40\"", bad},
                  {good, "Boundary=\"170.6 200 40 40\"", bad},
                  {good, "Boundary=\"100 257.6 40 40\"", bad},
                  // What reaches over the edge by design is four numbers all the same.
                  {good, "Clip=\"0 0 20 40\" Boundary=\"190 200 40 40\"", none},
                  {good, "Clip=\"0 0 20 40\" Boundary=\"190 200 x 40\"", bad},
                  {good, "Clip=\"0 0 20 40\" Boundary=\"190 200 40 x\"", bad},
                  {"PageRef=\"7\"", "", {"STAMP_PAGE"}}});
}

// `count` entries of the list, each of its own number; all but the first name no file.
OpenPackage Listed(size_t count) {
  std::string more;
  for (size_t i = 1; i < count; ++i) {
    absl::StrAppend(&more, "<ofd:Signature ID=\"", i + 1, "\" BaseLoc=\"Sign_", i, "/S.xml\"/>");
  }
  return Changed(kList, "</ofd:Signatures>", more + "</ofd:Signatures>");
}

TEST(SignatureRowsTest, TheListIsAListAndHasAnEnd) {
  OpenPackage package = SmallPackage();
  package.files[kList] = tests::OfdXml("Signed", "");
  EXPECT_THAT(ReadStructure(package), StatusIs(kInvalid, "STRUCTURE_SIGNATURES"));
  EXPECT_OK(ReadStructure(Listed(100)));
  EXPECT_THAT(ReadStructure(Listed(101)), StatusIs(kInvalid, "STRUCTURE_SIGNATURES"));
}

TEST(SignatureRowsTest, EachSignatureHasItsOwnNumberAndFile) {
  EXPECT_THAT(Problems(Changed(kList, "ID=\"1\"", "ID=\"\"")), ElementsAre("SIGNATURE_ID"));
  EXPECT_THAT(Problems(Changed(kList, "ID=\"1\"", "")), ElementsAre("SIGNATURE_ID"));
  EXPECT_THAT(Problems(Changed(kList, "ID=\"1\"", "ID=\"1\" Type=\"Sign\"")), IsEmpty());
  EXPECT_THAT(Problems(Changed(kList, "ID=\"1\"", "ID=\"1\" Type=\"\"")),
              ElementsAre("SIGNATURE_TYPE"));
  EXPECT_THAT(Problems(Changed(kList, "Sign_0/", "../../../")), ElementsAre("SIGNATURE_PATH"));
  const std::string end = "</ofd:Signatures>";
  EXPECT_THAT(Problems(Changed(kList, end, "<ofd:Signature ID=\"1\" BaseLoc=\"S.xml\"/>" + end), 1),
              ElementsAre("SIGNATURE_ID", "SIGNATURE_MISSING"));
  EXPECT_THAT(Problems(Changed(kList, end,
                               "<ofd:Signature ID=\"2\" BaseLoc=\"Sign_0/Signature.xml\"/>" + end),
                       1),
              ElementsAre("SIGNATURE_PATH"));
}

}  // namespace
}  // namespace birthseal::certs::ofd
