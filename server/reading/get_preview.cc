// SPDX-License-Identifier: Apache-2.0
#include "server/reading/get_preview.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr int kDefaultDpi = 150;

}  // namespace

// Rule V7.
absl::StatusOr<std::string> GetPreview(const ReadingRoom& room, const Caller& caller,
                                       const CertificateRequest& request, int dpi) {
  if (dpi == 0) dpi = kDefaultDpi;
  if (dpi < 72 || dpi > 300) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "DPI", "72 to 300 dots per inch",
                        "dpi");
  }
  ASSIGN_OR_RETURN(const storage::v1::CertificateHead head,
                   OpenCertificate(room, caller, request, "GetPreview"));
  const storage::v1::Reservation& reservation = head.reservation();
  certs::ofd::DocumentInput input;
  ASSIGN_OR_RETURN(input.face.content, ContentOf(room, head));
  input.face.certificate_number = reservation.certificate_number();
  ASSIGN_OR_RETURN(input.face.issue_date, DayFrom(reservation.issue_date()));
  input.licence_id = reservation.licence_id();
  input.document_id = reservation.document_id();
  input.signing_time = absl::FromUnixSeconds(reservation.signing_time());
  input.status_index = reservation.status_index();
  input.log_epoch = reservation.log_epoch();
  input.intent_index = reservation.intent_index();
  input.supersedes = head.supersedes();
  ASSIGN_OR_RETURN(const std::shared_ptr<const signer::PublicSeal> seal,
                   room.seals.SealOf(reservation.institution_code()));
  // A picture must not pass for a certificate that stands, nor for one without a cause of use.
  const bool valid = head.state() == static_cast<int>(certs::CertificateState::kValid);
  const std::string watermark = absl::StrCat(valid ? "" : "已作废 ", request.use_cause);
  return room.renderer.PreviewPng(input, seal->seal.picture, seal->seal.width_mm, watermark, dpi);
}

}  // namespace birthseal::server
