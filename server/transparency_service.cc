#include "birthseal/v1/transparency.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/field_checker.h"
#include "server/read_log.h"
#include "server/rpc_gate.h"
#include "server/rpc_services.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxRequest = 1 << 10;

class TransparencyService final : public v1::Transparency::CallbackService {
 public:
  TransparencyService(RpcGate* gate, const Services* services)
      : gate_(*gate),
        services_(*services),
        checkpoint_(gate->Method("/birthseal.v1.Transparency/GetCheckpoint", kMaxRequest)),
        leaves_(gate->Method("/birthseal.v1.Transparency/ListLeaves", kMaxRequest)),
        proof_(gate->Method("/birthseal.v1.Transparency/GetInclusionProof", kMaxRequest)) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return gate_.OnWorker(checkpoint_, context, *request,
                          [this, response](const Caller&) -> absl::Status {
                            ASSIGN_OR_RETURN(std::string note, server::GetCheckpoint(services_));
                            response->set_checkpoint(std::move(note));
                            return absl::OkStatus();
                          });
  }

  grpc::ServerUnaryReactor* ListLeaves(grpc::CallbackServerContext* context,
                                       const v1::ListLeavesRequest* request,
                                       v1::ListLeavesResponse* response) override {
    return gate_.OnWorker(
        leaves_, context, *request, [this, request, response](const Caller&) -> absl::Status {
          FieldChecker check;
          const int count = check.Between(request->count(), "count", 1, 1024);
          if (!check.ok()) return check.status();
          ASSIGN_OR_RETURN(std::vector<std::string> leaves,
                           server::ListLeaves(services_, request->first(), count));
          for (std::string& leaf : leaves) response->add_leaves(std::move(leaf));
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::GetInclusionProofResponse* response) override {
    return gate_.OnWorker(
        proof_, context, *request, [this, request, response](const Caller&) -> absl::Status {
          ASSIGN_OR_RETURN(
              InclusionProof proof,
              server::GetInclusionProof(services_, request->leaf_index(), request->tree_size()));
          for (const certs::Digest& node : proof.path) response->add_path(certs::Bytes(node));
          response->set_tree_size(proof.tree_size);
          response->set_leaf(std::move(proof.leaf));
          return absl::OkStatus();
        });
  }

 private:
  RpcGate& gate_;
  const Services& services_;
  RpcMethod* const checkpoint_;
  RpcMethod* const leaves_;
  RpcMethod* const proof_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewTransparencyService(RpcGate* gate, const Services* services) {
  return std::make_unique<TransparencyService>(gate, services);
}

}  // namespace birthseal::server
