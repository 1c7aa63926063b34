// SPDX-License-Identifier: Apache-2.0
#include "tests/support/failing_openssl.h"

#include <dlfcn.h>
#include <openssl/bn.h>
#include <openssl/ec.h>

#include <mutex>

namespace birthseal::tests {
namespace {

struct Watch {
  std::mutex mutex;
  OpensslFault kind = OpensslFault::kFails;
  Faults* faults = nullptr;  // null: nothing is watched
};

Watch& TheWatch() {
  static auto* const watch = new Watch;
  return *watch;
}

const void* LibraryOf(const void* code) {
  Dl_info facts{};
  return dladdr(code, &facts) != 0 ? facts.dli_fbase : nullptr;
}

// `caller`: where the call returns to.
bool Strikes(OpensslFault kind, const char* name, const void* caller) {
  Watch& watch = TheWatch();
  const std::lock_guard<std::mutex> lock(watch.mutex);
  if (watch.faults == nullptr || watch.kind != kind) return false;
  static const void* const library = LibraryOf(dlsym(RTLD_NEXT, "EC_GROUP_get0_order"));
  return LibraryOf(caller) != library && !watch.faults->Next(name).ok();
}

// `kFunction` is the function that stands before the library's; gives the latter.
template <auto kFunction>
decltype(kFunction) Real(const char* name) {
  static const auto real = reinterpret_cast<decltype(kFunction)>(dlsym(RTLD_NEXT, name));
  return real;
}

}  // namespace

FailingOpenssl::FailingOpenssl(OpensslFault kind, Faults* faults) {
  const std::lock_guard<std::mutex> lock(TheWatch().mutex);
  TheWatch().kind = kind;
  TheWatch().faults = faults;
}

FailingOpenssl::~FailingOpenssl() {
  const std::lock_guard<std::mutex> lock(TheWatch().mutex);
  TheWatch().faults = nullptr;
}

}  // namespace birthseal::tests

using birthseal::tests::OpensslFault;
using birthseal::tests::Real;
using birthseal::tests::Strikes;

extern "C" {

int EC_POINT_mul(const EC_GROUP* group, EC_POINT* r, const BIGNUM* n, const EC_POINT* q,
                 const BIGNUM* m, BN_CTX* ctx) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "EC_POINT_mul", caller)) return 0;
  const int done = Real<&EC_POINT_mul>("EC_POINT_mul")(group, r, n, q, m, ctx);
  return Strikes(OpensslFault::kIsMistaken, "EC_POINT_mul", caller)
             ? EC_POINT_add(group, r, r, EC_GROUP_get0_generator(group), ctx)
             : done;
}
int BN_mod_add_quick(BIGNUM* r, const BIGNUM* a, const BIGNUM* b, const BIGNUM* m) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_mod_add_quick", caller)) return 0;
  const int done = Real<&BN_mod_add_quick>("BN_mod_add_quick")(r, a, b, m);
  return Strikes(OpensslFault::kIsMistaken, "BN_mod_add_quick", caller) ? BN_add_word(r, 1) : done;
}
int BN_nnmod(BIGNUM* r, const BIGNUM* m, const BIGNUM* d, BN_CTX* ctx) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_nnmod", caller)) return 0;
  return Real<&BN_nnmod>("BN_nnmod")(r, m, d, ctx);
}
int BN_to_montgomery(BIGNUM* r, const BIGNUM* a, BN_MONT_CTX* mont, BN_CTX* ctx) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_to_montgomery", caller)) return 0;
  return Real<&BN_to_montgomery>("BN_to_montgomery")(r, a, mont, ctx);
}
int BN_mod_mul_montgomery(BIGNUM* r, const BIGNUM* a, const BIGNUM* b, BN_MONT_CTX* mont,
                          BN_CTX* ctx) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_mod_mul_montgomery", caller)) return 0;
  return Real<&BN_mod_mul_montgomery>("BN_mod_mul_montgomery")(r, a, b, mont, ctx);
}
int BN_MONT_CTX_set(BN_MONT_CTX* mont, const BIGNUM* mod, BN_CTX* ctx) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_MONT_CTX_set", caller)) return 0;
  return Real<&BN_MONT_CTX_set>("BN_MONT_CTX_set")(mont, mod, ctx);
}
int BN_bn2binpad(const BIGNUM* a, unsigned char* to, int size) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_bn2binpad", caller)) return -1;
  return Real<&BN_bn2binpad>("BN_bn2binpad")(a, to, size);
}
BIGNUM* BN_bin2bn(const unsigned char* from, int size, BIGNUM* to) {
  const void* const caller = __builtin_return_address(0);
  if (Strikes(OpensslFault::kFails, "BN_bin2bn", caller)) return nullptr;
  return Real<&BN_bin2bn>("BN_bin2bn")(from, size, to);
}

}  // extern "C"
