// SPDX-License-Identifier: Apache-2.0
// Hospitals: push delivery records, look at what waits for a person, decide it.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "clients/cpp/feed_client.h"

namespace birthseal::cli {
namespace {

void PrintDefects(const google::protobuf::RepeatedPtrField<v1::FeedDefect>& defects) {
  for (const v1::FeedDefect& defect : defects) {
    std::printf("    %s  %s%s\n", defect.code().c_str(), defect.location().c_str(),
                defect.fatal() ? "  (record unusable)" : "");
  }
}

void PrintVerdict(const std::string& what, const v1::PushDeliveriesResponse& verdict) {
  std::printf("%s  %s  delivery %s  newborn %s\n", what.c_str(),
              v1::FeedVerdict_Name(verdict.verdict()).substr(13).c_str(),
              Hex(verdict.delivery_id()).c_str(), Hex(verdict.newborn_id()).c_str());
  PrintDefects(verdict.defects());
}

// One file is one record: PushDeliveriesRequest in JSON, of which only `delivery` is needed. Its
// bytes are the message as it came, and its identity.
absl::StatusOr<v1::PushDeliveriesRequest> ReadRecord(const std::string& path) {
  v1::PushDeliveriesRequest request;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  RETURN_IF_ERROR(ParseMessage(path, text, &request));
  if (request.facility_code().empty()) {
    request.set_facility_code(request.delivery().facility_code());
  }
  if (request.event() == v1::FEED_EVENT_UNSPECIFIED) request.set_event(v1::FEED_EVENT_RECORD);
  if (request.raw().empty()) {
    request.set_raw(text);
    request.set_raw_format("grpc");
  }
  if (request.content_digest().empty()) {
    request.set_content_digest(certs::Bytes(certs::Sm3Of(request.raw())));
  }
  if (request.source_message_id().empty()) {
    request.set_source_message_id("sm3:" + Hex(request.content_digest()));
  }
  return request;
}

absl::Status Push(Session* session, const std::vector<std::string>& files) {
  ASSIGN_OR_RETURN(client::ClientOptions options, session->Options());
  client::FeedClient feed(options);
  Progress progress("pushing 推送", files.size());
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(v1::PushDeliveriesRequest request, ReadRecord(file));
    ASSIGN_OR_RETURN(std::vector<v1::PushDeliveriesResponse> verdicts, feed.Push({request}));
    progress.Step();
    if (session->json())
      PrintJson(verdicts[0]);
    else
      PrintVerdict(file, verdicts[0]);
  }
  return absl::OkStatus();
}

absl::Status Reviews(Session* session, v1::ListReviewsRequest request) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  size_t found = 0;
  do {
    ASSIGN_OR_RETURN(v1::ListReviewsResponse page, client->ListReviews(request));
    if (session->json()) PrintJson(page);
    for (const v1::Review& review : page.reviews()) {
      if (session->json()) break;
      std::printf("delivery %s  newborn %s\n", Hex(review.delivery_id()).c_str(),
                  Hex(review.newborn_id()).c_str());
      PrintDefects(review.defects());
    }
    found += static_cast<size_t>(page.reviews_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (found == 0 && !session->json()) std::printf("nothing waits 无待复核记录\n");
  return absl::OkStatus();
}

struct DeliveryOptions {
  std::string newborn, delivery, facility, baby, cause;
};

absl::Status ShowDelivery(Session* session, const DeliveryOptions& o) {
  v1::GetDeliveryRequest request;
  request.set_use_cause(o.cause);
  if (!o.delivery.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_delivery_id(), FromHex(o.delivery, 16));
  } else if (!o.newborn.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_newborn_id(), FromHex(o.newborn, 16));
  } else if (!o.baby.empty()) {
    request.mutable_baby()->set_facility_code(o.facility);
    request.mutable_baby()->set_baby_record_no(o.baby);
  }
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetDeliveryResponse response, client->GetDelivery(request));
  if (session->json()) {
    PrintJson(response);
    return absl::OkStatus();
  }
  const v1::Delivery& d = response.delivery();
  std::printf("newborn %s\ndelivery %s%s%s\n", Hex(response.newborn_id()).c_str(),
              Hex(response.delivery_id()).c_str(), response.in_review() ? "  IN REVIEW 待复核" : "",
              response.withdrawn() ? "  WITHDRAWN 已撤回" : "");
  std::printf(
      "出生时间 %s  %s  出生次序/胎数 %d/%d  孕周 %d+%d  体重 %d g  身长 %d.%d cm  产妇 %s\n",
      d.birth_time().c_str(), v1::Sex_Name(d.sex()).substr(4).c_str(), d.birth_order(),
      d.plurality(), d.gestation_weeks(), d.gestation_days(), d.birth_weight_g(),
      d.birth_length_mm() / 10, d.birth_length_mm() % 10, d.mother_name().c_str());
  return absl::OkStatus();
}

