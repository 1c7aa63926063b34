// SPDX-License-Identifier: Apache-2.0
// Checks of seals, signers and times that a document, a stand-alone seal and a stand-alone
// signature value share (GB/T 38540 6.3 and 7.3). Internal.
//
// Thread-safe: verdicts are cached by the SM3 of what was judged.
#pragma once

#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/coverage.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/electronic_seal.h"
#include "signer/verify/report_builder.h"
#include "signer/verify/sm2_verify.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {

// When something was signed, and what is known about it.
struct SigningMoment {
  absl::Time at;  // InfinitePast: not readable
  absl::Time now;
  bool proven = false;  // by a time stamp or the log, not just by the signer
};

// A certificate read once: OpenSSL takes long to decode one.
struct KnownCertificate {
  PublicKey key;
  CertificateFacts facts;
};

class TrustChecks {
 public:
  explicit TrustChecks(VerifierTrust trust);

  const VerifierTrust& trust() const { return trust_; }
  KnownContents& contents() { return contents_; }
  // Null when it cannot be read.
  std::shared_ptr<const KnownCertificate> Read(absl::string_view certificate);

  // Signature, extensions, validity and maker of a seal; `digest` is the SM3 of its bytes.
  void CheckSeal(const ElectronicSeal& seal, const certs::Digest& digest,
                 const SigningMoment& moment, ReportBuilder* out);
  // Document signature by its certificate, which the seal must allow.
  void CheckSignature(const DocumentSignature& signature, ReportBuilder* out);
  // Chain of the signer, then and now.
  void CheckSigner(absl::string_view certificate, const SigningMoment& moment,
                   ReportBuilder* out) const;
  // timeInfo and the time stamp; the moment says `proven` when the stamp does.
  SigningMoment CheckTime(const DocumentSignature& signature, SigningMoment moment,
                          ReportBuilder* out) const;

 private:
  bool SealHolds(const ElectronicSeal& seal, const certs::Digest& digest);
  void CheckChain(const std::shared_ptr<const TrustStore>& store, absl::string_view who,
                  absl::string_view certificate, const SigningMoment& moment,
                  ReportBuilder* out) const;
  // The time the stamp proves; nullopt and a failure when it is broken.
  std::optional<absl::Time> CheckStamp(absl::string_view token, absl::string_view stamped,
                                       ReportBuilder* out) const;

  const VerifierTrust trust_;
  VerdictCache<bool> seals_;
  VerdictCache<std::shared_ptr<const KnownCertificate>> certificates_;
  KnownContents contents_;
};

}  // namespace birthseal::signer
