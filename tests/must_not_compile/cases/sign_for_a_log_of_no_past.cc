// SPDX-License-Identifier: Apache-2.0
// A signer that is not told what was signed before would sign whatever comes: that a log is new is
// said by name.
// Refused with: no matching constructor for initialization of
#include "signer/sealing/log_signer.h"

namespace birthseal::signer {

bool Try(const NoteSigners& signers, const certs::TreeHead& head) {
#ifdef RIGHT
  LogSigner signer = LogSigner::OfNewLog(signers);
#else
  LogSigner signer(signers);
#endif
  return signer.Sign(head).ok();
}

}  // namespace birthseal::signer
