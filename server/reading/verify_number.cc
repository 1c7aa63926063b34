// SPDX-License-Identifier: Apache-2.0
#include "server/reading/verify_number.h"

#include "certs/errors.h"
#include "certs/id_document.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/reading/get_certificate.h"
#include "server/use_case/access_book.h"
#include "server/use_case/certificate_view.h"
#include "server/use_case/managing.h"
#include "server/use_case/stated_reason.h"
#include "store/durable_root.h"

namespace birthseal::server {
namespace {

// Rule V6.
VerifyNumberResult Missing(certs::LogSize size) {
  VerifyNumberResult result{6, 12, false, {}, size, "必填参数为空", "a required value is empty"};
  return result;
}

VerifyNumberResult Unknown(certs::LogSize size) {
  VerifyNumberResult result{5, 10, false, {}, size, "未找到匹配的证照信息", "nothing matches"};
  return result;
}

VerifyNumberResult Mismatch(certs::LogSize size) {
  VerifyNumberResult result{
      7, 10, false, {}, size, "部分信息有误或不完整", "some of the facts are wrong or incomplete"};
  return result;
}

// Rule V4.
VerifyNumberResult Matched(certs::CertificateState state, certs::LogSize size) {
  if (state == certs::CertificateState::kValid) {
    return {0, 0, true, state, size, "信息正确且有效", "right and valid"};
  }
  return {3, 21, true, state, size, "信息正确且已失效", "right and no longer valid"};
}

bool Matches(const certs::FaceContent& content, const VerifyNumberInput& input) {
  const bool parent = certs::SameIdNumber(content.mother.id_number, input.parent_id_number) ||
                      (content.father.has_value() &&
                       certs::SameIdNumber(content.father->id_number, input.parent_id_number));
  const bool day =
      input.birth_date.empty() || input.birth_date == DayText(absl::CivilDay(content.birth_time));
  return parent && day && content.newborn_name == input.newborn_name;
}

// Who may learn that the number exists although the facts differ.
// Rule U5.
absl::StatusOr<bool> Insider(const ReadingRoom& room, const Caller& caller,
                             const storage::v1::Reservation& reservation) {
  if (caller.Has(Role::kPolice)) return true;
  const absl::Status manages = CheckManages(room, caller, reservation.institution_code());
  if (!manages.ok() && !absl::IsPermissionDenied(manages)) return manages;
  return manages.ok();
}

}  // namespace

absl::StatusOr<VerifyNumberResult> VerifyNumber(const ReadingRoom& room, const Caller& caller,
                                                const VerifyNumberInput& input) {
  RETURN_IF_ERROR(room.freshness.MayAnswer());
  const certs::LogSize size = room.accesses.Head().size;
  if (!CheckUseCause(input.use_cause).ok() || input.number.empty() || input.newborn_name.empty() ||
      input.parent_id_number.empty()) {
    return Missing(size);
  }
  // Only a number of the right form can be one: a licence identifier is not a number.
  if (!certs::CertificateNumber::Parse(input.number).ok()) return Unknown(size);
  const auto index = room.registry.StatusIndexOf(input.number);
  if (absl::IsNotFound(index.status())) return Unknown(size);
  RETURN_IF_ERROR(index.status());
  const auto head = room.registry.Certificate(*index);
  if (absl::IsNotFound(head.status())) {  // a number is entered with its certificate
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                        "the certificate of a number is absent");
  }
  RETURN_IF_ERROR(head.status());
  ASSIGN_OR_RETURN(const certs::FaceContent content, ContentOf(room, *head));
  if (!Matches(content, input)) {
    ASSIGN_OR_RETURN(const bool insider, Insider(room, caller, head->reservation()));
    return insider ? Mismatch(size) : Unknown(size);
  }
  VerifyNumberResult result = Matched(static_cast<certs::CertificateState>(head->state()), size);
  const FreshnessNotice notice = NoticeOf(room.freshness);
  if (!notice.zh.empty()) {
    result.text_zh += "；" + notice.zh;
    result.text_en += "; " + notice.en;
  }
  return result;
}

}  // namespace birthseal::server
