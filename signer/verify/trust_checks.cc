// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/trust_checks.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/note_memory.h"
#include "signer/verify/time_stamp.h"

namespace birthseal::signer {
namespace {

constexpr size_t kRememberedSeals = 4096;
constexpr size_t kRememberedCertificates = 4096;
// Clocks of signer and verifier, and of signer and time stamp authority, may differ this much.
constexpr absl::Duration kClockTolerance = absl::Minutes(5);

// GB/T 38540 7.3: the seal lists the certificates that may sign with it, or their digests.
bool Allows(const ElectronicSeal& seal, const std::string& certificate) {
  const auto& list = seal.signer_certificates;
  if (std::find(list.begin(), list.end(), certificate) != list.end()) return true;
  if (seal.signer_digests.empty()) return false;
  const std::string digest = certs::Bytes(certs::Sm3Of(certificate));
  return std::find(seal.signer_digests.begin(), seal.signer_digests.end(), digest) !=
         seal.signer_digests.end();
}

VerifierTrust Remembering(VerifierTrust trust) {
  trust.log_key = RememberingVerifier(std::move(trust.log_key));
  return trust;
}

}  // namespace

TrustChecks::TrustChecks(VerifierTrust trust)
    : trust_(Remembering(std::move(trust))),
      seals_(kRememberedSeals),
      certificates_(kRememberedCertificates) {}

std::shared_ptr<const KnownCertificate> TrustChecks::Read(absl::string_view certificate) {
  const certs::Digest id = certs::Sm3Of(certificate);
  if (auto known = certificates_.Find(id)) return *known;
  absl::StatusOr<PublicKey> key = PublicKey::FromCertificate(certificate);
  absl::StatusOr<CertificateFacts> facts = ReadCertificateFacts(certificate);
  if (!key.ok() || !facts.ok()) return nullptr;
  auto read = std::make_shared<const KnownCertificate>(
      KnownCertificate{*std::move(key), *std::move(facts)});
  certificates_.Put(id, read);
  return read;
}

bool TrustChecks::SealHolds(const ElectronicSeal& seal, const certs::Digest& digest) {
  if (auto known = seals_.Find(digest)) return *known;
  const bool holds = SealSignatureHolds(seal);
  seals_.Put(digest, holds);
  return holds;
}

void TrustChecks::CheckChain(const std::shared_ptr<const TrustStore>& store, absl::string_view who,
                             absl::string_view certificate, const SigningMoment& moment,
                             ReportBuilder* out) const {
  const auto check = [&](absl::Time at) {
    return store == nullptr ? std::string("CHAIN_UNTRUSTED")
                            : certs::ReasonOf(store->Check(certificate, at));
  };
  const std::string then = check(moment.at);
  if (!then.empty()) {
    out->Fail(Layer::kCertificates, absl::StrCat(then, ": ", who));
    return;
  }
  out->Pass(Layer::kCertificates);
  // Good then and expired now is no fault; revoked since then counts unless the time is proven,
  // because the holder of a revoked key may write any time into what he signs.
  const std::string today = check(moment.now);
  if (today == "CERT_REVOKED" && !moment.proven) {
    out->Fail(Layer::kCertificates, absl::StrCat(today, ": ", who));
  } else if (!today.empty()) {
    out->Notice(absl::StrCat(today, "_SINCE: ", who));
  }
}

std::optional<absl::Time> TrustChecks::CheckStamp(absl::string_view token,
                                                  absl::string_view stamped,
                                                  ReportBuilder* out) const {
  const absl::StatusOr<TimeStamp> stamp = CheckTimeStamp(token, stamped);
  if (!stamp.ok()) {
    out->Fail(Layer::kTime, certs::ReasonOf(stamp.status()));
    return std::nullopt;
  }
  const bool trusted = trust_.time_stamps != nullptr &&
                       trust_.time_stamps->Check(stamp->certificate, stamp->time).ok();
  if (trusted) return stamp->time;
  // An unknown authority proves nothing, but the document stands without it.
  out->Notice("TIME_STAMP_AUTHORITY_UNTRUSTED");
  return std::nullopt;
}

void TrustChecks::CheckSeal(const ElectronicSeal& seal, const certs::Digest& digest,
                            const SigningMoment& moment, ReportBuilder* out) {
  if (!SealHolds(seal, digest)) out->Fail(Layer::kSeal, "SEAL_SIGNATURE_BROKEN");
  if (!seal.critical_extensions.empty()) {
    out->Fail(Layer::kSeal, absl::StrCat("SEAL_CRITICAL_EXTENSION: ", seal.critical_extensions[0]));
  }
  const absl::Time at = moment.at == absl::InfinitePast() ? moment.now : moment.at;
  out->Pass(Layer::kSeal);
  // A seal used outside its validity is intact; it is the trust in it that has ended.
  if (at < seal.valid_from) out->Fail(Layer::kCertificates, "SEAL_NOT_YET_VALID");
  if (at > seal.valid_until) out->Fail(Layer::kCertificates, "SEAL_EXPIRED");
  // The maker must have been one when it made the seal, and the seal must not claim to be older
  // than its maker's certificate.
  const SigningMoment made{std::min(seal.created, seal.valid_from), moment.now, moment.proven};
  CheckChain(trust_.makers, "seal maker", seal.maker_certificate, made, out);
  if (seal.time_stamp.empty()) return;
  const std::optional<absl::Time> stamped = CheckStamp(seal.time_stamp, seal.signature, out);
  if (stamped.has_value() && seal.created > *stamped + kClockTolerance) {
    out->Fail(Layer::kTime, "SEAL_CREATED_AFTER_TIME_STAMP");
  }
}

void TrustChecks::CheckSignature(const DocumentSignature& signature, ReportBuilder* out) {
  const std::shared_ptr<const KnownCertificate> signer = Read(signature.signer_certificate);
  if (signer == nullptr || !DocumentSignatureHolds(signature, signer->key)) {
    out->Fail(Layer::kSignature, "DOCUMENT_SIGNATURE_BROKEN");
  }
  if (!signature.critical_extensions.empty()) {
    out->Fail(Layer::kSignature, "SIGNATURE_CRITICAL_EXTENSION");
  }
  if (signature.raw_signature) out->Notice("SIGNATURE_RAW_RS");
  if (!Allows(signature.seal, signature.signer_certificate)) {
    out->Fail(Layer::kSeal, "SIGNER_NOT_IN_SEAL");
  }
  out->Pass(Layer::kSignature);
}

void TrustChecks::CheckSigner(absl::string_view certificate, const SigningMoment& moment,
                              ReportBuilder* out) const {
  SigningMoment then = moment;
  if (then.at == absl::InfinitePast()) then.at = then.now;
  CheckChain(trust_.signers, "signer", certificate, then, out);
}

SigningMoment TrustChecks::CheckTime(const DocumentSignature& signature, SigningMoment moment,
                                     ReportBuilder* out) const {
  moment.at = signature.time;
  if (signature.time == absl::InfinitePast()) {
    out->Explain(Layer::kTime, "SIGNING_TIME_UNREADABLE");
  } else if (signature.time > moment.now + kClockTolerance) {
    out->Fail(Layer::kTime, "SIGNING_TIME_IN_FUTURE");
  } else {
    out->Pass(Layer::kTime);
  }
  if (signature.time_stamp.empty()) {
    if (!moment.proven) out->Notice("TIME_NOT_PROVEN");
    return moment;
  }
  const std::optional<absl::Time> stamped =
      CheckStamp(signature.time_stamp, signature.signature_bits, out);
  if (!stamped.has_value()) return moment;
  if (signature.time > *stamped + kClockTolerance) {
    out->Fail(Layer::kTime, "SIGNED_AFTER_TIME_STAMP");
  }
  moment.proven = true;
  // The stamp proves that the signature existed at its time: what is judged is that time.
  moment.at = signature.time == absl::InfinitePast() ? *stamped : signature.time;
  return moment;
}

}  // namespace birthseal::signer
