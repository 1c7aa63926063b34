// SPDX-License-Identifier: Apache-2.0
// Who calls is said by the client directory: a use case is told, and invents nobody.
// Refused with: calling a private constructor
#include "server/issuing/withdraw_case.h"

namespace birthseal::server {

absl::Status Try(const IssuingRoom& room, const Caller& caller, const WithdrawCaseInput& input) {
#ifdef RIGHT
  const Caller again = caller;
#else
  const Caller again("91110000000000000X", caller.roles(), {}, caller.certificate_sm3());
#endif
  return WithdrawCase(room, again, input);
}

}  // namespace birthseal::server
