// SPDX-License-Identifier: Apache-2.0
#include "certs/errors.h"

#include "absl/strings/cord.h"
#include "absl/types/optional.h"

namespace birthseal::certs {
namespace {

constexpr char kReasonUrl[] = "birthseal/reason";
constexpr char kFieldUrl[] = "birthseal/field";
constexpr char kTextZhUrl[] = "birthseal/text-zh";

std::string Payload(const absl::Status& status, absl::string_view url) {
  absl::optional<absl::Cord> payload = status.GetPayload(url);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   absl::string_view field, absl::string_view text_zh) {
  absl::Status status(code, message);
  if (!reason.empty()) status.SetPayload(kReasonUrl, absl::Cord(reason));
  if (!field.empty()) status.SetPayload(kFieldUrl, absl::Cord(field));
  if (!text_zh.empty()) status.SetPayload(kTextZhUrl, absl::Cord(text_zh));
  return status;
}

std::string ReasonOf(const absl::Status& status) { return Payload(status, kReasonUrl); }
std::string FieldOf(const absl::Status& status) { return Payload(status, kFieldUrl); }
std::string TextZhOf(const absl::Status& status) { return Payload(status, kTextZhUrl); }

}  // namespace birthseal::certs
