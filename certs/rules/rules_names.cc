// SPDX-License-Identifier: Apache-2.0
// Clauses about the newborn's name and about text that can be printed at all.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "certs/printable.h"
#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

constexpr size_t kMaxNameCharacters = 50;
constexpr size_t kMaxAddressCharacters = 200;
constexpr uint32_t kMiddleDot = 0xB7;

// Twelve code points of the compatibility block are ordinary characters (GB 18030 prints them).
bool Han(uint32_t c) {
  switch (c) {
    case 0x3007:  // 〇
    case 0xFA0E:
    case 0xFA0F:
    case 0xFA11:
    case 0xFA13:
    case 0xFA14:
    case 0xFA1F:
    case 0xFA21:
    case 0xFA23:
    case 0xFA24:
    case 0xFA27:
    case 0xFA28:
    case 0xFA29:
      return true;
  }
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x323AF);
}

// Rule N5.
bool Rare(uint32_t c) { return Han(c) && (c < 0x4E00 || c > 0x9FA5) && c != 0x3007; }

bool ChineseNational(const Parent& parent) {
  const std::string& code = parent.nationality;
  return code.empty() || code == "CHN" || code == "HKG" || code == "MAC" || code == "TWN";
}

// A foreign name when a parent is foreign and the child will not be registered here. Rule N4.
bool ForeignNameAllowed(const Application& application) {
  const bool foreign_parent = !ChineseNational(application.mother) ||
                              (application.father && !ChineseNational(*application.father));
  return foreign_parent && HasEvidence(application, EvidenceKind::kNameOverride);
}

// Rule N2.
bool NameCharactersFit(const std::vector<uint32_t>& points, bool foreign) {
  uint32_t before = kMiddleDot;  // a dot may not be first
  for (const uint32_t c : points) {
    const bool latin = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' || c == '-' ||
                       c == '\'' || (c >= 0xC0 && c <= 0x24F);
    const bool dot = c == kMiddleDot && before != kMiddleDot;
    if (!Han(c) && !dot && !(foreign && latin)) return false;
    before = c;
  }
  return before != kMiddleDot;
}

// Two-character surnames in use; any other surname is its first character.
bool CompoundSurname(absl::string_view two) {
  constexpr absl::string_view kCompound[] = {
      "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "尉迟", "皇甫", "公孙", "慕容", "令狐",
      "司徒", "司空", "长孙", "宇文", "轩辕", "端木", "百里", "南宫", "独孤", "西门", "东郭",
      "呼延", "钟离", "闻人", "澹台", "公冶", "太史", "申屠", "仲孙", "鲜于", "闾丘", "赫连",
      "濮阳", "淳于", "单于", "太叔", "公羊", "万俟", "拓跋", "完颜", "纳兰", "第五", "梁丘"};
  for (const absl::string_view surname : kCompound) {
    if (two == surname) return true;
  }
  return false;
}

// Empty when the name has no Han surname (Latin letters, a name with a middle dot).
std::string SurnameOf(const std::string& name) {
  const std::vector<uint32_t> points = CodePoints(name);
  if (points.empty()) return "";
  for (const uint32_t c : points) {
    if (!Han(c)) return "";
  }
  const auto bytes = [](uint32_t c) -> size_t { return c >= 0x10000 ? 4 : 3; };
  const size_t first = bytes(points[0]);
  if (points.size() < 3) return name.substr(0, first);
  const std::string two = name.substr(0, first + bytes(points[1]));
  return CompoundSurname(two) ? two : name.substr(0, first);
}

// Rule N7.
bool ByCustom(const Parent& parent) {  // Civil Code art. 1015 (3): surnames of ethnic custom
  return (!parent.ethnicity.empty() && parent.ethnicity != "01") || SurnameOf(parent.name).empty();
}

