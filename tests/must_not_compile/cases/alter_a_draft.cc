// SPDX-License-Identifier: Apache-2.0
// Between the page and its seal nothing changes: a draft is what the renderer made.
// Refused with: not marked const
#include "certs/ofd/certificate_document.h"

namespace birthseal::certs::ofd {

size_t Try(Draft draft) {
#ifdef RIGHT
  return draft.parts().size();
#else
  draft.parts().pop_back();
  return draft.parts().size();
#endif
}

}  // namespace birthseal::certs::ofd
