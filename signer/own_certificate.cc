// SPDX-License-Identifier: Apache-2.0
#include "signer/own_certificate.h"

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/ofd/certificate_document.h"
#include "certs/proof/receipt.h"

namespace birthseal::signer {
namespace {

std::string ReasonOr(const absl::Status& status, absl::string_view otherwise) {
  std::string reason = certs::ReasonOf(status);
  return reason.empty() ? std::string(otherwise) : reason;
}

// The message of DATA_MISMATCH names the field, never its content.
std::string DataReason(const absl::Status& status) {
  const std::string field = certs::FieldOf(status);
  const std::string reason = ReasonOr(status, "DATA_MISMATCH");
  return field.empty() ? reason : absl::StrCat(reason, ": ", field);
}

}  // namespace

void ReadOwnRecord(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   ReportBuilder* out) {
  absl::StatusOr<certs::ofd::ReadBack> record = certs::ofd::ReadCertificate(package, structure);
  if (record.ok()) {
    out->ours = true;
    out->report.certificate = *std::move(record);
    out->Pass(Layer::kData);
  } else if (record.status().code() != absl::StatusCode::kNotFound) {
    out->Fail(Layer::kData, DataReason(record.status()));
  }
}

bool CheckReceiptOf(const certs::NoteVerifier& log_key, ReportBuilder* out) {
  const certs::ofd::ReadBack& record = *out->report.certificate;
  if (record.receipt.empty()) {
    out->Fail(Layer::kReceipt, "RECEIPT_MISSING");
    return false;
  }
  if (log_key == nullptr) {
    out->Explain(Layer::kReceipt, "LOG_KEY_NOT_CONFIGURED");
    return false;
  }
  const absl::StatusOr<certs::Receipt> receipt = certs::ParseReceipt(record.receipt);
  const certs::ReceiptSubject subject{certs::FaceDigest(record.face), record.licence_id,
                                      record.document_id};
  const absl::StatusOr<certs::ReceiptFacts> facts =
      receipt.ok() ? certs::CheckReceipt(*receipt, subject, log_key)
                   : absl::StatusOr<certs::ReceiptFacts>(receipt.status());
  if (!facts.ok()) {
    out->Fail(Layer::kReceipt, ReasonOr(facts.status(), "RECEIPT_BROKEN"));
    return false;
  }
  // The leaf stands for this institution and for the place that the document names.
  if (facts->leaf.institution_code != record.face.content.issuing_institution_code ||
      facts->leaf.status_index != record.status_index ||
      receipt->leaf_index != record.intent_index) {
    out->Fail(Layer::kReceipt, "RECEIPT_OTHER_PLACE");
    return false;
  }
  out->Pass(Layer::kReceipt);
  out->report.receipt = ReceiptStrength::kLogged;
  out->report.log_size = facts->head.size;
  return true;
}

void CheckInstitution(const CertificateFacts* signer, ReportBuilder* out) {
  const certs::FaceContent& face = out->report.certificate->face.content;
  if (out->report.seal_name.empty()) out->Fail(Layer::kSeal, "SEAL_MISSING");
  if (signer == nullptr || signer->organization != face.issuing_institution_name ||
      signer->organizational_unit != face.issuing_institution_code) {
    out->Fail(Layer::kData, "SIGNER_OF_OTHER_INSTITUTION");
  }
  if (!absl::StartsWith(out->report.seal_name, face.issuing_institution_name)) {
    out->Fail(Layer::kData, "SEAL_OF_OTHER_INSTITUTION");
  }
}

}  // namespace birthseal::signer
