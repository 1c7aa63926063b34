// SPDX-License-Identifier: Apache-2.0
// Callers for tests: whoever a test says. In the service ClientDirectory alone makes them.
#pragma once

#include <string>
#include <vector>

#include "server/access/caller_maker.h"

namespace birthseal::tests {

inline server::Caller MakeCaller(const std::string& organisation,
                                 const std::vector<server::Role>& roles,
                                 const std::vector<std::string>& facilities = {},
                                 const certs::Digest& certificate_sm3 = {}) {
  return server::CallerMaker::Make(organisation, roles, facilities, certificate_sm3);
}

}  // namespace birthseal::tests
