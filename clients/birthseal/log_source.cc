// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/log_source.h"

#include <algorithm>
#include <string>
#include <vector>

#include "certs/status_macros.h"

namespace birthseal::cli {

absl::StatusOr<std::unique_ptr<client::Client>> ConnectToLog(const Session& session) {
  ASSIGN_OR_RETURN(client::ClientOptions options, session.Options());
  options.retry = false;
  options.deadline = std::min(options.deadline, absl::Seconds(30));
  return std::make_unique<client::Client>(options);
}

witness::ListUpdates ListerOf(client::Client* client) {
  return [client](certs::LogEpoch epoch, certs::LeafIndex first,
                  int count) -> absl::StatusOr<std::vector<witness::Update>> {
    v1::ListUpdatesRequest request;
    request.set_epoch(epoch.value());
    request.set_first(first.value());
    request.set_count(count);
    ASSIGN_OR_RETURN(v1::ListUpdatesResponse response, client->ListUpdates(request));
    std::vector<witness::Update> updates;
    for (const auto& update : response.updates()) {
      updates.push_back({update.leaf(), {update.changes().begin(), update.changes().end()}});
    }
    return updates;
  };
}

}  // namespace birthseal::cli
