// SPDX-License-Identifier: Apache-2.0
// One unary call by path, and the reason in the details of a refusal.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "birthseal/v1/access.pb.h"

namespace birthseal::tests {

// Sends `bytes` as the request of any method; the answer's bytes go to `answer` when given.
inline grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                            const std::string& bytes = "", std::string* answer = nullptr,
                            std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, path, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  if (answer != nullptr && status.ok()) {
    std::vector<grpc::Slice> slices;
    response.Dump(&slices);
    for (const grpc::Slice& part : slices) {
      answer->append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  return status;
}

// Empty when the status carries no reason.
inline v1::ErrorReason ReasonOf(const grpc::Status& status) {
  v1::StatusDetails details;
  v1::ErrorReason reason;
  if (details.ParseFromString(status.error_details()) && details.details_size() == 1) {
    details.details(0).UnpackTo(&reason);
  }
  return reason;
}

}  // namespace birthseal::tests
