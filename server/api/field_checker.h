// SPDX-License-Identifier: Apache-2.0
// Checks request fields one by one and keeps the first fault: INVALID_ARGUMENT with the field and
// the rule. Values never stand in a message. Not thread-safe: one for each request.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/digest.h"
#include "certs/ids.h"
#include "store/commands.h"

namespace google::protobuf {
class Message;
}

namespace birthseal::server {

class FieldChecker {
 public:
  // `prefix` stands before every field name ("application.").
  explicit FieldChecker(std::string prefix = "") : prefix_(std::move(prefix)) {}

  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  void Enter(absl::string_view prefix) { prefix_ = std::string(prefix); }

  enum Need { kOptional, kRequired };
  // A plain text (certs/printable.h) of at most `max_bytes`.
  const std::string& Text(const std::string& value, absl::string_view field, size_t max_bytes,
                          Need need = kOptional);
  // The number of a person's document, folded (certs/id_document.h); at most 120 bytes, which 30
  // characters of any kind have.
  std::string IdNumber(const std::string& value, absl::string_view field, Need need = kOptional);
  // 16 bytes; all zero when optional and empty.
  template <class Id>
  Id Identifier(absl::string_view value, absl::string_view field, Need need = kRequired) {
    return Id::FromBytes(IdBytes(value, field, need)).value_or(Id());
  }
  // 32 bytes.
  certs::Digest Sm3(absl::string_view value, absl::string_view field, Need need = kRequired);
  int Between(int64_t value, absl::string_view field, int low, int high);
  void Bytes(absl::string_view value, absl::string_view field, size_t max_bytes, Need need);
  // "YYYY-MM-DD".
  absl::CivilDay Day(absl::string_view value, absl::string_view field, Need need = kRequired);
  // The minute is known, or it is 00:00 of a day; the epoch when not even the day is known.
  struct MinuteOrDay {
    absl::CivilMinute time;
    bool minute_known = false;
  };
  // "YYYY-MM-DDTHH:MM", "YYYY-MM-DD" or empty.
  MinuteOrDay Minute(absl::string_view value, absl::string_view field);
  // "YYYY-MM-DDTHH:MM:SS"; the epoch when empty.
  absl::CivilSecond Second(absl::string_view value, absl::string_view field);
  // An enumerator of a proto enum `E` (`valid`: E_IsValid), not zero when required.
  template <typename Domain, typename Proto>
  Domain Enum(Proto value, bool valid, absl::string_view field, Need need = kRequired) {
    if (!valid || (need == kRequired && static_cast<int>(value) == 0)) {
      Fault("ENUM_UNKNOWN", field, "must be one of the named values");
      return Domain{};
    }
    return static_cast<Domain>(value);
  }
  // No field that the proto file does not know, at any depth.
  void NoUnknownFields(const google::protobuf::Message& message);

  void Fault(absl::string_view reason, absl::string_view field, absl::string_view rule);

 private:
  // `value`, or nothing when it is no id.
  absl::string_view IdBytes(absl::string_view value, absl::string_view field, Need need);

  std::string prefix_;
  absl::Status status_;
};

}  // namespace birthseal::server
