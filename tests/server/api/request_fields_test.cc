// SPDX-License-Identifier: Apache-2.0
// Every field of every request, through the network: one that is missing, too long, not plain, no
// such value or out of bounds is refused before anything is done, and its field is named.
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "birthseal/v1/admin.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "birthseal/v1/sharing.pb.h"
#include "birthseal/v1/verification.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "server/access/access_policy.h"
#include "tests/server/api/good_requests.h"
#include "tests/server/api/request_places.h"
#include "tests/support/call.h"
#include "tests/support/test_server.h"

namespace birthseal::server {
namespace {

using grpc::StatusCode;
using tests::GoodRequest;
using tests::Place;
using tests::ReasonOf;

// What the field checker says.
bool OfAField(const std::string& reason) {
  static const std::set<std::string> kReasons = {
      "FIELD_REQUIRED", "FIELD_TOO_LONG", "TEXT_NOT_PLAIN", "IDENTIFIER_SIZE", "DIGEST_SIZE",
      "TIME_FORM",      "ENUM_UNKNOWN",   "OUT_OF_BOUNDS",  "FIELD_UNKNOWN"};
  return kReasons.count(reason) != 0;
}

// One service and one peer that may call everything; no test needs what another one left.
class RequestFieldsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new tests::TestServer;
    channel_ = server_->Connect(server_->Register(
        tests::kHospital,
        {Role::kHospital, Role::kConnector, Role::kIssuingInstitution, Role::kManagingInstitution,
         Role::kPlatform, Role::kPolice, Role::kRelyingParty, Role::kAdministrator, Role::kAuditor,
         Role::kWitness}));
  }
  static void TearDownTestSuite() {
    channel_.reset();
    delete server_;
  }

  grpc::Status Call(const std::string& path, const google::protobuf::Message& request) {
    return tests::CallRaw(channel_, "/birthseal.v1." + path, request.SerializeAsString());
  }
  static std::unique_ptr<google::protobuf::Message> RequestOf(const GoodRequest& good) {
    const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "birthseal.v1." + absl::StrReplaceAll(good.path, {{"/", "."}}));
    if (method == nullptr) return nullptr;
    auto request = std::unique_ptr<google::protobuf::Message>(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method->input_type())
            ->New());
    const std::string text = absl::StrReplaceAll(
        good.text,
        {{"\"KEY\"", "\"0123456789abcdef\""}, {"\"SM3\"", "\"0123456789abcdef0123456789abcdef\""}});
    if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) return nullptr;
    return request;
  }
  static std::vector<Place> PlacesOf(const google::protobuf::Message& request) {
    std::vector<Place> places;
    std::vector<std::string> missing;
    tests::AddPlaces(request, "", {}, &places, &missing);
    for (const std::string& name : missing) ADD_FAILURE() << "the good request lacks " << name;
    return places;
  }
  void ExpectRefused(const std::string& path, const google::protobuf::Message& request,
                     const std::string& field, const std::string& how) {
    const grpc::Status status = Call(path, request);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << path << " " << field << how;
    EXPECT_EQ(ReasonOf(status).field(), field) << path << how << status.error_message();
    EXPECT_TRUE(OfAField(ReasonOf(status).reason()))
        << path << " " << field << how << ReasonOf(status).reason();
  }
  void ExpectNoFault(const std::string& path, const google::protobuf::Message& request,
                     const std::string& what) {
    const grpc::Status status = Call(path, request);
    EXPECT_FALSE(OfAField(ReasonOf(status).reason()))
        << path << what << " " << ReasonOf(status).reason() << " " << ReasonOf(status).field();
  }

  static inline tests::TestServer* server_ = nullptr;
  static inline std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(RequestFieldsTest, EveryMethodIsTried) {
  const AccessPolicy policy;
  std::set<std::string> known = {"/birthseal.v1.DeliveryFeed/PushDeliveries"};  // convert_test.cc
  for (const GoodRequest& good : tests::GoodRequests()) {
    known.insert(std::string("/birthseal.v1.") + good.path);
    const auto request = RequestOf(good);
    ASSERT_NE(request, nullptr) << good.path;
    ExpectNoFault(good.path, *request, " as it is");
    for (const std::string& name : good.required) {
      bool found = false;
      for (const Place& place : PlacesOf(*request)) found = found || place.name == name;
      EXPECT_TRUE(found) << good.path << " has no " << name;
    }
  }
  for (const auto& [path, access] : policy.methods()) EXPECT_EQ(known.count(path), 1u) << path;
}

TEST_F(RequestFieldsTest, AValueThatNoFieldMayHaveIsRefused) {
  for (const GoodRequest& good : tests::GoodRequests()) {
    const auto request = RequestOf(good);
    for (const Place& place : PlacesOf(*request)) {
      if (good.open.count(place.name) != 0) continue;
      for (const tests::Spoilt& way : tests::WaysToSpoil(*place.field)) {
        // A page token is bytes in the clothes of a text.
        if (place.name == "page_token" && way.how == std::string("not plain")) continue;
        std::unique_ptr<google::protobuf::Message> bad(request->New());
        bad->CopyFrom(*request);
        way.spoil(place.In(bad.get()), place.field);
        ExpectRefused(good.path, *bad, place.name, std::string(" ") + way.how);
      }
    }
  }
}

