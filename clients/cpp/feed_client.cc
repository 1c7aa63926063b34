// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/feed_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "certs/errors.h"
#include "clients/cpp/channels.h"

namespace birthseal::client {
namespace {

constexpr size_t kWindow = 64;  // delivery_feed.proto

// One stream and the answers it still owes. Lives until its reader has ended.
struct Stream {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::PushDeliveriesRequest, v1::PushDeliveriesResponse>>
      rpc;
  std::thread reader;
  uint64_t next_seq = 1;
  std::map<uint64_t, v1::PushDeliveriesResponse> answered;
  size_t waiting = 0;
  bool broken = false;
  absl::Status why;
};

}  // namespace

struct FeedClient::State {
  explicit State(const ClientOptions& options) : channels(options) {}

  Channels channels;
  std::mutex mutex;  // all below
  std::condition_variable changed;
  std::shared_ptr<Stream> stream;
  std::mutex writing;  // grpc allows one writer

  void Read(Stream* s) {
    v1::PushDeliveriesResponse response;
    while (s->rpc->Read(&response)) {
      std::lock_guard<std::mutex> lock(mutex);
      s->answered[response.seq()] = response;
      changed.notify_all();
    }
    absl::Status status = FromGrpcStatus(s->rpc->Finish());
    std::lock_guard<std::mutex> lock(mutex);
    s->broken = true;
    // An orderly end is none for those who still wait.
    s->why = status.ok() ? certs::Error(absl::StatusCode::kUnavailable, "FEED_ENDED",
                                        "the service ended the feed; push again")
                         : status;
    changed.notify_all();
  }

  // Requires `mutex`. The stream in use, or a new one in place of a broken one.
  std::shared_ptr<Stream> Open() {
    if (stream != nullptr && !stream->broken) return stream;
    if (stream != nullptr) stream->reader.join();  // broken: the reader holds no lock and is ending
    stream = std::make_shared<Stream>();
    stream->rpc = v1::DeliveryFeed::NewStub(channels.Next())->PushDeliveries(&stream->context);
    stream->reader = std::thread([this, s = stream.get()] { Read(s); });
    return stream;
  }
};

FeedClient::FeedClient(const ClientOptions& options) : state_(std::make_unique<State>(options)) {}

FeedClient::~FeedClient() {
  std::shared_ptr<Stream> last;
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    last = state_->stream;
  }
  if (last == nullptr) return;
  last->context.TryCancel();
  last->reader.join();
}

absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> FeedClient::Push(
    std::vector<v1::PushDeliveriesRequest> requests) {
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoSeconds(state_->channels.options().deadline);
  std::vector<v1::PushDeliveriesResponse> verdicts;
  std::unique_lock<std::mutex> lock(state_->mutex);
  std::shared_ptr<Stream> s = state_->Open();
  // A call larger than the window goes in windows.
  for (size_t begin = 0; begin < requests.size(); begin += kWindow) {
    const size_t count = std::min(kWindow, requests.size() - begin);
    auto room = [&] { return s->broken || s->waiting + count <= kWindow; };
    if (!state_->changed.wait_until(lock, deadline, room)) {
      return certs::Error(absl::StatusCode::kDeadlineExceeded, "FEED_WINDOW_FULL",
                          "no room in the feed's window in time: push the same messages again");
    }
    const uint64_t first = s->next_seq;
    s->next_seq += count;
    s->waiting += count;
    // Numbers are taken and written under one order: `writing` is taken before `mutex` is left.
    std::unique_lock<std::mutex> writing(state_->writing);
    lock.unlock();
    for (size_t i = 0; i < count; ++i) {
      requests[begin + i].set_seq(first + i);
      if (!s->rpc->Write(requests[begin + i])) break;  // the reader learns why
    }
    writing.unlock();
    lock.lock();
    auto all = [&] {
      auto from = s->answered.lower_bound(first);
      size_t have = 0;
      while (from != s->answered.end() && from->first < first + count) ++from, ++have;
      return have == count;
    };
    state_->changed.wait_until(lock, deadline, [&] { return s->broken || all(); });
    const bool whole = all();
    for (size_t i = 0; i < count; ++i) {
      auto found = s->answered.find(first + i);
      if (found == s->answered.end()) continue;
      if (whole) verdicts.push_back(std::move(found->second));
      s->answered.erase(found);
    }
    s->waiting -= count;
    state_->changed.notify_all();
    if (!whole && s->broken) return s->why;
    if (!whole) {
      return certs::Error(absl::StatusCode::kDeadlineExceeded, "FEED_NO_VERDICT",
                          "no verdict in time: push the same messages again");
    }
  }
  return verdicts;
}

}  // namespace birthseal::client
