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
#include "signer/sealing/key_provider.h"
#include "signer/sealing/message_signer.h"
#include "signer/sealing/sealed_looks.h"
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
constexpr size_t kMostLooks = 1u << 16;  // some 15 MiB

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
                   absl::FormatTime("%Y%m%d%H%M%SZ", draft.signing_time(), absl::UTCTimeZone()),
                   "</ofd:SignatureDateTime><ofd:References CheckMethod=\"", kSm3, "\">");
  for (const PartPtr& part : covered) {
    absl::StrAppend(&xml, "<ofd:Reference FileRef=\"/", part->path, "\"><ofd:CheckValue>",
                    absl::Base64Escape(certs::View(part->digest)),
                    "</ofd:CheckValue></ofd:Reference>");
  }
  absl::StrAppend(&xml, "</ofd:References><ofd:StampAnnot ID=\"2\" PageRef=\"", draft.page_id(),
                  "\" Boundary=\"", draft.seal_x(), " ", draft.seal_y(), " ", seal.width_mm, " ",
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

// What TBS_Sign holds up to the end of the seal. The outer length is the same for all documents, so
// this is constant too.
absl::StatusOr<std::string> PrefixOf(absl::string_view seal, const Paths& paths) {
  const std::string tail = VariableTail(absl::UnixEpoch(), {}, paths.signature);
  std::string sample = ToBeSigned(seal, absl::UnixEpoch(), {}, paths.signature);
  if (!absl::EndsWith(sample, tail)) {
    return Error(absl::StatusCode::kInternal, "SEAL_PREFIX", "TBS_Sign does not end as expected");
  }
  sample.resize(sample.size() - tail.size());
  return sample;
}

}  // namespace

// What one seal adds to every document it seals, made once.
struct OpenedSeal::Held {
  SealFacts facts;
  std::shared_ptr<const InstitutionSeal> seal;  // with its key
  PartPtr seal_part, list_part;
  std::string prefix;         // of TBS_Sign
  certs::Sm3 after_prefix;    // SM3 state after the prefix
  certs::Sm3 after_z_prefix;  // SM3 state after Z || prefix
};

const SealFacts& OpenedSeal::facts() const { return held_->facts; }

struct DocumentSealer::State {
  using Held = OpenedSeal::Held;
  using HeldPtr = std::shared_ptr<const Held>;

  std::mutex mutex;
  // Guarded by mutex. The values keep the addresses in the keys taken.
  std::map<const InstitutionSeal*, HeldPtr> opened;

  static absl::StatusOr<HeldPtr> Prepare(std::shared_ptr<const InstitutionSeal> seal) {
    const Paths paths(Draft::kSignatureDirectory);
    auto held = std::make_shared<Held>();
    held->facts.seal = *seal;  // without the key
    held->facts.digest = certs::Sm3Of(seal->seal.bytes);
    ASSIGN_OR_RETURN(held->facts.certificate, ReadCertificateFacts(seal->signer_certificate));
    held->seal_part = PartAt(paths.seal, seal->seal.bytes, Method::kStored, true);
    held->list_part = PartAt(paths.list, SignatureListXml(paths), Method::kDeflated, true);
    ASSIGN_OR_RETURN(held->prefix, PrefixOf(seal->seal.bytes, paths));
    held->after_prefix.Add(held->prefix);
    held->after_z_prefix = MessageSigner(seal->key.key_).prefix();
    held->after_z_prefix.Add(held->prefix);
    held->seal = std::move(seal);
    return HeldPtr(std::move(held));
  }

  absl::StatusOr<HeldPtr> Get(const std::shared_ptr<const InstitutionSeal>& seal) {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = opened.find(seal.get());
    if (found != opened.end()) return found->second;
    ASSIGN_OR_RETURN(HeldPtr made, Prepare(seal));
    if (opened.size() >= kMaxPreparedSeals) opened.clear();
    opened.emplace(seal.get(), made);
    return made;
  }
};

// Rule G4.
absl::Status CheckSealFits(const SealFacts& facts, absl::string_view code, absl::string_view name,
                           absl::Time at) {
  const ElectronicSeal& seal = facts.seal.seal;
  const auto refuse = [](absl::string_view reason, absl::string_view message) {
    return Error(absl::StatusCode::kFailedPrecondition, reason, message, "seal");
  };
  if (at < seal.valid_from || at > seal.valid_until || at < seal.created) {
    return refuse("SEAL_NOT_VALID_NOW", "the seal is not valid at the signing time");
  }
  if (at < facts.certificate.not_before || at > facts.certificate.not_after) {
    return refuse("SEAL_CERTIFICATE_NOT_VALID_NOW",
                  "the signer certificate is not valid at the signing time");
  }
  const std::vector<std::string>& allowed = seal.signer_certificates;
  if (std::find(allowed.begin(), allowed.end(), facts.seal.signer_certificate) == allowed.end()) {
    return refuse("SEAL_CERTIFICATE_NOT_LISTED", "the seal does not allow the certificate");
  }
  if (name.empty() || !absl::StrContains(seal.name, name) ||
      facts.certificate.organizational_unit != code) {
    return refuse("SEAL_OF_OTHER_INSTITUTION", "the seal is not the issuing institution's");
  }
  return absl::OkStatus();
}

