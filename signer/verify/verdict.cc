// SPDX-License-Identifier: Apache-2.0
// From layers to one verdict, and the names of all of them.
#include "absl/strings/str_cat.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/report_builder.h"

namespace birthseal::signer {

const LayerReport& Report::at(Layer layer) const {
  return layers.at(static_cast<size_t>(layer) - 1);
}

// The first row that applies decides:
//   package broken                                     FORGED_OR_ALTERED
//   no signature at all                                UNSIGNED
//   coverage, signature, seal, time or data failed     FORGED_OR_ALTERED
//   a signature that nobody can check                  NOT_VERIFIABLE
//   chain of seal maker, signer or time stamp          INTACT_ISSUER_NOT_TRUSTED
//   trusted, but none of our records in it             NOT_ISSUED_HERE
//   no receipt, or not for this face by our log, or
//   a receipt given beside it is of another file       SEALED_OUTSIDE_THE_LOG
//   all else                                           GENUINE_STATUS_NOT_CHECKED
Verdict Decide(const ReportBuilder& found) {
  const auto failed = [&](Layer layer) {
    return found.report.at(layer).result == LayerResult::kFailed;
  };
  if (failed(Layer::kPackage)) return Verdict::kForgedOrAltered;
  if (!found.has_signature) return Verdict::kUnsigned;
  for (const Layer layer :
       {Layer::kCoverage, Layer::kSignature, Layer::kSeal, Layer::kTime, Layer::kData}) {
    if (failed(layer)) return Verdict::kForgedOrAltered;
  }
  if (found.not_verifiable) return Verdict::kNotVerifiable;
  if (failed(Layer::kCertificates)) return Verdict::kIntactIssuerNotTrusted;
  if (!found.ours) return Verdict::kNotIssuedHere;
  if (failed(Layer::kReceipt)) return Verdict::kSealedOutsideTheLog;
  return Verdict::kGenuineStatusNotChecked;
}

namespace {

struct StatusEffect {
  absl::string_view reason;
  LayerResult result;
  Verdict verdict;
};

StatusEffect EffectOf(RegistryStatus status) {
  switch (status) {
    case RegistryStatus::kValid:
      return {"STATUS_VALID", LayerResult::kOk, Verdict::kValid};
    case RegistryStatus::kSuperseded:
      return {"STATUS_SUPERSEDED", LayerResult::kOk, Verdict::kSuperseded};
    case RegistryStatus::kRevoked:
      return {"STATUS_REVOKED", LayerResult::kOk, Verdict::kRevoked};
    // The log's ISSUED leaf commits to one file. Whoever made this one holds the seal key: it shows
    // the right face to programs, and to people whatever he likes.
    case RegistryStatus::kSealedAgain:
      return {"SEALED_AGAIN", LayerResult::kFailed, Verdict::kSealedOutsideTheLog};
    case RegistryStatus::kPackedAnew:
      return {"PACKED_ANEW", LayerResult::kFailed, Verdict::kForgedOrAltered};
    // Genuine by all it carries, and nothing is upgraded by what nobody knows: an intent that was
    // cancelled or not finished, a registry that is behind, a document that was lost.
    case RegistryStatus::kUnknownHere:
      break;
    case RegistryStatus::kCommittedFileUnknown:
      return {"COMMITTED_FILE_UNKNOWN", LayerResult::kNotChecked,
              Verdict::kGenuineStatusNotChecked};
  }
  return {"STATUS_UNKNOWN_HERE", LayerResult::kNotChecked, Verdict::kGenuineStatusNotChecked};
}

}  // namespace

void ApplyStatus(RegistryStatus status, absl::string_view position, Report* report) {
  const StatusEffect effect = EffectOf(status);
  LayerReport& layer = report->layers.at(static_cast<size_t>(Layer::kStatus) - 1);
  layer.result = effect.result;
  layer.reasons.assign(1, absl::StrCat(effect.reason, position.empty() ? "" : ": ", position));
  // Only a genuine document has a status; every other verdict stands.
  if (report->verdict == Verdict::kGenuineStatusNotChecked) report->verdict = effect.verdict;
}

absl::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "VALID";
    case Verdict::kGenuineStatusNotChecked:
      return "GENUINE_STATUS_NOT_CHECKED";
    case Verdict::kSuperseded:
      return "SUPERSEDED";
    case Verdict::kRevoked:
      return "REVOKED";
    case Verdict::kForgedOrAltered:
      return "FORGED_OR_ALTERED";
    case Verdict::kSealedOutsideTheLog:
      return "SEALED_OUTSIDE_THE_LOG";
    case Verdict::kNotIssuedHere:
      return "NOT_ISSUED_HERE";
    case Verdict::kIntactIssuerNotTrusted:
      return "INTACT_ISSUER_NOT_TRUSTED";
    case Verdict::kUnsigned:
      return "UNSIGNED";
    case Verdict::kNotVerifiable:
      return "NOT_VERIFIABLE";
    case Verdict::kUnknown:
      break;
  }
  return "UNKNOWN";
}

absl::string_view NameZh(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "真实有效";
    case Verdict::kGenuineStatusNotChecked:
      return "真实，未查询当前状态";
    case Verdict::kSuperseded:
      return "真实，已被换发或补发取代";
    case Verdict::kRevoked:
      return "真实，已作废";
    case Verdict::kForgedOrAltered:
      return "伪造或被篡改";
    case Verdict::kSealedOutsideTheLog:
      return "未经签发日志登记的用印";
    case Verdict::kNotIssuedHere:
      return "非本系统签发";
    case Verdict::kIntactIssuerNotTrusted:
      return "内容完整，签发者不受信任";
    case Verdict::kUnsigned:
      return "未签章";
    case Verdict::kNotVerifiable:
      return "签名缺少验证所需数据，无法验证";
    case Verdict::kUnknown:
      break;
  }
  return "未知";
}

absl::string_view Name(Layer layer) {
  switch (layer) {
    case Layer::kPackage:
      return "PACKAGE";
    case Layer::kCoverage:
      return "COVERAGE";
    case Layer::kSignature:
      return "SIGNATURE";
    case Layer::kSeal:
      return "SEAL";
    case Layer::kCertificates:
      return "CERTIFICATES";
    case Layer::kTime:
      return "TIME";
    case Layer::kReceipt:
      return "RECEIPT";
    case Layer::kStatus:
      return "STATUS";
    case Layer::kData:
      return "DATA";
  }
  return "UNKNOWN";
}

absl::string_view Name(ReceiptStrength strength) {
  switch (strength) {
    case ReceiptStrength::kNone:
      return "NONE";
    case ReceiptStrength::kLogged:
      return "LOGGED";
    case ReceiptStrength::kWitnessed:
      return "WITNESSED";
    case ReceiptStrength::kJoint:
      return "JOINT";
  }
  return "NONE";
}

absl::string_view Name(LayerResult result) {
  switch (result) {
    case LayerResult::kOk:
      return "OK";
    case LayerResult::kFailed:
      return "FAILED";
    case LayerResult::kNotChecked:
      return "NOT_CHECKED";
  }
  return "UNKNOWN";
}

}  // namespace birthseal::signer
