// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/convert.h"
#include "server/api/feed_stream.h"
#include "server/api/feed_streams.h"
#include "server/api/services.h"
#include "server/door/grpc_status.h"
#include "server/door/rpc_gate.h"
#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/feed/resolve_review.h"
#include "server/use_case/worker_pool.h"

namespace birthseal::server {

namespace {
class FeedReactor;
}

struct FeedStreams::State {
  std::mutex mutex;
  bool stopped = false;                         // mutex
  std::set<std::shared_ptr<FeedReactor>> open;  // mutex
};

namespace {

constexpr auto kRequired = FieldChecker::kRequired;

using Bidi = grpc::ServerBidiReactor<v1::PushDeliveriesRequest, v1::PushDeliveriesResponse>;

// Moves messages between grpc and a FeedStream. Held by `streams` until OnDone.
class FeedReactor : public Bidi, public std::enable_shared_from_this<FeedReactor> {
 public:
  FeedReactor(RpcGate* gate, RpcMethod* method, const FeedRoom* room, FeedStreams::State* streams,
              grpc::CallbackServerContext* context)
      : gate_(*gate),
        method_(method),
        room_(*room),
        streams_(*streams),
        context_(*context),
        stream_(kFeedWindow) {}

  void Start() { Act(); }
  void Stop(const absl::Status& why) {
    stream_.Stop(why);
    Act();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      stream_.Closed();
    } else {
      Take();
    }
    Act();
  }
  void OnWriteDone(bool ok) override {
    stream_.Written(ok);
    Act();
  }
  void OnDone() override {
    std::lock_guard<std::mutex> lock(streams_.mutex);
    streams_.open.erase(shared_from_this());
  }

 private:
  // The message just read passes the same gate as any call, then waits for its worker. What ends
  // the stream is counted once; messages that are dropped with it, when they are sent again.
  void Take() {
    v1::PushDeliveriesRequest message;
    message.Swap(&incoming_);  // once it is received a worker may start the next read
    const absl::Status taken = Admitted(std::move(message));
    if (taken.ok()) return;
    gate_.Count(method_, taken);
    stream_.Stop(taken);
  }
  absl::Status Admitted(v1::PushDeliveriesRequest message) {
    ASSIGN_OR_RETURN(std::shared_ptr<const Caller> caller,
                     gate_.Admit(*method_, context_, message.ByteSizeLong()));
    RETURN_IF_ERROR(stream_.Received(std::move(caller), std::move(message)));
    if (!stream_.TakeTurn()) return absl::OkStatus();
    if (gate_.workers()->Post([self = shared_from_this()] { self->Work(); })) {
      return absl::OkStatus();
    }
    stream_.ReturnTurn();
    return gate_.workers()->draining() ? Stopping() : QueueFull();
  }

  // On a worker: every waiting message, in order.
  void Work() {
    while (FeedStream::Slot* slot = stream_.NextForWorker()) {
      FieldChecker check;
      DeliveryMessage message = FromProto(&slot->request, &check);
      if (!check.ok()) {
        Answer(slot, check.status());
        continue;
      }
      // The slot may be gone before the use case returns; the caller must not.
      const std::shared_ptr<const Caller> caller = slot->caller;
      PushDelivery(
          room_, *caller, std::move(message),
          [self = shared_from_this(), slot, caller](absl::StatusOr<store::DeliveryAnswer> answer) {
            self->Answer(slot, std::move(answer));
          });
    }
    Act();
  }

  void Answer(FeedStream::Slot* slot, absl::StatusOr<store::DeliveryAnswer> answer) {
    gate_.Count(method_, answer.status());
    stream_.Answered(slot, std::move(answer));
    Act();
  }

  // Operations of one call are started by one thread at a time, so that none follows Finish; who
  // comes meanwhile leaves a note.
  void Act() {
    if (acts_.fetch_add(1) != 0) return;
    int seen = 1;
    do {
      if (!ActOnce()) return;  // finished: nothing may start any more
      seen = acts_.fetch_sub(seen) - seen;
    } while (seen != 0);
  }

  // Until there is nothing to do; false once the call is finished.
  bool ActOnce() {
    for (;;) {
      const FeedStream::Action action = stream_.Next();
      switch (action.what) {
        case FeedStream::Action::kNothing:
          return true;
        case FeedStream::Action::kRead:
          StartRead(&incoming_);
          break;
        case FeedStream::Action::kWrite:
          StartWrite(action.response);
          break;
        case FeedStream::Action::kFinish:
          Finish(ToGrpcStatus(action.status));
          return false;
      }
    }
  }

  RpcGate& gate_;
  RpcMethod* const method_;
  const FeedRoom& room_;
  FeedStreams::State& streams_;
  grpc::CallbackServerContext& context_;
  FeedStream stream_;
  std::atomic<int> acts_{0};
  v1::PushDeliveriesRequest incoming_;  // the one read that is under way
};

absl::Status List(const FeedRoom& room, const Caller& caller, const v1::ListReviewsRequest& request,
                  v1::ListReviewsResponse* response) {
  FieldChecker check;
  ListReviewsInput input;
  input.facility_code = check.Text(request.facility_code(), "facility_code", 18, kRequired);
  input.page_size = check.Between(request.page_size(), "page_size", 0, 200);
  check.Bytes(request.page_token(), "page_token", 200, FieldChecker::kOptional);
  input.page_token = request.page_token();
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const ListReviewsResult result, ListReviews(room, caller, input));
  for (const ReviewItem& item : result.reviews) {
    v1::Review* review = response->add_reviews();
    review->set_delivery_id(std::string(certs::View(item.delivery_id)));
    review->set_newborn_id(std::string(certs::View(item.newborn_id)));
    for (const store::FeedDefect& defect : item.defects) ToProto(defect, review->add_defects());
    ToProto(item.accepted_time, review->mutable_accepted_time());
  }
  response->set_next_page_token(result.next_page_token);
  return absl::OkStatus();
}

