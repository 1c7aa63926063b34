// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/document_sealer.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/der/der.h"
#include "signer/sealing/message_signer.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/document_signature.h"

namespace birthseal::signer {
namespace {

using certs::Error;
using certs::ofd::Draft;
using certs::ofd::MakePart;
using certs::ofd::Method;
using certs::ofd::PartPtr;

constexpr char kXmlHead[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr char kNamespace[] = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
constexpr char kSm2WithSm3[] = "1.2.156.10197.1.501";
constexpr char kSm3[] = "1.2.156.10197.1.401";
constexpr size_t kMaxPreparedSeals = 4096;

// Where the signature files of a document stand, as package paths with a leading slash.
struct Paths {
  explicit Paths(absl::string_view directory)
      : list(absl::StrCat("/", directory, "/Signatures.xml")),
        seal(absl::StrCat("/", directory, "/Sign_0/Seal.esl")),
        signature(absl::StrCat("/", directory, "/Sign_0/Signature.xml")),
        value(absl::StrCat("/", directory, "/Sign_0/SignedValue.dat")) {}
  std::string list, seal, signature, value;
};

PartPtr PartAt(absl::string_view path, absl::string_view content, Method method, bool constant) {
  return MakePart(absl::StripPrefix(path, "/"), content, method, constant);
}

// GB/T 33190 clause 18.1. One counter numbers signatures and stamps: 1 and 2.
std::string SignatureListXml(const Paths& paths) {
  return absl::StrCat(kXmlHead, "<ofd:Signatures ", kNamespace,
                      "><ofd:MaxSignId>2</ofd:MaxSignId><ofd:Signature ID=\"1\" Type=\"Seal\" "
                      "BaseLoc=\"",
                      paths.signature, "\"/></ofd:Signatures>");
}

// GB/T 33190 clause 18.2, children in the order of the annex. Paths and ids are plain ASCII that
// needs no escaping.
std::string SignatureXml(const Draft& draft, const std::vector<PartPtr>& covered,
                         const ElectronicSeal& seal, const Paths& paths) {
  std::string xml =
      absl::StrCat(kXmlHead, "<ofd:Signature ", kNamespace,
                   "><ofd:SignedInfo><ofd:Provider ProviderName=\"Birthseal\" Version=\"1.0\" "
                   "Company=\"Birthseal\"/><ofd:SignatureMethod>",
                   kSm2WithSm3, "</ofd:SignatureMethod><ofd:SignatureDateTime>",
                   absl::FormatTime("%Y%m%d%H%M%SZ", draft.signing_time, absl::UTCTimeZone()),
                   "</ofd:SignatureDateTime><ofd:References CheckMethod=\"", kSm3, "\">");
  for (const PartPtr& part : covered) {
    absl::StrAppend(&xml, "<ofd:Reference FileRef=\"/", part->path, "\"><ofd:CheckValue>",
                    absl::Base64Escape(certs::View(part->digest)),
                    "</ofd:CheckValue></ofd:Reference>");
  }
  absl::StrAppend(&xml, "</ofd:References><ofd:StampAnnot ID=\"2\" PageRef=\"", draft.page_id,
                  "\" Boundary=\"", draft.seal_x, " ", draft.seal_y, " ", seal.width_mm, " ",
                  seal.height_mm, "\"/><ofd:Seal><ofd:BaseLoc>", paths.seal,
                  "</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>", paths.value,
                  "</ofd:SignedValue></ofd:Signature>");
  return xml;
}

// What TBS_Sign holds behind the seal: the only part that differs between two documents.
std::string VariableTail(absl::Time time, const certs::Digest& data_hash,
                         absl::string_view property_info) {
  return absl::StrCat(der::GeneralizedTime(time), der::BitString(certs::View(data_hash)),
                      der::Tlv(der::kIa5, property_info));
}

// What one seal adds to every document it seals, made once. The outer length of TBS_Sign is the
// same for all documents with the same signature directory, so the prefix is constant too.
struct PreparedSeal {
  std::shared_ptr<const KnownSeal> known;
  PartPtr seal_part, list_part;
  std::string prefix;         // of TBS_Sign, up to the end of the seal
  certs::Sm3 after_prefix;    // SM3 state after the prefix
  certs::Sm3 after_z_prefix;  // SM3 state after Z || prefix
};

absl::StatusOr<std::shared_ptr<const PreparedSeal>> Prepare(std::shared_ptr<const KnownSeal> known,
                                                            const Paths& paths,
                                                            const certs::Sm3& after_z) {
  const std::shared_ptr<const InstitutionSeal>& seal = known->seal;
  auto prepared = std::make_shared<PreparedSeal>();
  prepared->known = known;
  prepared->seal_part = PartAt(paths.seal, seal->seal.bytes, Method::kStored, true);
  prepared->list_part = PartAt(paths.list, SignatureListXml(paths), Method::kDeflated, true);
  const std::string tail = VariableTail(absl::UnixEpoch(), {}, paths.signature);
  std::string sample = ToBeSigned(seal->seal.bytes, absl::UnixEpoch(), {}, paths.signature);
  if (!absl::EndsWith(sample, tail)) {
    return Error(absl::StatusCode::kInternal, "SEAL_PREFIX", "TBS_Sign does not end as expected");
  }
  sample.resize(sample.size() - tail.size());
  prepared->prefix = std::move(sample);
  prepared->after_prefix.Add(prepared->prefix);
  prepared->after_z_prefix = after_z;
  prepared->after_z_prefix.Add(prepared->prefix);
  return std::shared_ptr<const PreparedSeal>(std::move(prepared));
}

absl::Status CheckDraft(const SealPlan& plan, const Draft& draft) {
  if (plan.spent()) {
    return Error(absl::StatusCode::kInternal, "SEAL_PLAN_SPENT", "sealing with a spent plan");
  }
  if (draft.face_digest != plan.face_digest() || draft.document_id != plan.document_id() ||
      draft.licence_id != plan.licence_id() || draft.signing_time != plan.signing_time()) {
    return Error(absl::StatusCode::kInternal, "SEAL_DRAFT_OF_OTHER_FACE",
                 "sealing a draft that the plan does not name");
  }
  return absl::OkStatus();
}

}  // namespace

struct DocumentSealer::State {
  std::mutex mutex;
  // Guarded by mutex. The values keep the addresses in the keys taken.
  std::map<const InstitutionSeal*, std::shared_ptr<const KnownSeal>> known;
  std::map<std::pair<const InstitutionSeal*, std::string>, std::shared_ptr<const PreparedSeal>>
      prepared;

