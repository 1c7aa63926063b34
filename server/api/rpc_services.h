// SPDX-License-Identifier: Apache-2.0
// The adapters: one gRPC service for each kind of caller. Convert, call the use case, convert.
//
// Each is made once and registered with the server; `gate` and `services` outlive it. Handlers run
// on network threads and only pass the gate; use cases run on the worker pool.
#pragma once

#include <memory>

namespace grpc {
class Service;
}

namespace birthseal::server {

class RpcGate;
struct Services;

std::unique_ptr<grpc::Service> NewIssuingService(RpcGate* gate, const Services* services);
std::unique_ptr<grpc::Service> NewSharingService(RpcGate* gate, const Services* services);
std::unique_ptr<grpc::Service> NewVerificationService(RpcGate* gate, const Services* services);
std::unique_ptr<grpc::Service> NewTransparencyService(RpcGate* gate, const Services* services);
std::unique_ptr<grpc::Service> NewAdminService(RpcGate* gate, const Services* services);

}  // namespace birthseal::server
