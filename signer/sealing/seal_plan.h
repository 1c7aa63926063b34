// SPDX-License-Identifier: Apache-2.0
// SealPlan: checked, single-use permission to seal one face. Signing without one does not compile.
//
// DocumentSealer::Plan alone makes one, and checks: kind of the closed set; every piece of evidence
// that the case must bring by its profile; the verified approvals of an issuer over the content
// digest and of a sealer over the face digest, two different operators of the issuing institution;
// the receipt opens to this face, licence and document and is signed by the log key. Which
// verifier, which log key and what a profile says is the sealer's own, and no other sealer spends
// its plans. Move-only: one plan, one signature. A plan belongs to one thread.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "certs/face.h"
#include "certs/proof/receipt.h"
#include "signer/sealing/maker_mark.h"

namespace birthseal::signer {

struct SealEvidence {
  certs::Application application;  // as filed: its kind, and the evidence it brings
  std::string profile;             // by whose lists it is judged, by name
  certs::Face face;
  certs::Receipt receipt;
  std::string licence_id, document_id;
  absl::Time signing_time;
};

class SealPlan {
 public:
  SealPlan(SealPlan&&) = default;
  SealPlan& operator=(SealPlan&&) = default;
  bool spent() const { return face_digest_ == nullptr; }
  // Requires: !spent().
  const certs::Digest& face_digest() const { return *face_digest_; }
  const std::string& institution_code() const { return institution_code_; }
  const std::string& institution_name() const { return institution_name_; }
  const std::string& document_id() const { return document_id_; }
  const std::string& licence_id() const { return licence_id_; }
  absl::Time signing_time() const { return signing_time_; }

 private:
  friend class DocumentSealer;
  SealPlan() = default;
  std::unique_ptr<const certs::Digest> face_digest_;
  std::string institution_code_, institution_name_, licence_id_, document_id_;
  absl::Time signing_time_;
  MakerMark maker_;
};

}  // namespace birthseal::signer
