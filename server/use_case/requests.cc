// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/requests.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/limits.h"
#include "certs/printable.h"

namespace birthseal::server {
bool IsPlainText(absl::string_view text) {
  const std::vector<uint32_t> points = certs::CodePoints(text);
  return std::none_of(points.begin(), points.end(), [](uint32_t c) {
    return c > 0x10FFFF || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
  });
}

bool IsShortText(absl::string_view text) {
  return !text.empty() && text.size() <= certs::kMaxReason && IsPlainText(text);
}

// Rule U1.
absl::Status CheckUseCause(absl::string_view use_cause) {
  if (IsShortText(use_cause)) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED",
                      "a cause of use of 1 to 200 bytes is required", "use_cause",
                      "必须说明用证事由");
}

absl::Status CheckReason(absl::string_view reason) {
  if (IsShortText(reason)) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                      "a reason of 1 to 200 bytes is required", "reason", "必须说明原因");
}

absl::Status CheckRequestId(absl::string_view request_id) {
  const bool ok = !request_id.empty() && request_id.size() <= certs::kMaxRequestId &&
                  std::all_of(request_id.begin(), request_id.end(),
                              [](char c) { return c > 0x20 && c < 0x7f; });
  if (ok) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REQUIRED",
                      "a request id of 1 to 64 printable characters is required", "request_id");
}

certs::Digest RequestKey(absl::string_view organisation_code, absl::string_view request_id) {
  const absl::string_view zero("\0", 1);
  return certs::Sm3()
      .Add("birthseal/request/v1")
      .Add(zero)
      .Add(organisation_code)
      .Add(zero)
      .Add(request_id)
      .Finish();
}

absl::Status CheckBatchSize(size_t items) {
  if (items >= 1 && items <= certs::kMaxBatchItems) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "BATCH_SIZE",
                      absl::StrCat("a batch holds 1 to ", certs::kMaxBatchItems, " items"),
                      "items");
}

absl::CivilSecond LocalTime(absl::Time time) {
  return absl::ToCivilSecond(time, certs::ShanghaiZone());
}

absl::CivilDay LocalDay(absl::Time time) { return absl::ToCivilDay(time, certs::ShanghaiZone()); }

absl::Status CheckId(absl::string_view bytes, absl::string_view field) {
  const std::optional<certs::CaseId> id = certs::CaseId::FromBytes(bytes);
  if (!id) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "an identifier has 16 bytes",
                        field);
  }
  if (id->empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "the identifier is all zero",
                        field);
  }
  return absl::OkStatus();
}

absl::Status DamagedField(absl::string_view field) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                      absl::StrCat("a stored record is damaged: its ", field, " cannot be one"));
}

absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field) {
  certs::Digest digest{};
  if (bytes.empty() || certs::DigestFrom(bytes, &digest)) return digest;
  return DamagedField(field);
}

}  // namespace birthseal::server
