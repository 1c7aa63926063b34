// SPDX-License-Identifier: Apache-2.0
// A hospital's HL7 v2 messages into the whole service: intake, feed over mutual TLS, ledger, store.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "clients/connect/hl7_intake.h"
#include "clients/connect/service_link.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "server/house.h"
#include "store/reads/registry.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_server.h"

namespace birthseal::tests {

// The real link, with what went over it.
class WatchedLink : public connect::FeedLink {
 public:
  struct Pushed {
    v1::PushDeliveriesRequest request;
    v1::PushDeliveriesResponse verdict;
  };
  explicit WatchedLink(const client::ClientOptions& options) : link_(options) {}
  absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> Push(
      std::vector<v1::PushDeliveriesRequest> requests) override {
    auto verdicts = link_.Push(requests);
    std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; verdicts.ok() && i < requests.size(); ++i) {
      pushed_.push_back({requests[i], (*verdicts)[i]});
    }
    return verdicts;
  }
  // What was pushed since the last call.
  std::vector<Pushed> Take() {
    std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(pushed_, {});
  }

 private:
  connect::ServiceLink link_;
  std::mutex mutex_;
  std::vector<Pushed> pushed_;
};

class SystemTime : public certs::Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// A service of its own for each test, with one hospital.
class FeedTest : public testing::Test {
 protected:
  FeedTest() {
    server_.RegisterInstitutions();
    const Peer peer =
        server_.Register(kHospital, {server::Role::kHospital, server::Role::kIssuingInstitution});
    client::ClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(server_.port());
    options.ca_pem = server_.ca_pem();
    options.certificate_pem = peer.certificate_pem;
    options.private_key_pem = peer.key_pem;
    link_ = std::make_unique<WatchedLink>(options);
    client_ = std::make_unique<client::Client>(options);
    sender_.facility_code = kHospital;
    sender_.facility_name = "云岭县人民医院";
  }

  connect::mllp::Reply Answer(const std::string& raw,
                              connect::hl7::Charset charset = connect::hl7::Charset::kUtf8) {
    return connect::Hl7Intake(sender_, charset, link_.get(), &clock_).Answer(raw);
  }
  // Sends a message of one newborn; its verdict.
  v1::PushDeliveriesResponse Send(const std::string& raw,
                                  connect::hl7::Charset charset = connect::hl7::Charset::kUtf8) {
    EXPECT_NE(Answer(raw, charset).answer, "");
    const std::vector<WatchedLink::Pushed> pushed = link_->Take();
    EXPECT_EQ(pushed.size(), 1u);
    return pushed.empty() ? v1::PushDeliveriesResponse() : pushed.front().verdict;
  }
  v1::GetDeliveryResponse RecordOf(const std::string& baby_record_no) {
    v1::GetDeliveryRequest request;
    request.mutable_baby()->set_facility_code(kHospital);
    request.mutable_baby()->set_baby_record_no(baby_record_no);
    request.set_use_cause("核对");
    const auto response = client_->GetDelivery(request);
    EXPECT_OK(response);
    return response.ok() ? *response : v1::GetDeliveryResponse();
  }
  absl::StatusOr<std::string> RawMessage(const std::string& delivery_id) {
    const auto id = certs::DeliveryId::FromBytes(delivery_id);
    return server_.app().house().issuing.registry.RawMessage(id.value_or(certs::DeliveryId()));
  }

  TestServer server_;
  SystemTime clock_;
  connect::hl7::SenderSettings sender_;
  std::unique_ptr<WatchedLink> link_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace birthseal::tests
