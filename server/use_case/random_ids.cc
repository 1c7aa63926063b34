// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/random_ids.h"

#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/strings/escaping.h"

namespace birthseal::server {

std::string RandomBytes(size_t count) {
  std::vector<unsigned char> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) == 1) return {bytes.begin(), bytes.end()};
  std::fputs("birthseal: no random numbers\n", stderr);
  std::abort();
}

std::string RandomSalt() { return RandomBytes(16); }

std::string RandomHex32() { return absl::BytesToHexString(RandomBytes(16)); }

}  // namespace birthseal::server
