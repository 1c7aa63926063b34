// SPDX-License-Identifier: Apache-2.0
// A checkpoint is in the receipt of every certificate of its batch: verify each signature once.
#pragma once

#include "certs/proof/checkpoint.h"

namespace birthseal::signer {

// Asks `verifier` only for signatures that it has not accepted before; a signature that held holds
// for ever. Remembers the newest thousands. Thread-safe when `verifier` is.
certs::NoteVerifier RememberingVerifier(certs::NoteVerifier verifier);

}  // namespace birthseal::signer
