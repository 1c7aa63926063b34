// SPDX-License-Identifier: Apache-2.0
// The epoch of the fence is not that of the log.
// Refused with: no viable conversion
#include "store/engine.h"

namespace birthseal::store {

bool Try(Engine& engine, const WriteBatch& batch, FenceEpoch fence, certs::LogEpoch log) {
#ifdef RIGHT
  return engine.Commit(batch, fence).ok();
#else
  return engine.Commit(batch, log).ok();
#endif
}

}  // namespace birthseal::store
