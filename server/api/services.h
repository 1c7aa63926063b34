// SPDX-License-Identifier: Apache-2.0
// The adapters: one for each gRPC service of the API. Convert, call the use case, convert.
//
// Each is made once and registered with the server; `gate` and its room outlive it. Handlers run on
// network threads and only pass the gate; use cases run on a pool of workers, but GetStatus.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>

namespace grpc {
class Service;
}

namespace birthseal::server {

class FeedStreams;
class RpcGate;
class WorkerPool;
struct AdminRoom;
struct FeedRoom;
struct IssuingRoom;
struct ReadingRoom;

// Where some calls run, and how many bytes of them may wait and run there at once.
struct Apart {
  WorkerPool* pool = nullptr;  // null: with all others
  size_t bytes = std::numeric_limits<size_t>::max();
};

// Three unary methods and the stream of messages (feed_streams.h); `streams` outlives the service.
std::unique_ptr<grpc::Service> NewDeliveryFeedService(RpcGate* gate, const FeedRoom* room,
                                                      FeedStreams* streams);
std::unique_ptr<grpc::Service> NewIssuingService(RpcGate* gate, const IssuingRoom* room);
std::unique_ptr<grpc::Service> NewSharingService(RpcGate* gate, const ReadingRoom* room);
// Files of strangers are verified apart.
std::unique_ptr<grpc::Service> NewVerificationService(RpcGate* gate, const ReadingRoom* room,
                                                      Apart apart = {});
std::unique_ptr<grpc::Service> NewTransparencyService(RpcGate* gate, const ReadingRoom* room);
// What two people release after a recovery is an act of issuing.
std::unique_ptr<grpc::Service> NewAdminService(RpcGate* gate, const AdminRoom* room,
                                               const IssuingRoom* issuing);

}  // namespace birthseal::server
