// SPDX-License-Identifier: Apache-2.0
// Identifiers and salts from the operating system's random source, through OpenSSL's per-thread
// generator. Thread-safe. A generator that fails ends the process: nothing may go on without it.
#pragma once

#include <cstddef>
#include <string>

#include "certs/ids.h"
#include "store/commands.h"

namespace birthseal::server {

std::string RandomBytes(size_t count);
template <class Id>
Id RandomId() {
  return *Id::FromBytes(RandomBytes(Id::kSize));
}
std::string RandomSalt();   // 16 bytes: opens a commitment
std::string RandomHex32();  // 32 hex digits: document id

}  // namespace birthseal::server
