// SPDX-License-Identifier: Apache-2.0
// What evidence a case must bring is reckoned from its profile, which the sealer knows: nobody
// hands in a list, nor a profile.
// Refused with: no member named 'required'
#include "signer/sealing/seal_plan.h"

namespace birthseal::signer {

void Try(SealEvidence* evidence) {
#ifdef RIGHT
  evidence->profile = "national-default";
#else
  evidence->required.clear();
#endif
}

}  // namespace birthseal::signer
