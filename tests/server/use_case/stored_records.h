// SPDX-License-Identifier: Apache-2.0
// Changes a record behind the ledger's back, as a bad disk or somebody with the disk would. The
// writer stays the writer.
#pragma once

#include <string>

#include "store/engine.h"
#include "store/keys.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline void CommitBehindTheLedger(store::Engine* engine, const store::WriteBatch& batch) {
  const auto stored = engine->NewSnapshot()->Get(store::Family::kMeta, store::FenceKey());
  ASSERT_OK(stored);
  const std::optional<uint64_t> fence = store::ParseBigEndian64(*stored);
  ASSERT_TRUE(fence.has_value());
  ASSERT_OK(engine->Commit(batch, store::FenceEpoch(*fence)));
}

inline void Overwrite(store::Engine* engine, store::Family family, const std::string& key,
                      const std::string& value) {
  store::WriteBatch batch;
  batch.Put(family, key, value);
  CommitBehindTheLedger(engine, batch);
}

}  // namespace birthseal::tests