struct ResolveOptions {
  std::string delivery, file, operator_id, reason;
  bool withdraw = false, same = false, another = false;
};

absl::Status Resolve(Session* session, const ResolveOptions& o) {
  v1::ResolveReviewRequest request;
  request.set_request_id(RandomRequestId());
  ASSIGN_OR_RETURN(*request.mutable_delivery_id(), FromHex(o.delivery, 16));
  request.set_decision(o.withdraw ? v1::REVIEW_DECISION_WITHDRAW : v1::REVIEW_DECISION_ACCEPT);
  if (!o.file.empty()) RETURN_IF_ERROR(ReadMessage(o.file, request.mutable_delivery()));
  request.set_operator_id(o.operator_id);
  request.set_reason(o.reason);
  if (o.same) request.set_whose(v1::WHOSE_RECORD_SAME_NEWBORN);
  if (o.another) request.set_whose(v1::WHOSE_RECORD_ANOTHER_NEWBORN);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::ResolveReviewResponse response, client->ResolveReview(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("resolved; newborn %s\n", Hex(response.newborn_id()).c_str());
  return absl::OkStatus();
}

}  // namespace

void AddHospitalCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* push = app->add_subcommand("push", "push delivery records (推送分娩信息), JSON files");
  auto files = std::make_shared<std::vector<std::string>>();
  push->add_option("files", *files, "one record a file; - reads standard input")->required();
  push->callback([=] { *result = Finish(Push(session, *files)); });

  CLI::App* show = app->add_subcommand("delivery", "a delivery record (查看分娩信息)");
  auto wanted = std::make_shared<DeliveryOptions>();
  CLI::Option* facility = show->add_option("--facility", wanted->facility, "facility code (USCC)");
  show->add_option("--baby", wanted->baby, "the baby's number in --facility")->needs(facility);
  show->add_option("--newborn", wanted->newborn, "newborn id, hex");
  show->add_option("--delivery", wanted->delivery, "delivery id, hex");
  show->add_option("--cause", wanted->cause, "use cause (用证事由), recorded")->required();
  show->callback([=] { *result = Finish(ShowDelivery(session, *wanted)); });

  CLI::App* reviews = app->add_subcommand("reviews", "records that wait for a person (待复核)");
  auto list = std::make_shared<v1::ListReviewsRequest>();
  reviews->add_option("--facility", *list->mutable_facility_code(), "facility code (USCC)")
      ->required();
  reviews->callback([=] { *result = Finish(Reviews(session, *list)); });

  CLI::App* resolve = app->add_subcommand("resolve", "decide a record that waits (复核)");
  auto o = std::make_shared<ResolveOptions>();
  resolve->add_option("delivery", o->delivery, "delivery id, hex")->required();
  resolve->add_option("--record", o->file, "JSON of the fields that are right");
  CLI::Option* withdraw = resolve->add_flag("--withdraw", o->withdraw, "the record is withdrawn");
  CLI::Option* same =
      resolve->add_flag("--same-newborn", o->same, "it corrects the newborn's record (更正)");
  resolve->add_flag("--another-newborn", o->another, "it is a sibling's: a new newborn (同胞)")
      ->excludes(same, withdraw);
  same->excludes(withdraw);
  resolve->add_option("--operator", o->operator_id, "who decided")->required();
  resolve->add_option("--reason", o->reason, "why")->required();
  resolve->callback([=] { *result = Finish(Resolve(session, *o)); });
}

}  // namespace birthseal::cli
