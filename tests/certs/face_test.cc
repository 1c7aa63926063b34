// SPDX-License-Identifier: Apache-2.0
// The 23 printed lines and the two nested digests.
#include "certs/face.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

Face SampleFace() { return {TestCase().Compose(), "X999900001", absl::CivilDay(2026, 3, 7)}; }

std::vector<std::string> Texts(const Face& face) {
  std::vector<std::string> texts;
  for (const FaceLine& line : FaceLines(face)) texts.push_back(line.text);
  return texts;
}

TEST(FaceTest, PrintsThe23FieldsInTheOrderOfTheForm) {
  const Face face = SampleFace();
  EXPECT_THAT(Texts(face),
              testing::ElementsAre("贾新生", "女", "2026年03月05日14时08分", "38+3周", "3250克",
                                   "50.0厘米", "示例省 示例市 虚构县", "示例市虚构妇幼保健院",
                                   "甄虚构", "28岁", "中国", "汉族", "示例省示例市虚构县梦溪路1号",
                                   face.content.mother.id_number, "贾设想", "30岁", "中国", "汉族",
                                   "示例省示例市虚构县梦溪路1号", face.content.father->id_number,
                                   "示例市虚构妇幼保健院", "2026年03月07日", "X999900001"));
}

TEST(FaceTest, LinesAreNumberedWithUniqueKeysAndLabels) {
  std::set<std::string> keys, labels;
  int number = 0;
  for (const FaceLine& line : FaceLines(SampleFace())) {
    EXPECT_EQ(line.number, ++number);
    EXPECT_EQ(line.key.substr(0, 3), "KZ_");
    keys.insert(std::string(line.key));
    labels.insert(std::string(line.label));
  }
  EXPECT_EQ(number, 23);
  EXPECT_EQ(keys.size(), 23u);
  EXPECT_EQ(labels.size(), 23u);
}

// Rule P6.
TEST(FaceTest, Scenario05AbsentFatherPrintsTheMarkerSixTimes) {
  Face face = SampleFace();
  face.content.father.reset();
  face.content.absent_marker = "未提供";
  const std::vector<std::string> texts = Texts(face);
  for (size_t i = 14; i < 20; ++i) EXPECT_EQ(texts[i], "未提供") << i;
  EXPECT_EQ(texts[13], face.content.mother.id_number);
}

TEST(FaceTest, EthnicityNotGivenPrintsTheMarker) {
  Face face = SampleFace();
  face.content.mother.ethnicity.clear();
  face.content.mother.nationality = "HKG";
  EXPECT_EQ(Texts(face)[10], "中国(香港)");
  EXPECT_EQ(Texts(face)[11], "/");
}

// Rule O4.
TEST(FaceTest, FaceDigestIsNestedOverTheContentDigest) {
  const Face face = SampleFace();
  const Digest content = ContentDigest(face.content);
  std::string bytes("birthseal/content/v1\0", 21);
  EXPECT_EQ(content, Sm3Of(bytes + Canonical(face.content)));
  std::string outer("birthseal/face/v1\0", 18);
  EXPECT_EQ(FaceDigest(face), Sm3Of(outer + Bytes(content) + "X99990000120260307"));
  EXPECT_EQ(FaceDigest(face), FaceDigest(content, "X999900001", face.issue_date));
}

TEST(FaceTest, EveryFieldEntersTheDigest) {
  const Face face = SampleFace();
  Face other = face;
  other.content.absent_marker = "-";
  EXPECT_NE(FaceDigest(other), FaceDigest(face));
  other = face;
  other.content.mother.id_type = IdType::kPassport;
  EXPECT_NE(FaceDigest(other), FaceDigest(face));
  other = face;
  other.certificate_number = "X999900002";
  EXPECT_NE(FaceDigest(other), FaceDigest(face));
  EXPECT_EQ(ContentDigest(other.content), ContentDigest(face.content));
  other = face;
  other.issue_date += 1;
  EXPECT_NE(FaceDigest(other), FaceDigest(face));
}

}  // namespace
}  // namespace birthseal::certs
