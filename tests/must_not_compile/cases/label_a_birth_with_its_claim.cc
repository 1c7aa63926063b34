// SPDX-License-Identifier: Apache-2.0
// The hash of a claim is no label of the uniqueness map: a label is an output of the VRF.
// Refused with: no viable overloaded '='
#include "certs/newborn.h"

namespace birthseal::certs {

void Try(Claim& claim, const Digest& vrf_output) {
#ifdef RIGHT
  claim.label = MapLabel(vrf_output);
#else
  (void)vrf_output;
  claim.label = claim.hash;
#endif
}

}  // namespace birthseal::certs
