// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7_intake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "clients/connect/hl7/ack.h"

namespace birthseal::connect {
namespace {

constexpr char kUnreadableSource[] = "-";  // no MSH to take an id from

// Why nothing may be answered, as a status code; empty when there are verdicts.
std::string TroubleIn(const absl::StatusOr<std::vector<v1::PushDeliveriesResponse>>& verdicts) {
  if (!verdicts.ok()) return absl::StatusCodeToString(verdicts.status().code());
  const bool later = std::any_of(verdicts->begin(), verdicts->end(), [](const auto& verdict) {
    return verdict.verdict() == v1::FEED_VERDICT_RETRY_LATER;
  });
  return later ? "RETRY_LATER" : "";
}

mllp::Reply Closed(std::string trouble) { return {true, "", std::move(trouble)}; }

// All or nothing per message: one unusable newborn refuses the message, and its group is named.
void RejectTogether(std::vector<v1::PushDeliveriesRequest>* pushes) {
  auto fatal = [](const v1::PushDeliveriesRequest& p) {
    return std::any_of(p.defects().begin(), p.defects().end(),
                       [](const v1::FeedDefect& d) { return d.fatal(); });
  };
  if (pushes->size() < 2 || std::none_of(pushes->begin(), pushes->end(), fatal)) return;
  for (v1::PushDeliveriesRequest& push : *pushes) {
    if (fatal(push)) continue;
    v1::FeedDefect* defect = push.add_defects();
    defect->set_code("OTHER_GROUP_UNUSABLE");
    defect->set_location("PID");
    defect->set_fatal(true);
  }
}

}  // namespace

Hl7Intake::Hl7Intake(hl7::SenderSettings sender, hl7::Charset charset, FeedLink* link,
                     const certs::Clock* clock)
    : sender_(std::move(sender)), charset_(charset), link_(link), clock_(clock) {}

void Hl7Intake::Complete(const std::string& raw,
                         std::vector<v1::PushDeliveriesRequest>* pushes) const {
  const std::string digest = certs::Bytes(certs::Sm3Of(hl7::WithoutTimestamp(raw)));
  for (v1::PushDeliveriesRequest& push : *pushes) {
    push.set_facility_code(sender_.facility_code);
    push.mutable_delivery()->set_facility_code(sender_.facility_code);
    push.set_content_digest(digest);
    push.set_raw(raw);
    push.set_raw_format("hl7v2");
  }
}

mllp::Reply Hl7Intake::Refused(const std::string& raw, const std::string& source_id,
                               absl::string_view code, absl::string_view location,
                               const hl7::Message* message, const hl7::Refusal& refusal,
                               hl7::Charset charset) const {
  v1::PushDeliveriesRequest push;
  push.set_source_message_id(source_id);
  push.set_event(v1::FEED_EVENT_REJECTED);
  v1::FeedDefect* defect = push.add_defects();
  defect->set_code(std::string(code));
  defect->set_location(std::string(location));
  defect->set_fatal(true);
  std::vector<v1::PushDeliveriesRequest> pushes = {push};
  Complete(raw, &pushes);
  auto verdicts = link_->Push(std::move(pushes));
  if (std::string trouble = TroubleIn(verdicts); !trouble.empty()) return Closed(trouble);
  const absl::Time accepted = absl::FromUnixSeconds(verdicts->front().accepted_time().seconds());
  mllp::Reply reply;
  reply.understood = false;
  if (message == nullptr) {
    reply.answer = hl7::ComposeReject(accepted, refusal.text);
    return reply;
  }
  hl7::AckContent content;
  content.code = refusal.code == 102 ? hl7::AckCode::kError : hl7::AckCode::kReject;
  content.accepted_time = accepted;
  content.refusal = refusal;
  reply.answer = hl7::FromUtf8(hl7::ComposeAck(*message, content), charset);
  return reply;
}

mllp::Reply Hl7Intake::Answer(const std::string& raw) const {
  absl::StatusOr<hl7::Charset> charset = hl7::CharsetNamed(hl7::DeclaredCharset(raw), charset_);
  absl::StatusOr<std::string> utf8 =
      charset.ok() ? hl7::ToUtf8(raw, *charset) : absl::StatusOr<std::string>(charset.status());
  if (!utf8.ok()) {
    // The header is ASCII in every charset we know: read it byte for byte to answer (AE, 102).
    absl::StatusOr<std::string> ascii = hl7::ToUtf8(raw, hl7::Charset::kLatin1);
    auto header =
        ascii.ok() ? hl7::Message::Parse(*ascii) : absl::StatusOr<hl7::Message>(ascii.status());
    const hl7::Refusal refusal{102, "MSH^1^18", std::string(utf8.status().message())};
    const hl7::Message* message = header.ok() ? &*header : nullptr;
    return Refused(raw, message ? hl7::SourceMessageId(*message) : kUnreadableSource,
                   certs::ReasonOf(utf8.status()), "MSH-18", message, refusal,
                   hl7::Charset::kLatin1);
  }
  absl::StatusOr<hl7::Message> message = hl7::Message::Parse(*std::move(utf8));
  if (!message.ok()) {
    return Refused(raw, kUnreadableSource, "HL7_MSH", "MSH", nullptr,
                   {100, "MSH", std::string(message.status().message())}, *charset);
  }
  hl7::BirthReading reading = hl7::ReadBirths(*message, sender_, clock_->Now());
  if (reading.acknowledgement) return {false, ""};  // never answer an ACK
  if (reading.refusal.code != 0) {
    return Refused(raw, hl7::SourceMessageId(*message), absl::StrCat("HL7_", reading.refusal.code),
                   reading.refusal.location, &*message, reading.refusal, *charset);
  }
  RejectTogether(&reading.pushes);
  Complete(raw, &reading.pushes);
  auto verdicts = link_->Push(std::move(reading.pushes));
  if (std::string trouble = TroubleIn(verdicts); !trouble.empty()) return Closed(trouble);
  hl7::AckContent content = hl7::AckFor(*verdicts);
  if (content.accepted_time <= absl::UnixEpoch()) content.accepted_time = clock_->Now();
  return {false, hl7::FromUtf8(hl7::ComposeAck(*message, content), *charset)};
}

}  // namespace birthseal::connect
