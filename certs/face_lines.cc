// SPDX-License-Identifier: Apache-2.0
// The 23 printed texts of a face, in the order of the form (editions 5 to 7).
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "certs/face.h"

namespace birthseal::certs {
namespace {

struct Heading {
  absl::string_view key, label;
};

constexpr Heading kMotherHeadings[6] = {
    {"KZ_MQXM", "母亲姓名"}, {"KZ_MQNL", "母亲年龄"}, {"KZ_MQGJ", "母亲国籍"},
    {"KZ_MQMZ", "母亲民族"}, {"KZ_MQZZ", "母亲住址"}, {"KZ_MQYXSFZJHM", "母亲有效身份证件号码"}};
constexpr Heading kFatherHeadings[6] = {
    {"KZ_FQXM", "父亲姓名"}, {"KZ_FQNL", "父亲年龄"}, {"KZ_FQGJ", "父亲国籍"},
    {"KZ_FQMZ", "父亲民族"}, {"KZ_FQZZ", "父亲住址"}, {"KZ_FQYXSFZJHM", "父亲有效身份证件号码"}};

class Lines {
 public:
  explicit Lines(const std::string& absent_marker) : absent_marker_(absent_marker) {}

  // Empty text prints the absent marker.
  void Add(Heading heading, std::string text) {
    if (text.empty()) text = absent_marker_;
    const int number = static_cast<int>(lines_.size()) + 1;
    lines_.push_back({number, heading.key, heading.label, std::move(text)});
  }

  void AddParent(const Heading (&headings)[6], const Parent& parent) {
    Add(headings[0], parent.name);
    Add(headings[1], parent.age > 0 ? absl::StrCat(parent.age, "岁") : "");
    Add(headings[2], NationalityText(parent.nationality).value_or(parent.nationality));
    Add(headings[3], EthnicityText(parent.ethnicity).value_or(parent.ethnicity));
    Add(headings[4], parent.address);
    Add(headings[5], parent.id_number);
  }

  std::vector<FaceLine> Take() { return std::move(lines_); }

 private:
  const std::string& absent_marker_;
  std::vector<FaceLine> lines_;
};

std::string TimeText(absl::CivilMinute time) {
  return absl::StrFormat("%04d年%02d月%02d日%02d时%02d分", time.year(), time.month(), time.day(),
                         time.hour(), time.minute());
}

std::string PlaceText(const Place& place) {
  std::vector<absl::string_view> parts;
  for (const std::string* part : {&place.province, &place.city, &place.county}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return absl::StrJoin(parts, " ");
}

void AddBirth(const FaceContent& content, Lines& lines) {
  lines.Add({"KZ_XSEXM", "新生儿姓名"}, content.newborn_name);
  lines.Add({"KZ_XB", "性别"}, std::string(SexText(content.sex)));
  lines.Add({"KZ_CSSJ", "出生时间"}, TimeText(content.birth_time));
  lines.Add({"KZ_CSYZ", "出生孕周"},
            absl::StrCat(content.gestation_weeks, "+", content.gestation_days, "周"));
  lines.Add({"KZ_CSTZ", "出生体重"}, absl::StrCat(content.birth_weight_g, "克"));
  lines.Add({"KZ_CSSC", "出生身长"}, absl::StrFormat("%d.%d厘米", content.birth_length_mm / 10,
                                                     content.birth_length_mm % 10));
  lines.Add({"KZ_CSDD", "出生地点"}, PlaceText(content.birth_place));
  lines.Add({"KZ_YLJGMC", "医疗机构名称"}, content.delivery_institution_name);
}

}  // namespace

std::vector<FaceLine> FaceLines(const Face& face) {
  const FaceContent& content = face.content;
  Lines lines(content.absent_marker);
  AddBirth(content, lines);
  lines.AddParent(kMotherHeadings, content.mother);
  // An absent father leaves six empty fields: each prints the marker. Rule P6.
  lines.AddParent(kFatherHeadings, content.father.value_or(Parent()));
  lines.Add({"KZ_QFJG", "签发机构"}, content.issuing_institution_name);
  lines.Add({"KZ_QFRQ", "签发日期"},
            absl::StrFormat("%04d年%02d月%02d日", face.issue_date.year(), face.issue_date.month(),
                            face.issue_date.day()));
  lines.Add({"KZ_CSYXZMBH", "出生医学证明编号"}, face.certificate_number);
  return lines.Take();
}

}  // namespace birthseal::certs