TEST_F(RequestFieldsTest, WhatIsRequiredIsAskedForAndNothingElse) {
  for (const GoodRequest& good : tests::GoodRequests()) {
    const auto request = RequestOf(good);
    for (const Place& place : PlacesOf(*request)) {
      std::unique_ptr<google::protobuf::Message> bad(request->New());
      bad->CopyFrom(*request);
      tests::Empty(place.In(bad.get()), place.field);
      if (good.required.count(place.name) != 0) {
        ExpectRefused(good.path, *bad, place.name, " missing");
      } else if (good.open.count(place.name) == 0) {
        ExpectNoFault(good.path, *bad, " without " + place.name);
      }
    }
  }
}

TEST_F(RequestFieldsTest, ListsHaveTheirLength) {
  const struct {
    const char* path;
    const char* list;  // in the good request, as a refusal names it
    int most;
    const char* named;
  } kCases[] = {
      {"Administration/PutClient", "client.facility_codes", 1000, "client.facility_codes.count"},
      {"Issuing/SubmitApplication", "application.evidence", 40, "application.evidence"},
      {"Issuing/ApproveCases", "items", 256, "items"},
      {"Issuing/IssueCertificates", "items", 256, "items"},
      {"Verification/VerifyDocument", "receipts", 4, "receipts"},
  };
  std::map<std::string, const GoodRequest*> by_path;
  for (const GoodRequest& good : tests::GoodRequests()) by_path[good.path] = &good;
  for (const auto& c : kCases) {
    const auto request = RequestOf(*by_path.at(c.path));
    google::protobuf::Message* in = request.get();
    std::string name = c.list;
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
      in = in->GetReflection()->MutableMessage(
          in, in->GetDescriptor()->FindFieldByName(name.substr(0, dot)));
      name = name.substr(dot + 1);
    }
    const auto* field = in->GetDescriptor()->FindFieldByName(name);
    const auto* reflection = in->GetReflection();
    const auto add = [&] {
      if (field->message_type() == nullptr) {
        return reflection->AddString(in, field, reflection->GetRepeatedString(*in, field, 0));
      }
      auto* added = reflection->AddMessage(in, field);
      added->CopyFrom(reflection->GetRepeatedMessage(*in, field, 0));
    };
    while (reflection->FieldSize(*in, field) < c.most) add();
    ExpectNoFault(c.path, *request, " with the longest list");
    add();
    ExpectRefused(c.path, *request, c.named, " with too many");
  }
}

TEST_F(RequestFieldsTest, ABatchWithoutItemsIsNone) {
  ExpectRefused("Issuing/ApproveCases", v1::ApproveCasesRequest(), "items", " none");
  ExpectRefused("Issuing/IssueCertificates", v1::IssueCertificatesRequest(), "items", " none");
}

TEST_F(RequestFieldsTest, ACertificateIsAskedForByOneOfItsNames) {
  for (const char* path :
       {"Sharing/GetCertificate", "Sharing/DownloadDocument", "Sharing/GetPreview"}) {
    v1::GetCertificateRequest request;
    request.set_use_cause("核查");
    const grpc::Status status = Call(path, request);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << path;
    EXPECT_EQ(ReasonOf(status).reason(), "KEY_REQUIRED") << path;
    EXPECT_EQ(ReasonOf(status).field(), "key") << path;
  }
}

TEST_F(RequestFieldsTest, AnActiveClientHasRolesAndOneThatIsNoneMayHaveNone) {
  v1::PutClientRequest request;
  request.mutable_client()->set_certificate_sm3(std::string(32, 'c'));
  request.mutable_client()->set_organisation_code(tests::kHospital);
  request.mutable_client()->set_active(true);
  ExpectRefused("Administration/PutClient", request, "client.roles", " none");
  request.mutable_client()->set_active(false);
  ExpectNoFault("Administration/PutClient", request, " without roles");
  for (const int role : {0, 11, -1}) {
    request.mutable_client()->clear_roles();
    request.mutable_client()->add_roles(static_cast<v1::Role>(role));
    ExpectRefused("Administration/PutClient", request, "client.roles", " unknown");
  }
}

TEST_F(RequestFieldsTest, AFileHasAtMostThirtyTwoMebibytes) {
  constexpr size_t kMost = 32u << 20;
  v1::VerifyDocumentRequest request;
  request.set_use_cause("核查");
  request.set_file(std::string(kMost + 1, 'x'));
  ExpectRefused("Verification/VerifyDocument", request, "file", " too long");
}

// What nobody may ask for a certificate (tests/SCENARIOS.md 18) is refused wherever it stands.
TEST_F(RequestFieldsTest, AFieldThatIsNotOursIsRefusedAtEveryDepthOfAnApplication) {
  for (const GoodRequest& good : tests::GoodRequests()) {
    if (!absl::EndsWith(good.path, "SubmitApplication")) continue;
    const auto request = RequestOf(good);
    for (const Place& place : PlacesOf(*request)) {
      std::unique_ptr<google::protobuf::Message> bad(request->New());
      bad->CopyFrom(*request);
      google::protobuf::Message* in = place.In(bad.get());
      in->GetReflection()->MutableUnknownFields(in)->AddVarint(999, 1);
      const grpc::Status status = Call(good.path, *bad);
      EXPECT_EQ(ReasonOf(status).reason(), "FIELD_UNKNOWN") << place.name;
      EXPECT_EQ(ReasonOf(status).field(), in->GetDescriptor()->name() + "#999");
    }
  }
}

}  // namespace
}  // namespace birthseal::server
