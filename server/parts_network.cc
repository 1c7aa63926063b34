// SPDX-License-Identifier: Apache-2.0
// The network side: adapters behind their gate, and the file that says the port.
#include <grpcpp/impl/codegen/service_type.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/api/services.h"
#include "server/at_rest/full_disk.h"
#include "server/door/auth_processor.h"
#include "server/parts.h"

namespace birthseal::server {
namespace {

// Messages of the largest size that may wait to be verified.
constexpr size_t kLargestFilesHeld = 8;

}  // namespace

absl::Status ServerApp::Parts::Serve() {
  // Known without the registry: a witness must be heard also by a store that lost everything.
  std::vector<BootstrapClient> known = config.bootstrap_clients;
  for (const WitnessKey& witness : config.witnesses.keys) {
    known.push_back({witness.client_sm3, "", {static_cast<int>(Role::kWitness)}});
  }
  clients = std::make_unique<ClientDirectory>(registry.get(), known);
  gate = std::make_unique<RpcGate>(clients.get(), &policy, workers.get());
  adapters.push_back(NewDeliveryFeedService(gate.get(), &house->feed, &streams));
  adapters.push_back(NewIssuingService(gate.get(), &house->issuing));
  adapters.push_back(NewSharingService(gate.get(), &house->reading));
  adapters.push_back(NewVerificationService(
      gate.get(), &house->reading,
      {verifications.get(),
       kLargestFilesHeld * static_cast<size_t>(config.limits.max_message_bytes)}));
  adapters.push_back(NewTransparencyService(gate.get(), &house->reading));
  adapters.push_back(NewAdminService(gate.get(), &house->admin, &house->issuing));
  std::vector<grpc::Service*> registered;
  for (const auto& adapter : adapters) registered.push_back(adapter.get());
  ASSIGN_OR_RETURN(rpc,
                   RpcServer::Start(config, NewAuthProcessor(&policy, clients.get()), registered));
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::WritePortFile() const {
  if (config.port_file.empty()) return absl::OkStatus();
  // Renamed into place, so that who waits for the file never reads half a number.
  const std::string fresh = config.port_file + ".new";
  errno = 0;
  std::ofstream out(fresh);
  out << rpc->port() << "\n";
  out.close();
  if (!out || std::rename(fresh.c_str(), config.port_file.c_str()) != 0) {
    if (SaysFull(errno)) {
      return certs::Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
                          absl::StrCat("port_file: no room to write ", config.port_file),
                          "port_file");
    }
    return certs::Error(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                        absl::StrCat("port_file: cannot write ", config.port_file), "port_file");
  }
  return absl::OkStatus();
}

}  // namespace birthseal::server
