// SPDX-License-Identifier: Apache-2.0
// The service as witness and monitor ask it.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "clients/birthseal/cli.h"
#include "clients/witness/witness.h"

namespace birthseal::cli {

// A client whose calls do not insist: the pauses are the caller's.
absl::StatusOr<std::unique_ptr<client::Client>> ConnectToLog(const Session& session);
// `client` outlives it.
witness::ListUpdates ListerOf(client::Client* client);

}  // namespace birthseal::cli
