// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/document_verifier.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/ofd/reader.h"
#include "certs/ofd/structure.h"
#include "signer/verify/coverage.h"
#include "signer/verify/own_certificate.h"
#include "signer/verify/report_builder.h"
#include "signer/verify/signature_checks.h"
#include "signer/verify/trust_checks.h"

namespace birthseal::signer {
namespace {

std::string PackageReason(const absl::Status& status) {
  std::string reason = certs::ReasonOf(status);
  if (!reason.empty()) return reason;
  return status.code() == absl::StatusCode::kResourceExhausted ? "PACKAGE_LIMIT" : "PACKAGE_FORMAT";
}

// Our own writer leaves nothing to warn of, so whatever stands around or between the entries of one
// of our documents was put there by someone else, and other programs may show it. Other products'
// files are as they are.
void CheckWarnings(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   ReportBuilder* out) {
  for (const std::string& warning : package.warnings) {
    out->Notice(warning);
    if (certs::ofd::CarriesOurMark(structure)) out->Fail(Layer::kPackage, warning);
  }
  for (const std::string& warning : structure.warnings) out->Notice(warning);
  out->Pass(Layer::kPackage);
}

Report Finish(ReportBuilder out) {
  out.report.verdict = Decide(out);
  return std::move(out.report);
}

}  // namespace

struct DocumentVerifier::State {
  explicit State(VerifierTrust trust) : checks(std::move(trust)) {}

  void VerifyPackage(absl::string_view file, absl::Time now,
                     const std::vector<std::string>& fetched, ReportBuilder* out);
  void VerifySignatures(const certs::ofd::OpenPackage& package,
                        const certs::ofd::Structure& structure, absl::Time now, ReportBuilder* out);

  TrustChecks checks;              // thread-safe
  certs::ofd::EntryCache entries;  // thread-safe
};

void DocumentVerifier::State::VerifyPackage(absl::string_view file, absl::Time now,
                                            const std::vector<std::string>& fetched,
                                            ReportBuilder* out) {
  // 1. Package and structure.
  const absl::StatusOr<certs::ofd::OpenPackage> package =
      certs::ofd::ReadPackage(file, {}, &entries);
  if (!package.ok()) return out->Fail(Layer::kPackage, PackageReason(package.status()));
  const absl::StatusOr<certs::ofd::Structure> structure = certs::ofd::ReadStructure(*package);
  if (!structure.ok()) return out->Fail(Layer::kPackage, PackageReason(structure.status()));
  CheckWarnings(*package, *structure, out);
  // 2. Record and data; our own documents then have more to prove.
  ReadOwnRecord(*package, *structure, out);
  // 3. Signatures, coverage, seal, certificates, time, receipt.
  if (structure->signatures_path.empty()) return out->Explain(Layer::kSignature, "UNSIGNED");
  out->has_signature = true;
  if (structure->signatures.empty()) return out->Fail(Layer::kSignature, "SIGNATURE_LIST_EMPTY");
  VerifySignatures(*package, *structure, now, out);
  // 4. What was fetched beside the file.
  CheckFetchedReceipts(checks.trust(), file, fetched, out);
}

void DocumentVerifier::State::VerifySignatures(const certs::ofd::OpenPackage& package,
                                               const certs::ofd::Structure& structure,
                                               absl::Time now, ReportBuilder* out) {
  const bool logged = out->ours && CheckReceiptOf(checks.trust(), out);
  FileDigests digests(package, &checks.contents());
  SignatureScene scene{package, digests, checks, {now, now, logged}, {}, nullptr};
  for (const certs::ofd::SignatureEntry& entry : structure.signatures) {
    CheckEntry(entry, &scene, out);
  }
  // Coverage means something only while the signatures hold.
  if (!out->Failed(Layer::kSignature)) CheckCoverage(package, structure, scene.covered, out);
  if (out->ours) CheckInstitution(scene.signer == nullptr ? nullptr : &scene.signer->facts, out);
}

DocumentVerifier::DocumentVerifier(VerifierTrust trust)
    : state_(std::make_unique<State>(std::move(trust))) {}
DocumentVerifier::~DocumentVerifier() = default;

Report DocumentVerifier::Verify(absl::string_view file, absl::Time now,
                                const std::vector<std::string>& fetched) const {
  ReportBuilder out;
  state_->VerifyPackage(file, now, fetched, &out);
  return Finish(std::move(out));
}

Report DocumentVerifier::VerifySeal(absl::string_view der, absl::Time now) const {
  ReportBuilder out;
  out.has_signature = true;
  const absl::StatusOr<ElectronicSeal> seal = ParseElectronicSeal(der);
  if (!seal.ok()) {
    out.Fail(Layer::kSeal, certs::ReasonOf(seal.status()));
    return Finish(std::move(out));
  }
  out.report.format = absl::StrCat("SES V", seal->version, " seal");
  out.report.seal_name = seal->name;
  out.report.signing_time = seal->created;
  state_->checks.CheckSeal(*seal, certs::Sm3Of(seal->bytes), {now, now, false}, &out);
  return Finish(std::move(out));
}

absl::Status DocumentVerifier::CheckSealTrust(const ElectronicSeal& seal,
                                              const certs::Digest& digest,
                                              absl::string_view signer_certificate,
                                              absl::Time at) const {
  ReportBuilder out;
  const SigningMoment moment{at, at, true};
  state_->checks.CheckSeal(seal, digest, moment, &out);
  state_->checks.CheckSigner(signer_certificate, moment, &out);
  std::string reasons;
  for (const LayerReport& layer : out.report.layers) {
    if (layer.result != LayerResult::kFailed) continue;
    for (const std::string& reason : layer.reasons) absl::StrAppend(&reasons, " ", reason);
  }
  if (reasons.empty()) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kFailedPrecondition, "SEAL_NOT_TRUSTED",
                      absl::StrCat("no verifier would trust this seal:", reasons), "seal",
                      "该电子印章不被信任，不能用于签章");
}

Report DocumentVerifier::VerifySignatureValue(absl::string_view der, absl::Time now) const {
  ReportBuilder out;
  out.has_signature = true;
  const absl::StatusOr<DocumentSignature> signature = ParseDocumentSignature(der);
  if (!signature.ok()) {
    out.Fail(Layer::kSignature, certs::ReasonOf(signature.status()));
    return Finish(std::move(out));
  }
  out.report.format = absl::StrCat("SES V", signature->version);
  out.report.seal_name = signature->seal.name;
  out.report.signing_time = signature->time;
  TrustChecks& checks = state_->checks;
  checks.CheckSignature(*signature, &out);
  const SigningMoment moment = checks.CheckTime(*signature, {now, now, false}, &out);
  checks.CheckSeal(signature->seal, certs::Sm3Of(signature->seal.bytes), moment, &out);
  checks.CheckSigner(signature->signer_certificate, moment, &out);
  out.Notice("DOCUMENT_NOT_GIVEN");  // dataHash cannot be compared
  return Finish(std::move(out));
}

}  // namespace birthseal::signer
