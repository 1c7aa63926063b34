// SPDX-License-Identifier: Apache-2.0
// What RocksDB overlooks in its own files when it opens a store: damage that it takes for a new
// store or for the traces of a crash, whereupon it removes the tables that it no longer knows.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace birthseal::store {

// Errors: kDataLoss tables without the file CURRENT, or a record of MANIFEST whose length or
// type was altered. All other damage is found by RocksDB itself. Call before opening. Thread-safe.
absl::Status CheckListOfFiles(rocksdb::Env* env, const std::string& directory);

}  // namespace birthseal::store
