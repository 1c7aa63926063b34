// SPDX-License-Identifier: Apache-2.0
// Bytes are no id before they were looked at.
// Refused with: no viable conversion
#include "certs/ids.h"

namespace birthseal::certs {

CaseId Try(absl::string_view bytes) {
#ifdef RIGHT
  return CaseId::FromBytes(bytes).value_or(CaseId());
#else
  return bytes;
#endif
}

}  // namespace birthseal::certs