  // Requires mutex.
  absl::StatusOr<std::shared_ptr<const KnownSeal>> Know(
      const std::shared_ptr<const InstitutionSeal>& seal) {
    const auto found = known.find(seal.get());
    if (found != known.end()) return found->second;
    auto made = std::make_shared<KnownSeal>();
    made->seal = seal;
    made->digest = certs::Sm3Of(seal->seal.bytes);
    ASSIGN_OR_RETURN(made->certificate, ReadCertificateFacts(seal->signer_certificate));
    if (known.size() >= kMaxPreparedSeals) known.clear();
    known.emplace(seal.get(), made);
    return std::shared_ptr<const KnownSeal>(std::move(made));
  }

  absl::StatusOr<std::shared_ptr<const PreparedSeal>> Get(
      const std::shared_ptr<const InstitutionSeal>& seal, const std::string& directory) {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto key = std::make_pair(seal.get(), directory);
    const auto found = prepared.find(key);
    if (found != prepared.end()) return found->second;
    ASSIGN_OR_RETURN(std::shared_ptr<const KnownSeal> of, Know(seal));
    ASSIGN_OR_RETURN(
        std::shared_ptr<const PreparedSeal> made,
        Prepare(std::move(of), Paths(directory), MessageSigner(seal->key.key_).prefix()));
    if (prepared.size() >= kMaxPreparedSeals) prepared.clear();
    prepared.emplace(key, made);
    return made;
  }
};

// Rule G4.
absl::Status CheckSealFits(const KnownSeal& known, absl::string_view code, absl::string_view name,
                           absl::Time at) {
  const ElectronicSeal& seal = known.seal->seal;
  const auto refuse = [](absl::string_view reason, absl::string_view message) {
    return Error(absl::StatusCode::kFailedPrecondition, reason, message, "seal");
  };
  if (at < seal.valid_from || at > seal.valid_until || at < seal.created) {
    return refuse("SEAL_NOT_VALID_NOW", "the seal is not valid at the signing time");
  }
  if (at < known.certificate.not_before || at > known.certificate.not_after) {
    return refuse("SEAL_CERTIFICATE_NOT_VALID_NOW",
                  "the signer certificate is not valid at the signing time");
  }
  const std::vector<std::string>& allowed = seal.signer_certificates;
  if (std::find(allowed.begin(), allowed.end(), known.seal->signer_certificate) == allowed.end()) {
    return refuse("SEAL_CERTIFICATE_NOT_LISTED", "the seal does not allow the certificate");
  }
  if (name.empty() || !absl::StrContains(seal.name, name) ||
      known.certificate.organizational_unit != code) {
    return refuse("SEAL_OF_OTHER_INSTITUTION", "the seal is not the issuing institution's");
  }
  return absl::OkStatus();
}

DocumentSealer::DocumentSealer() : state_(std::make_unique<State>()) {}
DocumentSealer::~DocumentSealer() = default;

absl::StatusOr<std::shared_ptr<const KnownSeal>> DocumentSealer::Know(
    const std::shared_ptr<const InstitutionSeal>& seal) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->Know(seal);
}

absl::StatusOr<SealedDocument> DocumentSealer::Seal(
    SealPlan plan, const Draft& draft, const std::shared_ptr<const InstitutionSeal>& seal) const {
  // 1. This plan, this draft, a seal that may seal it now.
  RETURN_IF_ERROR(CheckDraft(plan, draft));
  if (seal == nullptr || !seal->key.open()) {
    return Error(absl::StatusCode::kInternal, "SEAL_NOT_OPEN", "sealing without an open seal");
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const PreparedSeal> prepared,
                   state_->Get(seal, draft.signature_directory));
  RETURN_IF_ERROR(CheckSealFits(*prepared->known, plan.institution_code(), plan.institution_name(),
                                plan.signing_time()));

  // 2. Everything that is covered, then Signature.xml over it, serialised once.
  const Paths paths(draft.signature_directory);
  SealedDocument sealed;
  sealed.parts = draft.parts;
  sealed.parts.push_back(prepared->seal_part);
  sealed.parts.push_back(prepared->list_part);
  const PartPtr signature_part =
      PartAt(paths.signature, SignatureXml(draft, sealed.parts, seal->seal, paths),
             Method::kDeflated, false);
  sealed.parts.push_back(signature_part);

  // 3. Spend the plan: one plan, one signature over TBS_Sign.
  plan.face_digest_.reset();
  const certs::Digest& data_hash = signature_part->digest;
  const std::string tail = VariableTail(draft.signing_time, data_hash, paths.signature);
  certs::Sm3 e = prepared->after_z_prefix;
  certs::Sm3 journal = prepared->after_prefix;
  sealed.to_be_signed_digest = journal.Add(tail).Finish();
  const std::string signature = SignDigestWith(seal->key.key_, e.Add(tail).Finish());
  if (signature.empty()) {
    return Error(absl::StatusCode::kInternal, "SEAL_SIGNING", "the seal key could not sign");
  }
  sealed.parts.push_back(PartAt(
      paths.value,
      FinishSignature(absl::StrCat(prepared->prefix, tail), seal->signer_certificate, signature),
      Method::kStored, false));

  // 4. The file.
  sealed.file = certs::ofd::WritePackage(sealed.parts);
  sealed.digest = certs::Sm3Of(sealed.file);
  return sealed;
}

}  // namespace birthseal::signer
