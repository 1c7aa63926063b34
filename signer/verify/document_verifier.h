// SPDX-License-Identifier: Apache-2.0
// Verification of sealed OFD documents, layer by layer (checklist of ARCHITECTURE.md).
//
// Used by the service, before release and for whoever asks, by the fsck of the store, and by the
// command line, also offline with a directory of trust files. No private keys. Thread-safe: a
// verifier never changes, but for its caches of seal and chain verdicts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/ofd/certificate_document.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/receipt.h"
#include "signer/verify/trust_store.h"

namespace birthseal::signer {

struct ElectronicSeal;

// Values stand in the API.
enum class LayerResult { kNotChecked = 0, kOk = 1, kFailed = 2 };
enum class Layer {
  kPackage = 1,
  kCoverage = 2,
  kSignature = 3,
  kSeal = 4,
  kCertificates = 5,
  kTime = 6,
  kReceipt = 7,
  kStatus = 8,
  kData = 9,
};
enum class Verdict {
  kUnknown = 0,
  kValid = 1,  // status proven by the caller's status source
  kGenuineStatusNotChecked = 2,
  kSuperseded = 3,
  kRevoked = 4,
  kForgedOrAltered = 5,
  kSealedOutsideTheLog = 6,
  kNotIssuedHere = 7,
  kIntactIssuerNotTrusted = 8,
  kUnsigned = 9,
  kNotVerifiable = 10,  // signature form without the data to check it
};
enum class ReceiptStrength { kNone = 0, kLogged = 1, kWitnessed = 2, kJoint = 3 };

struct LayerReport {
  Layer layer;
  LayerResult result = LayerResult::kNotChecked;
  std::vector<std::string> reasons;  // codes, "REFERENCE_DIGEST_MISMATCH: Doc_0/Document.xml"
};

struct Report {
  Verdict verdict = Verdict::kUnknown;
  std::vector<LayerReport> layers;   // one for each layer, in order
  std::vector<std::string> notices;  // accepted, worth knowing
  ReceiptStrength receipt = ReceiptStrength::kNone;
  uint64_t log_epoch = 0, log_size = 0;  // of the strongest receipt's checkpoint
  // The log accepted the face after witnesses had seen it at this size; 0: not shown.
  uint64_t after_witnessed_size = 0;
  std::optional<certs::ofd::ReadBack> certificate;  // our documents only
  std::string seal_name, signer_name, format;       // "SES V4"; display only
  absl::Time signing_time;
  certs::Digest to_be_signed{};  // SM3 of what the first seal signed: which sealing this is
  const LayerReport& at(Layer layer) const;
};

struct VerifierTrust {
  std::shared_ptr<const TrustStore> makers, signers, time_stamps;
  certs::NoteVerifier log_key;     // empty: receipts are not checked
  certs::WitnessPolicy witnesses;  // quorum 0: nothing counts as witnessed
};

class DocumentVerifier {
 public:
  explicit DocumentVerifier(VerifierTrust trust);
  ~DocumentVerifier();
  // `now` judges what is not judged at signing time. Never fails: what cannot be read is a report.
  // `fetched`: receipts R2 and R3 that came apart from the file, canonical bytes. One of another
  // file or face fails the receipt layer; one that is broken or lacks its quorum is a notice, since
  // it says nothing about the file, and adds no strength.
  Report Verify(absl::string_view file, absl::Time now,
                const std::vector<std::string>& fetched = {}) const;
  // A stand-alone seal (Seal.esl) or signature value (SignedValue.dat).
  Report VerifySeal(absl::string_view der, absl::Time now) const;
  Report VerifySignatureValue(absl::string_view der, absl::Time now) const;
  // Whether a document sealed at `at` with this seal and certificate would be trusted here: maker's
  // signature and chain, validity, signer's chain. `digest` is the SM3 of the seal's bytes.
  // Errors: kFailedPrecondition "SEAL_NOT_TRUSTED" names the reasons.
  absl::Status CheckSealTrust(const ElectronicSeal& seal, const certs::Digest& digest,
                              absl::string_view signer_certificate, absl::Time at) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What the registry says, added by whoever can ask it; sets kStatus and the final verdict.
enum class RegistryStatus {
  kValid,
  kSuperseded,
  kRevoked,
  kUnknownHere,
  kSealedAgain,           // another file of this licence, by another sealing
  kPackedAnew,            // another file of this licence, around the sealing that was issued
  kCommittedFileUnknown,  // the licence is in force; which file it is of was lost
};
void ApplyStatus(RegistryStatus status, absl::string_view position, Report* report);

absl::string_view Name(Verdict verdict);
absl::string_view NameZh(Verdict verdict);
absl::string_view Name(Layer layer);
absl::string_view Name(ReceiptStrength strength);
absl::string_view Name(LayerResult result);

}  // namespace birthseal::signer