DocumentSealer::DocumentSealer(SealerTrust with)
    : with_(std::move(with)),
      state_(std::make_unique<State>()),
      looks_(std::make_unique<SealedLooks>(kMostLooks)) {}
DocumentSealer::~DocumentSealer() = default;

absl::StatusOr<OpenedSeal> DocumentSealer::Open(absl::string_view institution_code) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const InstitutionSeal> seal,
                   OpenSealOf(*with_.keys, institution_code));
  ASSIGN_OR_RETURN(State::HeldPtr held, state_->Get(seal));
  return OpenedSeal(std::move(held), mark_);
}

absl::Status DocumentSealer::CheckOwn(const SealPlan& plan) const {
  if (plan.spent()) {
    return Error(absl::StatusCode::kInternal, "SEAL_PLAN_SPENT", "sealing with a spent plan");
  }
  if (plan.maker_ != mark_) {
    return Error(absl::StatusCode::kInternal, "SEAL_PLAN_OF_ANOTHER",
                 "sealing with a plan of another sealer");
  }
  return absl::OkStatus();
}

absl::StatusOr<RenderedPlan> DocumentSealer::Render(SealPlan plan) const {
  RETURN_IF_ERROR(CheckOwn(plan));
  ASSIGN_OR_RETURN(Draft draft, with_.renderer->Render(plan.page()));
  return RenderedPlan(std::move(plan), std::move(draft));
}

absl::Status DocumentSealer::CheckUse(const SealPlan& plan, const OpenedSeal& seal) const {
  RETURN_IF_ERROR(CheckOwn(plan));
  if (seal.maker_ != mark_) {
    return Error(absl::StatusCode::kInternal, "SEAL_OPENED_BY_ANOTHER",
                 "sealing with a seal that another sealer opened");
  }
  const certs::FaceContent& content = plan.page().face.content;
  return CheckSealFits(seal.facts(), content.issuing_institution_code,
                       content.issuing_institution_name, plan.page().signing_time);
}

absl::StatusOr<SealedDocument> DocumentSealer::Seal(RenderedPlan rendered,
                                                    const OpenedSeal& seal) const {
  // 1. This plan, and a seal that may seal it now.
  RETURN_IF_ERROR(CheckUse(rendered.plan_, seal));
  const Draft& draft = rendered.draft_;
  const OpenedSeal::Held& held = *seal.held_;

  // 2. Everything that is covered, then Signature.xml over it, serialised once.
  const Paths paths(Draft::kSignatureDirectory);
  SealedDocument sealed;
  sealed.parts = draft.parts();
  sealed.parts.push_back(held.seal_part);
  sealed.parts.push_back(held.list_part);
  const PartPtr signature_part =
      PartAt(paths.signature, SignatureXml(draft, sealed.parts, held.facts.seal.seal, paths),
             Method::kDeflated, false);
  sealed.parts.push_back(signature_part);

  // 3. Spend the plan: one plan, one signature over TBS_Sign. Two plans may have been made before
  // one of them came here.
  RETURN_IF_ERROR(looks_->Add(rendered.plan_.page().licence_id, rendered.plan_.look_));
  rendered.plan_.page_.reset();
  const certs::Digest& data_hash = signature_part->digest;
  const std::string tail = VariableTail(draft.signing_time(), data_hash, paths.signature);
  certs::Sm3 e = held.after_z_prefix;
  certs::Sm3 journal = held.after_prefix;
  sealed.to_be_signed_digest = journal.Add(tail).Finish();
  const std::string signature = SignDigestWith(held.seal->key.key_, e.Add(tail).Finish());
  if (signature.empty()) {
    return Error(absl::StatusCode::kInternal, "SEAL_SIGNING", "the seal key could not sign");
  }
  sealed.parts.push_back(PartAt(paths.value,
                                FinishSignature(absl::StrCat(held.prefix, tail),
                                                held.facts.seal.signer_certificate, signature),
                                Method::kStored, false));

  // 4. The file.
  sealed.file = certs::ofd::WritePackage(sealed.parts);
  sealed.digest = certs::Sm3Of(sealed.file);
  return sealed;
}

}  // namespace birthseal::signer
