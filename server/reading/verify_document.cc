// SPDX-License-Identifier: Apache-2.0
#include "server/reading/verify_document.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/lifecycle.h"
#include "certs/limits.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "server/use_case/stated_reason.h"
#include "store/durable_root.h"

namespace birthseal::server {
namespace {

// Rule V4.
absl::StatusOr<signer::RegistryStatus> StateOf(const storage::v1::CertificateHead& head) {
  switch (static_cast<certs::CertificateState>(head.state())) {
    case certs::CertificateState::kValid:
      return signer::RegistryStatus::kValid;
    case certs::CertificateState::kExchanged:
    case certs::CertificateState::kReplaced:
      return signer::RegistryStatus::kSuperseded;
    case certs::CertificateState::kRevoked:
      return signer::RegistryStatus::kRevoked;
  }
  return certs::Error(absl::StatusCode::kDataLoss, "CERTIFICATE_STATE",
                      "a stored certificate has no state of the table");
}

// What the registry says of the licence in the file, if this is the file that was committed: R1
// binds face, licence and document id, not how the page looks.
// Rule V5.
absl::StatusOr<signer::RegistryStatus> StatusOf(const ReadingRoom& room, absl::string_view file,
                                                const signer::Report& report) {
  const auto index = room.registry.StatusIndexOf(report.certificate->licence_id);
  if (absl::IsNotFound(index.status())) return signer::RegistryStatus::kUnknownHere;
  RETURN_IF_ERROR(index.status());
  const auto head = room.registry.Certificate(*index);
  if (absl::IsNotFound(head.status())) return signer::RegistryStatus::kUnknownHere;
  RETURN_IF_ERROR(head.status());
  ASSIGN_OR_RETURN(const signer::RegistryStatus state, StateOf(*head));
  if (head->document_lost()) {
    // An R3 opens the ISSUED leaf for this very file. Without one only the end of the licence is
    // sure, which is the end for every file of it.
    const bool shown = report.receipt == signer::ReceiptStrength::kJoint;
    const bool in_force = state == signer::RegistryStatus::kValid;
    return in_force && !shown ? signer::RegistryStatus::kCommittedFileUnknown : state;
  }
  if (head->file_sm3() == certs::Bytes(certs::Sm3Of(file))) return state;
  return head->to_be_signed_sm3() == certs::View(report.to_be_signed)
             ? signer::RegistryStatus::kPackedAnew
             : signer::RegistryStatus::kSealedAgain;
}

constexpr char kNotTheIssuedFile[] =
    "此文件不是为该证照签发的文件：请勿采信，请取得登记的文件，并报告管理机构 This is not the file "
    "that was issued under its licence: do not accept it, fetch the issued one, tell the managing "
    "institution";

// GB/T 36906, result of the verification of a licence.
// Rule V6.
int ShareResult(signer::Verdict verdict) {
  switch (verdict) {
    case signer::Verdict::kValid:
      return 0;
    case signer::Verdict::kSuperseded:
    case signer::Verdict::kRevoked:
      return 3;
    case signer::Verdict::kForgedOrAltered:
    case signer::Verdict::kSealedOutsideTheLog:
      return 7;
    case signer::Verdict::kNotIssuedHere:
      return 5;
    default:
      return 4;
  }
}

}  // namespace

absl::StatusOr<VerifyDocumentResult> VerifyDocument(const ReadingRoom& room, const Caller& caller,
                                                    const VerifyDocumentInput& input) {
  RETURN_IF_ERROR(CheckUseCause(input.use_cause));
  if (input.file.size() > certs::kMaxDocument) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE",
                        "a file has at most 32 MiB", "file");
  }
  RETURN_IF_ERROR(room.freshness.MayAnswer());
  VerifyDocumentResult result;
  result.report = room.verifier.Verify(input.file, room.clock.Now(), input.receipts);
  if (result.report.certificate.has_value()) {
    // The position first: the status read afterwards is at least as new.
    const certs::LogSize position = room.accesses.Head().size;
    ASSIGN_OR_RETURN(const signer::RegistryStatus status,
                     StatusOf(room, input.file, result.report));
    signer::ApplyStatus(status, absl::StrCat(position.value()), &result.report);
    if (result.report.at(signer::Layer::kStatus).result == signer::LayerResult::kFailed) {
      result.report.notices.push_back(kNotTheIssuedFile);
    }
    const FreshnessNotice notice = NoticeOf(room.freshness);
    if (!notice.zh.empty()) result.report.notices.push_back(notice.zh + " " + notice.en);
  }
  result.share_result = ShareResult(result.report.verdict);
  return result;
}

}  // namespace birthseal::server
