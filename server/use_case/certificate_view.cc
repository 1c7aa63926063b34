// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/certificate_view.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "certs/errors.h"
#include "store/keys.h"
#include "store/meta.h"

namespace birthseal::server {

CertificateView ViewOf(const storage::v1::CertificateHead& head) {
  const storage::v1::Reservation& reservation = head.reservation();
  CertificateView view;
  view.number = reservation.certificate_number();
  view.licence_id = reservation.licence_id();
  view.institution_code = reservation.institution_code();
  view.state = static_cast<certs::CertificateState>(head.state());
  if (const auto day = DayFrom(reservation.issue_date()); day.ok()) view.issue_date = *day;
  view.supersedes = head.supersedes();
  view.superseded_by = head.superseded_by();
  view.newborn_id =
      certs::NewbornId::FromBytes(reservation.newborn_id()).value_or(certs::NewbornId());
  view.status_index = store::StatusIndexOf(reservation);
  view.issued_time = absl::FromUnixMicros(head.issued_time());
  if (const auto digest = certs::DigestFrom(head.file_sm3())) view.file_sm3 = *digest;
  view.file_size = head.file_size();
  // The newest of its leaves, which may lie in a later epoch than the INTENT.
  const uint64_t end = std::max(head.issued_leaf() + 1, head.voided_leaf());
  view.position = {store::EpochAt(end - 1), EndOf(store::IndexAt(end - 1))};
  return view;
}

std::string DayText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::StatusOr<absl::CivilDay> DayFrom(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day) && DayText(day) == text) return day;
  return certs::Error(absl::StatusCode::kInvalidArgument, "DAY_FORM", "a day is YYYY-MM-DD");
}

}  // namespace birthseal::server
