// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/get_case.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "certs/clock.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/judge_case.h"
#include "server/issuing/known_case.h"
#include "server/use_case/access_book.h"
#include "server/use_case/certificate_view.h"
#include "server/use_case/stated_reason.h"
#include "server/use_case/stored_ids.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

// The day to sign: the one reserved, else the ledger's today, which never goes back.
absl::StatusOr<absl::CivilDay> DayToSign(const IssuingRoom& room,
                                         const storage::v1::CaseHead& head) {
  if (const std::optional<store::IntentKey> intent = store::IntentKeyOf(head)) {
    const auto open = room.registry.OpenReservation(*intent);
    if (open.ok()) return DayFrom(open->issue_date());
    if (!absl::IsNotFound(open.status())) return open.status();
    // It has ended, perhaps since the case was read.
    const auto issued = room.registry.Certificate(store::StatusIndexOf(head));
    if (issued.ok()) return DayFrom(issued->reservation().issue_date());
    if (!absl::IsNotFound(issued.status())) return issued.status();
  }
  return certs::LocalDay(std::max(room.clock.Now(), room.ledger.Head().time));
}

// The texts of the defects that were found when the case was filed.
absl::StatusOr<std::vector<certs::Defect>> DefectsOf(const IssuingRoom& room,
                                                     const store::StoredCase& filed) {
  if (filed.head.defect_codes().empty()) return std::vector<certs::Defect>();
  ASSIGN_OR_RETURN(const certs::DeliveryId basis,
                   StoredId<certs::DeliveryId>(filed.head.basis_delivery(), "basis_delivery"));
  ASSIGN_OR_RETURN(Judgement judgement,
                   JudgeCase(room, filed.body.application, filed.head.profile(), basis));
  const auto& codes = filed.head.defect_codes();
  std::vector<certs::Defect> defects;
  for (certs::Defect& defect : judgement.defects) {
    if (std::find(codes.begin(), codes.end(), defect.code) == codes.end()) continue;
    defects.push_back(std::move(defect));
  }
  return defects;
}

}  // namespace

absl::StatusOr<GetCaseResult> GetCase(const IssuingRoom& room, const Caller& caller,
                                      const GetCaseInput& input) {
  RETURN_IF_ERROR(CheckUseCause(input.use_cause));
  ASSIGN_OR_RETURN(const store::StoredCase filed, KnownCase(room, input.case_id));
  const storage::v1::CaseHead& head = filed.head;
  if (!HasPartIn(caller, head)) return CaseUnknown();
  ASSIGN_OR_RETURN(const certs::Digest content_digest,
                   StoredDigest(head.content_digest(), "content_digest"));
  GetCaseResult result;
  ASSIGN_OR_RETURN(result.defects, DefectsOf(room, filed));
  RETURN_IF_ERROR(room.accesses.Record(caller, "GetCase", input.use_cause, Bytes(input.case_id)));
  result.case_id = input.case_id;
  result.state = static_cast<certs::CaseState>(head.state());
  result.content = filed.body.content;
  result.content_digest = content_digest;
  result.certificate_number = head.certificate_number();
  if (!result.certificate_number.empty()) {
    ASSIGN_OR_RETURN(result.issue_date, DayToSign(room, head));
    result.face_digest =
        certs::FaceDigest(result.content_digest, result.certificate_number, result.issue_date);
  }
  return result;
}

}  // namespace birthseal::server