absl::Status Resolve(const FeedRoom& room, const Caller& caller,
                     const v1::ResolveReviewRequest& request, v1::ResolveReviewResponse* response) {
  FieldChecker check;
  ResolveReviewInput input;
  input.request_id =
      check.Text(request.request_id(), "request_id", certs::kMaxRequestId, kRequired);
  input.delivery_id = check.Identifier<certs::DeliveryId>(request.delivery_id(), "delivery_id");
  check.Enum<int>(request.decision(), v1::ReviewDecision_IsValid(request.decision()), "decision");
  input.accept = request.decision() == v1::REVIEW_DECISION_ACCEPT;
  input.operator_id = check.Text(request.operator_id(), "operator_id", 64, kRequired);
  input.reason = check.Text(request.reason(), "reason", certs::kMaxReason, kRequired);
  input.delivery = FromProto(request.delivery(), "delivery.", &check);
  check.Enter("");
  input.whose = check.Enum<store::WhoseRecord>(
      request.whose(), v1::WhoseRecord_IsValid(request.whose()), "whose", FieldChecker::kOptional);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const certs::NewbornId newborn, ResolveReview(room, caller, input));
  response->set_newborn_id(std::string(certs::View(newborn)));
  return absl::OkStatus();
}

absl::Status Get(const FeedRoom& room, const Caller& caller, const v1::GetDeliveryRequest& request,
                 v1::GetDeliveryResponse* response) {
  FieldChecker check;
  GetDeliveryInput input;
  input.delivery_id = check.Identifier<certs::DeliveryId>(request.delivery_id(), "delivery_id",
                                                          FieldChecker::kOptional);
  input.newborn_id = check.Identifier<certs::NewbornId>(request.newborn_id(), "newborn_id",
                                                        FieldChecker::kOptional);
  if (request.has_baby()) {
    const v1::BabyNumber& baby = request.baby();
    input.facility_code = check.Text(baby.facility_code(), "baby.facility_code", 18, kRequired);
    input.baby_record_no = check.Text(baby.baby_record_no(), "baby.baby_record_no", 64, kRequired);
  }
  input.use_cause = check.Text(request.use_cause(), "use_cause", certs::kMaxReason);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const GetDeliveryResult result, GetDelivery(room, caller, input));
  ToProto(result.delivery, response->mutable_delivery());
  response->set_delivery_id(std::string(certs::View(result.delivery_id)));
  response->set_newborn_id(std::string(certs::View(result.newborn_id)));
  response->set_in_review(result.in_review);
  response->set_withdrawn(result.withdrawn);
  return absl::OkStatus();
}

class DeliveryFeedService final : public v1::DeliveryFeed::CallbackService {
 public:
  DeliveryFeedService(RpcGate* gate, const FeedRoom* room, FeedStreams* streams)
      : gate_(*gate), room_(*room), streams_(streams->state()) {}

  Bidi* PushDeliveries(grpc::CallbackServerContext* context) override {
    auto reactor = std::make_shared<FeedReactor>(&gate_, push_, &room_, &streams_, context);
    bool stopped;
    {
      std::lock_guard<std::mutex> lock(streams_.mutex);
      streams_.open.insert(reactor);
      stopped = streams_.stopped;
    }
    if (stopped) {
      reactor->Stop(Stopping());
    } else {
      reactor->Start();
    }
    return reactor.get();
  }
  grpc::ServerUnaryReactor* ListReviews(grpc::CallbackServerContext* context,
                                        const v1::ListReviewsRequest* request,
                                        v1::ListReviewsResponse* response) override {
    return gate_.OnWorker(list_, context, *request, [=](const Caller& caller) {
      return List(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* ResolveReview(grpc::CallbackServerContext* context,
                                          const v1::ResolveReviewRequest* request,
                                          v1::ResolveReviewResponse* response) override {
    return gate_.OnWorker(resolve_, context, *request, [=](const Caller& caller) {
      return Resolve(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* GetDelivery(grpc::CallbackServerContext* context,
                                        const v1::GetDeliveryRequest* request,
                                        v1::GetDeliveryResponse* response) override {
    return gate_.OnWorker(get_, context, *request, [=](const Caller& caller) {
      return Get(room_, caller, *request, response);
    });
  }

 private:
  RpcMethod* Method(const char* name, size_t max_bytes) {
    return gate_.Method(absl::StrCat("/birthseal.v1.DeliveryFeed/", name), max_bytes);
  }

  RpcGate& gate_;
  const FeedRoom& room_;
  FeedStreams::State& streams_;
  RpcMethod* const push_ = Method("PushDeliveries", certs::kMaxMessageRequest);
  RpcMethod* const list_ = Method("ListReviews", certs::kMaxSmallRequest);
  RpcMethod* const resolve_ = Method("ResolveReview", certs::kMaxSmallRequest);
  RpcMethod* const get_ = Method("GetDelivery", certs::kMaxSmallRequest);
};

}  // namespace

FeedStreams::FeedStreams() : state_(std::make_unique<State>()) {}
FeedStreams::~FeedStreams() = default;

void FeedStreams::Stop() {
  std::set<std::shared_ptr<FeedReactor>> open;
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopped = true;
    open = state_->open;
  }
  for (const std::shared_ptr<FeedReactor>& reactor : open) reactor->Stop(Stopping());
}

std::unique_ptr<grpc::Service> NewDeliveryFeedService(RpcGate* gate, const FeedRoom* room,
                                                      FeedStreams* streams) {
  return std::make_unique<DeliveryFeedService>(gate, room, streams);
}

}  // namespace birthseal::server
