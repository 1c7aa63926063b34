// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/signature_checks.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "signer/der/der.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/signed_data.h"

namespace birthseal::signer {
namespace {

using certs::ofd::SignatureEntry;

const std::string* FileAt(const SignatureScene& scene, const std::string& path) {
  const auto found = scene.package.files.find(path);
  return found == scene.package.files.end() ? nullptr : &found->second;
}

// Products agree on the OID; some names stand for the same algorithm. Rule F8.
void CheckMethod(const SignatureEntry& entry, ReportBuilder* out) {
  const std::string& method = entry.signature_method;
  if (method == kOidSm2WithSm3) return;
  for (const absl::string_view same :
       {absl::string_view("1.2.156.10197.501"), kOidSm2Signature, absl::string_view("SM3withSM2"),
        absl::string_view("SM2withSM3")}) {
    if (absl::EqualsIgnoreCase(method, same)) return out->Notice("SIGNATURE_METHOD_FORM");
  }
  out->Fail(Layer::kSignature, "SIGNATURE_METHOD");
}

// The file named, or lying beside the signature, is the seal inside the signature. Rule F7.
void CheckSealFile(const SignatureEntry& entry, const ElectronicSeal& seal,
                   const SignatureScene& scene, ReportBuilder* out) {
  std::string path = entry.seal_path;
  if (path.empty()) {
    const size_t slash = entry.signature_path.rfind('/');
    path = absl::StrCat(absl::string_view(entry.signature_path)
                            .substr(0, slash == std::string::npos ? 0 : slash + 1),
                        "Seal.esl");
  }
  const std::string* file = FileAt(scene, path);
  if (file != nullptr && *file != seal.bytes) out->Fail(Layer::kSeal, "SEAL_FILE_DIFFERS");
}

certs::Digest SealDigest(const SignatureEntry& entry, const ElectronicSeal& seal,
                         const SignatureScene& scene) {
  const std::string* file = FileAt(scene, entry.seal_path);
  if (file != nullptr && *file == seal.bytes) return *scene.digests.Of(entry.seal_path);
  return certs::Sm3Of(seal.bytes);
}

void Describe(const DocumentSignature& signature, SignatureScene* scene, ReportBuilder* out) {
  Report& report = out->report;
  if (!report.format.empty()) return;  // the first one stands for the document
  report.format = absl::StrCat("SES V", signature.version);
  report.seal_name = signature.seal.name;
  report.signing_time = signature.time;
  report.to_be_signed = certs::Sm3Of(signature.signed_bytes);
  scene->signer = scene->checks.Read(signature.signer_certificate);
  if (scene->signer == nullptr) return;
  const CertificateFacts& facts = scene->signer->facts;
  report.signer_name = facts.organization.empty() ? facts.common_name : facts.organization;
}

void CheckSealEntry(const SignatureEntry& entry, const std::string& value, SignatureScene* scene,
                    ReportBuilder* out) {
  const absl::StatusOr<DocumentSignature> signature = ParseDocumentSignature(value);
  if (!signature.ok()) return out->Fail(Layer::kSignature, certs::ReasonOf(signature.status()));
  Describe(*signature, scene, out);
  scene->checks.CheckSignature(*signature, out);
  if (signature->data_hash != *scene->digests.Of(entry.signature_path)) {
    out->Fail(Layer::kSignature, "DATA_HASH_MISMATCH");
  }
  const std::string& property = signature->property_info;
  if (absl::StartsWith(property, "/") && property.substr(1) != entry.signature_path) {
    out->Notice("PROPERTY_INFO_OTHER_PATH");
  }
  const SigningMoment moment = scene->checks.CheckTime(*signature, scene->moment, out);
  CheckSealFile(entry, signature->seal, *scene, out);
  scene->checks.CheckSeal(signature->seal, SealDigest(entry, signature->seal, *scene), moment, out);
  scene->checks.CheckSigner(signature->signer_certificate, moment, out);
}

// A bare DER{r,s}: someone signed something, but nobody can say who.
bool IsBareSignature(absl::string_view value) {
  absl::string_view rest = value;
  absl::StatusOr<der::Element> sequence = der::Expect(&rest, der::kSequence);
  if (!sequence.ok() || !rest.empty()) return value.size() == 64;
  rest = sequence->content;
  return der::Expect(&rest, der::kInteger).ok() && der::Expect(&rest, der::kInteger).ok() &&
         rest.empty();
}

void CheckSignEntry(const SignatureEntry& entry, const std::string& value, SignatureScene* scene,
                    ReportBuilder* out) {
  const absl::StatusOr<SignedData> data = ParseSignedData(value);
  if (out->report.format.empty()) {
    out->report.format = data.ok() ? "GB/T 35275" : "SM2";
  }
  const bool bare = !data.ok() && IsBareSignature(value);
  if (bare || (data.ok() && data->signer_certificate.empty())) {
    out->not_verifiable = true;
    out->Explain(Layer::kSignature, "SIGN_WITHOUT_CERTIFICATE");
    return;
  }
  if (!data.ok()) return out->Fail(Layer::kSignature, certs::ReasonOf(data.status()));
  const std::string& signature_xml = *FileAt(*scene, entry.signature_path);
  if (!OfdSignHolds(*data, signature_xml)) {
    out->Fail(Layer::kSignature, "DOCUMENT_SIGNATURE_BROKEN");
  }
  if (data->raw_signature) out->Notice("SIGNATURE_RAW_RS");
  out->Notice("TIME_NOT_PROVEN");
  out->Pass(Layer::kSignature);
  const SigningMoment moment{scene->moment.now, scene->moment.now, false};
  scene->checks.CheckSigner(data->signer_certificate, moment, out);
}

}  // namespace

void CheckEntry(const SignatureEntry& entry, SignatureScene* scene, ReportBuilder* out) {
  for (const std::string& problem : entry.problems) out->Fail(Layer::kSignature, problem);
  std::set<std::string> covered;
  CheckReferences(entry, &scene->digests, &covered, out);
  const std::string* value = FileAt(*scene, entry.signed_value_path);
  const bool present = value != nullptr && FileAt(*scene, entry.signature_path) != nullptr;
  if (!present) return out->Fail(Layer::kSignature, "SIGNATURE_VALUE");
  if (entry.type == "Seal") {
    CheckMethod(entry, out);
    CheckSealEntry(entry, *value, scene, out);
  } else if (entry.type == "Sign") {
    CheckSignEntry(entry, *value, scene, out);
  }
  if (!out->Failed(Layer::kSignature)) scene->covered.merge(covered);
}

}  // namespace birthseal::signer
