// SPDX-License-Identifier: Apache-2.0
// SealPlan: checked, single-use permission to seal one page. Signing without one does not compile.
//
// DocumentSealer::Plan alone makes one, and checks: kind of the closed set; every piece of evidence
// that the case must bring by its profile; the verified approvals of an issuer over the content
// digest and of a sealer over the face digest, two different operators of the issuing institution;
// the receipt opens to this face, licence and document, stands for this institution and place, and
// is signed by the log key; the signing time is near the minute of the INTENT; this document sealer
// has not sealed the licence in another look. Which verifier, which log key and what a profile says
// is its own, and no other one spends its plans.
//
// A plan holds all that the page will say, and the document sealer renders it: nobody puts another
// page, or other metadata, under a seal. Move-only: one plan, one page, one signature. A plan
// belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "certs/face.h"
#include "certs/ofd/certificate_document.h"
#include "certs/proof/log_place.h"
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
  // What was reserved, as the receipt must say it.
  certs::StatusIndex status_index;
  certs::LogEpoch log_epoch;
  std::string supersedes;  // number of the predecessor, as in the application, or empty
};

class SealPlan {
 public:
  SealPlan(SealPlan&&) = default;
  SealPlan& operator=(SealPlan&&) = default;
  bool spent() const { return page_ == nullptr; }
  // All that the page will say. Requires: !spent().
  const certs::ofd::DocumentInput& page() const { return *page_; }

 private:
  friend class DocumentSealer;
  SealPlan() = default;
  std::unique_ptr<const certs::ofd::DocumentInput> page_;
  certs::Digest look_{};  // sealed_looks.h
  MakerMark maker_;
};

// A plan with its page, which DocumentSealer::Render alone makes. Spent as a plan is.
class RenderedPlan {
 public:
  RenderedPlan(RenderedPlan&&) = default;
  RenderedPlan& operator=(RenderedPlan&&) = default;
  bool spent() const { return plan_.spent(); }

 private:
  friend class DocumentSealer;
  RenderedPlan(SealPlan plan, certs::ofd::Draft draft)
      : plan_(std::move(plan)), draft_(std::move(draft)) {}
  SealPlan plan_;
  certs::ofd::Draft draft_;
};

}  // namespace birthseal::signer