// The father's or the mother's surname; another one needs its ground, not a refusal. Rule N6.
void CheckSurname(const Application& application, Findings& findings) {
  const std::string& name = application.newborn_name;
  const std::string mother = SurnameOf(application.mother.name);
  const std::string father = application.father ? SurnameOf(application.father->name) : "";
  const bool follows = (!mother.empty() && absl::StartsWith(name, mother)) ||
                       (!father.empty() && absl::StartsWith(name, father));
  const bool custom =
      ByCustom(application.mother) || (application.father && ByCustom(*application.father));
  if (follows || custom || HasEvidence(application, EvidenceKind::kNameOverride)) return;
  findings.Add("SURNAME_OF_NEITHER_PARENT", "newborn_name",
               "新生儿应随父姓或母姓,选取其他姓氏需提交依据",
               "the surname is of neither parent: bring NAME_OVERRIDE evidence");
}

// "甄虚构之女" is what a hospital calls a baby without a name.
// Rule N8.
void CheckPlaceholder(const CaseFacts& facts, Findings& findings) {
  absl::string_view rest = facts.application.newborn_name;
  if (!absl::ConsumePrefix(&rest, facts.application.mother.name)) return;
  if (rest != "之子" && rest != "之女" && rest != "之婴" && rest != "之宝") return;
  findings.Add("NAME_IS_PLACEHOLDER", "newborn_name", "不得使用医院临时称呼作为姓名",
               "a hospital's placeholder is not a name");
}

// Rule N9.
void CheckText(absl::string_view text, size_t most, absl::string_view field, Findings& findings) {
  if (!IsPrintable(text)) {
    findings.Add("NAME_NOT_PRINTABLE", field, "含无法识别或无法打印的字符",
                 "holds malformed, invisible or private-use characters");
    return;
  }
  if (CodePoints(text).size() > most) {
    findings.Add("TEXT_TOO_LONG", field, "内容过长", absl::StrCat("at most ", most, " characters"));
  }
}

void CheckParentText(const Parent& parent, const std::string& path, Findings& findings) {
  CheckText(parent.name, kMaxNameCharacters, path + ".name", findings);
  CheckText(parent.address, kMaxAddressCharacters, path + ".address", findings);
}

}  // namespace

// Rules N1, N3.
void CheckNewbornName(const CaseFacts& facts, Findings& findings) {
  constexpr absl::string_view kField = "newborn_name";
  const std::string& name = facts.application.newborn_name;
  if (name.empty()) {
    findings.Add("NEWBORN_NAME_MISSING", kField, "未填写新生儿姓名", "the newborn has no name yet");
    return;
  }
  if (!IsPrintable(name)) return;  // CheckPrintable says it
  const std::vector<uint32_t> points = CodePoints(name);
  if (!NameCharactersFit(points, ForeignNameAllowed(facts.application))) {
    findings.Add("NAME_CHARACTERS", kField, "姓名应使用规范汉字,少数民族姓名可用间隔号“·”",
                 "use Chinese characters; a middle dot only inside a name");
  } else if (points.size() < 2) {
    findings.Add("NAME_TOO_SHORT", kField, "姓名应包含姓氏和名字",
                 "a name has a surname and a given name");
  }
  CheckPlaceholder(facts, findings);
  for (const uint32_t c : points) {
    if (!Rare(c)) continue;
    findings.Add("NAME_RARE_CHARACTER", kField, "姓名含生僻字,请先向户口登记机关确认可以登记",
                 "a rare character: confirm with the police that it can be registered",
                 Severity::kNote);
  }
  CheckSurname(facts.application, findings);
}

// Rule N10.
void CheckPrintable(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  CheckText(application.newborn_name, kMaxNameCharacters, "newborn_name", findings);
  CheckParentText(application.mother, "mother", findings);
  if (application.father) CheckParentText(*application.father, "father", findings);
  const Place& place = facts.delivery.birth_place;
  for (const std::string* part : {&place.province, &place.city, &place.county}) {
    CheckText(*part, kMaxNameCharacters, "delivery.birth_place", findings);
  }
  CheckText(facts.delivery.facility_name, 70, "delivery.facility_name", findings);
}

}  // namespace birthseal::certs
