// SPDX-License-Identifier: Apache-2.0
// The keys of reading: nothing here can change the registry, but for the record of who has read. No
// private key can be reached; out of sight one signs roots of the log, another makes labels.
#pragma once

#include <cstddef>

#include "certs/ofd/certificate_document.h"
#include "server/use_case/basis.h"
#include "server/use_case/claim_labels.h"
#include "server/witnessing/views.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/seal_book.h"

namespace birthseal::server {

struct ReadingRoom : Basis {
  const certs::ofd::Renderer& renderer;
  signer::SealBook& seals;                   // pictures of seals
  const signer::DocumentVerifier& verifier;  // trust of this service, with the log key
  Checkpoints checkpoints;
  WitnessAnswers desk;
  FreshnessAnswers freshness;  // asked before answers about status
  ClaimLabels& labels;         // of the uniqueness map
};

}  // namespace birthseal::server
