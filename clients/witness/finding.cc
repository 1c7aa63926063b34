// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/finding.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace birthseal::witness {
namespace {

struct Words {
  absl::string_view rule, en, zh;
};

constexpr Words kWords[] = {
    {"INTENT_REPEATED", "a status index was used before", "状态序号重复使用"},
    {"STATUS_NOT_DENSE", "status indexes have a gap", "状态序号不连续"},
    {"INTENT_WITHOUT_SEAL", "the institution has no enrolled seal, or it is suspended",
     "机构没有已登记的印章，或印章已停用"},
    {"END_WITHOUT_INTENT", "issued or cancelled without an open intent",
     "没有未完成的签发意向而签发或取消"},
    {"INTENT_INDEX", "the leaf names another intent than its own", "所指签发意向不是本证照的意向"},
    {"ANOTHER_INSTITUTION", "another institution than that of the intent", "机构与签发意向不一致"},
    {"VOIDED_NOT_LIVE", "voided what is not in force: never issued, or voided before",
     "作废未签发或已作废的证照"},
    {"CLAIM_OF_NOT_LIVE", "facts were added to a certificate that is not in force",
     "为无效证照增加出生事实标签"},
    {"LABELS_LEFT_LIVE", "labels of a voided certificate still lead to it",
     "已作废证照的标签仍指向该证照"},
    {"MAP_TABLE", "a label had another value than the change says", "标签原值与变更记录不符"},
    {"MAP_SECOND_LIVE", "a label with a live certificate gets another",
     "同一出生事实出现第二份有效证照"},
    {"MAP_CHANGE_WITHOUT_RIGHT", "the leaf may not change this label so", "叶子无权作此标签变更"},
    {"MAP_CHANGE_MISSING", "the leaf must change the map and does not", "缺少应有的标签变更"},
    {"MAP_PROOF", "a change does not start from the map as it stands", "标签变更证明与映射不符"},
    {"LOG_TIME_BACK", "the log's time went back", "日志时间倒退"},
    {"LEAF_UNREADABLE", "a leaf or change cannot be read", "叶子或变更无法解析"},
    {"DETAIL_NOT_COMMITTED", "a leaf does not commit to what it says", "叶子与其公开内容不符"},
    {"RECOVERY", "the log began a new epoch after a restore", "日志在恢复后开始新的日志纪元"},
    {"CEILING_EXCEEDED", "more issued in a day than the announced capacity",
     "当日签发数超过公布的接生能力"},
    {"OUTSIDE_HOURS", "issued outside the announced opening hours", "在公布的办公时间之外签发"},
    {"INTENT_OVERDUE", "an intent was neither issued nor cancelled in time",
     "签发意向逾期未签发也未取消"},
    {"UNKNOWN_INSTITUTION", "an institution that was not announced", "未公布的机构"},
    {"PROFILE_NOT_ANNOUNCED", "a rule profile that was not announced", "未公布的规则集"},
    {"OPERATOR_CHANGES", "more changes of operators in a day than announced",
     "当日操作员变更次数超过公布上限"},
};

const Words* WordsOf(absl::string_view rule) {
  for (const Words& words : kWords) {
    if (words.rule == rule) return &words;
  }
  return nullptr;
}

}  // namespace

absl::string_view TextEn(absl::string_view rule) {
  const Words* words = WordsOf(rule);
  return words == nullptr ? rule : words->en;
}

absl::string_view TextZh(absl::string_view rule) {
  const Words* words = WordsOf(rule);
  return words == nullptr ? rule : words->zh;
}

absl::string_view NameOf(certs::LeafKind kind) {
  constexpr absl::string_view kNames[] = {
      "INTENT",         "ISSUED",           "VOIDED",          "CANCELLED", "SEAL_ENROLLED",
      "SEAL_SUSPENDED", "OPERATOR_CHANGED", "PROFILE_CHANGED", "RECOVERY",  "CLAIM_ADDED"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string Line(const Finding& finding) {
  const absl::Time time = absl::FromUnixSeconds(60 * finding.leaf.log_minute);
  return absl::StrFormat(
      "%s %s %s | %s | epoch %d leaf %d %s%s%s status %d, %s%s%s",
      finding.severity == Severity::kViolation ? "VIOLATION 违规" : "WARNING 警告", finding.rule,
      TextZh(finding.rule), TextEn(finding.rule), finding.epoch.value(), finding.leaf_index.value(),
      NameOf(finding.leaf.kind), finding.leaf.institution_code.empty() ? "" : " of ",
      finding.leaf.institution_code, finding.leaf.status_index,
      absl::FormatTime("%Y-%m-%d %H:%M +08:00", time, absl::FixedTimeZone(8 * 3600)),
      finding.detail.empty() ? "" : ", ", finding.detail);
}

}  // namespace birthseal::witness
