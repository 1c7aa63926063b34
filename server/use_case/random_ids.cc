// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/random_ids.h"

#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace birthseal::server {
namespace {

void Fill(unsigned char* bytes, size_t count) {
  if (RAND_bytes(bytes, static_cast<int>(count)) == 1) return;
  std::fputs("birthseal: no random numbers\n", stderr);
  std::abort();
}

}  // namespace

store::Id RandomId() {
  store::Id id;
  Fill(id.data(), id.size());
  return id;
}

std::string RandomSalt() { return std::string(store::View(RandomId())); }

std::string RandomHex32() { return absl::BytesToHexString(store::View(RandomId())); }

}  // namespace birthseal::server
