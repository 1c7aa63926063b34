// SPDX-License-Identifier: Apache-2.0
// OpenSSL 3.0 has no newer way to take the place of its random source.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/support/failing_random.h"

#include <openssl/rand.h>

#include <atomic>

namespace birthseal::tests {
namespace {

std::atomic<Faults*> watching{nullptr};

int Draw(unsigned char* bytes, int size) {
  Faults* const faults = watching;
  if (faults != nullptr && !faults->Next("a random draw").ok()) return 0;
  return RAND_OpenSSL()->bytes(bytes, size);
}

int Status() { return 1; }

}  // namespace

FailingRandom::FailingRandom(Faults* faults) {
  static const RAND_METHOD method = {nullptr, &Draw, nullptr, nullptr, &Draw, &Status};
  watching = faults;
  RAND_set_rand_method(&method);
}

FailingRandom::~FailingRandom() {
  RAND_set_rand_method(RAND_OpenSSL());
  watching = nullptr;
}

}  // namespace birthseal::tests
