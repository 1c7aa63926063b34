// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/own_certificate.h"

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/ofd/certificate_document.h"
#include "certs/proof/receipt.h"
#include "certs/status_macros.h"

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

namespace {

certs::ReceiptSubject SubjectOf(const certs::ofd::ReadBack& record) {
  return {certs::FaceDigest(record.face), record.licence_id, record.document_id};
}

// The leaf stands for this institution and for the place that the document names.
bool IsPlaceOf(const certs::ReceiptFacts& facts, const certs::ofd::ReadBack& record) {
  return facts.leaf.institution_code == record.face.content.issuing_institution_code &&
         facts.leaf.status_index == record.status_index &&
         facts.leaf_index == record.intent_index &&
         absl::EndsWith(facts.head.origin, certs::OriginOf("", certs::LogEpoch(record.log_epoch)));
}

absl::StatusOr<certs::ReceiptFacts> CheckBytes(absl::string_view bytes,
                                               const certs::ofd::ReadBack& record,
                                               const VerifierTrust& trust) {
  ASSIGN_OR_RETURN(const certs::Receipt receipt, certs::ParseReceipt(bytes));
  ASSIGN_OR_RETURN(certs::ReceiptFacts facts,
                   certs::CheckReceipt(receipt, SubjectOf(record), trust.log_key, trust.witnesses));
  if (IsPlaceOf(facts, record)) return facts;
  return certs::Error(absl::StatusCode::kDataLoss, "RECEIPT_OTHER_PLACE",
                      "the receipt is of another place of the log than the document names");
}

void Raise(ReceiptStrength strength, const certs::TreeHead& head, Report* report) {
  if (report->receipt >= strength) return;
  report->receipt = strength;
  report->log_size = head.size;
}

// R2: the strength it adds.
absl::Status CheckWitnessed(absl::string_view bytes, const VerifierTrust& trust, Report* report) {
  ASSIGN_OR_RETURN(const certs::ReceiptFacts facts, CheckBytes(bytes, *report->certificate, trust));
  if (!facts.witnessed) {
    return certs::Error(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED",
                        "the receipt lacks the quorum of trusted witnesses");
  }
  Raise(ReceiptStrength::kWitnessed, facts.head, report);
  return absl::OkStatus();
}

// R3.
absl::Status CheckJoint(const certs::JointReceipt& receipt, absl::string_view file,
                        const VerifierTrust& trust, Report* report) {
  ASSIGN_OR_RETURN(const certs::ReceiptFacts intent,
                   CheckBytes(report->certificate->receipt, *report->certificate, trust));
  ASSIGN_OR_RETURN(const certs::JointFacts facts,
                   certs::CheckJointReceipt(receipt, certs::Sm3Of(file), intent, trust.log_key,
                                            trust.witnesses));
  Raise(ReceiptStrength::kJoint, facts.head, report);
  return absl::OkStatus();
}

// The receipt shows something else than this file. Broken bytes and a lacking quorum show nothing.
bool IsOfAnother(absl::string_view reason) {
  return reason == "RECEIPT_OF_ANOTHER_FILE" || reason == "RECEIPT_OF_ANOTHER_FACE" ||
         reason == "RECEIPT_OF_ANOTHER_INTENT" || reason == "RECEIPT_OTHER_PLACE";
}

}  // namespace

bool CheckReceiptOf(const VerifierTrust& trust, ReportBuilder* out) {
  const certs::ofd::ReadBack& record = *out->report.certificate;
  if (record.receipt.empty()) {
    out->Fail(Layer::kReceipt, "RECEIPT_MISSING");
    return false;
  }
  if (trust.log_key == nullptr) {
    out->Explain(Layer::kReceipt, "LOG_KEY_NOT_CONFIGURED");
    return false;
  }
  const absl::StatusOr<certs::ReceiptFacts> facts = CheckBytes(record.receipt, record, trust);
  if (!facts.ok()) {
    out->Fail(Layer::kReceipt, ReasonOr(facts.status(), "RECEIPT_BROKEN"));
    return false;
  }
  out->Pass(Layer::kReceipt);
  out->report.log_epoch = record.log_epoch;
  out->report.after_witnessed_size = facts->after_size;
  Raise(ReceiptStrength::kLogged, facts->head, &out->report);
  return true;
}

void CheckFetchedReceipts(const VerifierTrust& trust, absl::string_view file,
                          const std::vector<std::string>& fetched, ReportBuilder* out) {
  for (const std::string& bytes : fetched) {
    absl::Status checked = certs::Error(absl::StatusCode::kFailedPrecondition, "NO_LOGGED_RECEIPT",
                                        "the document's own receipt does not hold");
    if (out->report.receipt != ReceiptStrength::kNone) {
      const absl::StatusOr<certs::JointReceipt> joint = certs::ParseJointReceipt(bytes);
      checked = joint.ok() ? CheckJoint(*joint, file, trust, &out->report)
                           : CheckWitnessed(bytes, trust, &out->report);
    }
    if (checked.ok()) continue;
    const std::string reason = ReasonOr(checked, "RECEIPT_BROKEN");
    if (IsOfAnother(reason)) {
      out->Fail(Layer::kReceipt, absl::StrCat(reason, ": fetched"));
      out->Notice(
          "所附回执属于另一文件：请核对文件，并取得本文件自己的回执 the receipt given is of "
          "another file: look which file it is, and fetch this file's own receipt");
    } else {
      out->Notice(absl::StrCat("FETCHED_RECEIPT: ", reason));
    }
  }
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
