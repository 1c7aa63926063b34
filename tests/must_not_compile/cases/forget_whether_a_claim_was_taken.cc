// SPDX-License-Identifier: Apache-2.0
// Who does not look whether the claim is his works on what another is at.
// Refused with: ignoring return value of function declared with 'nodiscard'
#include "server/use_case/issue_step.h"

namespace birthseal::server {

void Try(OpenIssues& open, store::IntentKey intent) {
#ifdef RIGHT
  if (!open.TryClaim(intent)) return;
#else
  open.TryClaim(intent);
#endif
  open.Release(intent);
}

}  // namespace birthseal::server
