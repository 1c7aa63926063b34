// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "birthseal/v1/transparency.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/field_checker.h"
#include "server/api/services.h"
#include "server/door/rpc_gate.h"
#include "server/reading/read_log.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxRequest = 1 << 10;
constexpr size_t kMaxNote = 32 << 10;  // with the cosignatures of many witnesses

template <class Request>
certs::LogEpoch EpochIn(const Request& request) {
  return certs::LogEpoch(request.epoch());
}
template <class Request>
certs::LeafIndex FirstIn(const Request& request) {
  return certs::LeafIndex(request.first());
}

absl::Status Checkpoints(const ReadingRoom& room, v1::GetCheckpointResponse* response) {
  ASSIGN_OR_RETURN(NewestCheckpoints notes, GetCheckpoint(room));
  response->set_checkpoint(std::move(notes.checkpoint));
  response->set_witnessed_checkpoint(std::move(notes.witnessed));
  return absl::OkStatus();
}

absl::Status Leaves(const ReadingRoom& room, const v1::ListLeavesRequest& request,
                    v1::ListLeavesResponse* response) {
  FieldChecker check;
  const int count = check.Between(request.count(), "count", 1, 1024);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(std::vector<std::string> leaves,
                   ListLeaves(room, EpochIn(request), FirstIn(request), count));
  for (std::string& leaf : leaves) response->add_leaves(std::move(leaf));
  return absl::OkStatus();
}

absl::Status Updates(const ReadingRoom& room, const v1::ListUpdatesRequest& request,
                     v1::ListUpdatesResponse* response) {
  FieldChecker check;
  const int count = check.Between(request.count(), "count", 1, 1024);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(std::vector<store::Registry::LogUpdate> updates,
                   ListUpdates(room, EpochIn(request), FirstIn(request), count));
  for (store::Registry::LogUpdate& update : updates) {
    v1::ListUpdatesResponse::Update* out = response->add_updates();
    out->set_leaf(std::move(update.leaf));
    for (std::string& change : update.changes) out->add_changes(std::move(change));
  }
  return absl::OkStatus();
}

absl::Status Inclusion(const ReadingRoom& room, const v1::GetInclusionProofRequest& request,
                       v1::GetInclusionProofResponse* response) {
  ASSIGN_OR_RETURN(InclusionProof proof,
                   GetInclusionProof(room, EpochIn(request), certs::LeafIndex(request.leaf_index()),
                                     certs::LogSize(request.tree_size())));
  for (const certs::Digest& node : proof.path) response->add_path(certs::Bytes(node));
  response->set_tree_size(proof.tree_size.value());
  response->set_leaf(std::move(proof.leaf));
  return absl::OkStatus();
}

absl::Status Consistency(const ReadingRoom& room, const v1::GetConsistencyProofRequest& request,
                         v1::GetConsistencyProofResponse* response) {
  ASSIGN_OR_RETURN(const ConsistencyProof proof,
                   GetConsistencyProof(room, EpochIn(request), certs::LogSize(request.old_size()),
                                       certs::LogSize(request.new_size())));
  for (const certs::Digest& node : proof.path) response->add_path(certs::Bytes(node));
  response->set_new_size(proof.new_size.value());
  return absl::OkStatus();
}

class TransparencyService final : public v1::Transparency::CallbackService {
 public:
  TransparencyService(RpcGate* gate, const ReadingRoom* room) : gate_(*gate), room_(*room) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return gate_.OnWorker(checkpoint_, context, *request,
                          [=](const Caller&) { return Checkpoints(room_, response); });
  }
  grpc::ServerUnaryReactor* ListLeaves(grpc::CallbackServerContext* context,
                                       const v1::ListLeavesRequest* request,
                                       v1::ListLeavesResponse* response) override {
    return gate_.OnWorker(leaves_, context, *request,
                          [=](const Caller&) { return Leaves(room_, *request, response); });
  }
  grpc::ServerUnaryReactor* ListUpdates(grpc::CallbackServerContext* context,
                                        const v1::ListUpdatesRequest* request,
                                        v1::ListUpdatesResponse* response) override {
    return gate_.OnWorker(updates_, context, *request,
                          [=](const Caller&) { return Updates(room_, *request, response); });
  }
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::GetInclusionProofResponse* response) override {
    return gate_.OnWorker(inclusion_, context, *request,
                          [=](const Caller&) { return Inclusion(room_, *request, response); });
  }
  grpc::ServerUnaryReactor* GetConsistencyProof(
      grpc::CallbackServerContext* context, const v1::GetConsistencyProofRequest* request,
      v1::GetConsistencyProofResponse* response) override {
    return gate_.OnWorker(consistency_, context, *request,
                          [=](const Caller&) { return Consistency(room_, *request, response); });
  }
  grpc::ServerUnaryReactor* Witness(grpc::CallbackServerContext* context,
                                    const v1::WitnessRequest* request,
                                    v1::WitnessResponse* response) override {
    return gate_.OnWorker(witness_, context, *request, [=](const Caller& caller) -> absl::Status {
      ASSIGN_OR_RETURN(*response->mutable_checkpoint(),
                       room_.desk.Witness(caller, request->cosigned()));
      return absl::OkStatus();
    });
  }

 private:
  RpcMethod* Method(const char* name, size_t max_bytes = kMaxRequest) {
    return gate_.Method(absl::StrCat("/birthseal.v1.Transparency/", name), max_bytes);
  }

  RpcGate& gate_;
  const ReadingRoom& room_;
  RpcMethod* const checkpoint_ = Method("GetCheckpoint");
  RpcMethod* const leaves_ = Method("ListLeaves");
  RpcMethod* const updates_ = Method("ListUpdates");
  RpcMethod* const inclusion_ = Method("GetInclusionProof");
  RpcMethod* const consistency_ = Method("GetConsistencyProof");
  RpcMethod* const witness_ = Method("Witness", kMaxNote);
};

}  // namespace

std::unique_ptr<grpc::Service> NewTransparencyService(RpcGate* gate, const ReadingRoom* room) {
  return std::make_unique<TransparencyService>(gate, room);
}

}  // namespace birthseal::server
