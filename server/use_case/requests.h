// SPDX-License-Identifier: Apache-2.0
// What most use cases do with a request: bounds of texts, keys of request ids, the local time.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/clock.h"
#include "certs/digest.h"
#include "certs/ids.h"
#include "certs/status_macros.h"
#include "store/commands.h"

namespace birthseal::server {

// Strict UTF-8 (no surrogates, no overlong forms) without C0, DEL and C1 controls and without the
// line and paragraph separators, which would break a printed line. Every text of a request that
// comes to stand in a stored record is such a text: another could be written and never read again.
bool IsPlainText(absl::string_view text);
// The same, of 1 to 200 bytes.
bool IsShortText(absl::string_view text);
// A short text. Errors: kInvalidArgument "USE_CAUSE_REQUIRED".
absl::Status CheckUseCause(absl::string_view use_cause);
// A short text. Errors: kInvalidArgument "REASON_REQUIRED".
absl::Status CheckReason(absl::string_view reason);
// 1 to 64 printable ASCII characters. Errors: kInvalidArgument "REQUEST_ID_REQUIRED".
absl::Status CheckRequestId(absl::string_view request_id);
// SM3 of organisation and request id: one organisation cannot meet another's request.
certs::Digest RequestKey(absl::string_view organisation_code, absl::string_view request_id);

// Errors: kInvalidArgument "BATCH_SIZE".
absl::Status CheckBatchSize(size_t items);

absl::CivilSecond LocalTime(absl::Time time);
absl::CivilDay LocalDay(absl::Time time);

// Errors: kInvalidArgument "ID_FORM" when `bytes` is not an id of 16 bytes, or all zero.
absl::Status CheckId(absl::string_view bytes, absl::string_view field);
// kDataLoss "RECORD_DAMAGED".
absl::Status DamagedField(absl::string_view field);
// Errors: kInvalidArgument "ID_FORM" when `bytes` is not an id of 16 bytes.
template <class Id>
absl::StatusOr<Id> IdFrom(absl::string_view bytes, absl::string_view field) {
  RETURN_IF_ERROR(CheckId(bytes, field));
  return *Id::FromBytes(bytes);
}
// The same of a record in the store: what is wrong there is no fault of the request.
// Errors: kDataLoss "RECORD_DAMAGED" names the field.
template <class Id>
absl::StatusOr<Id> StoredId(absl::string_view bytes, absl::string_view field) {
  if (!CheckId(bytes, field).ok()) return DamagedField(field);
  return *Id::FromBytes(bytes);
}
// Of a record in the store: zeros when there is none. Errors: kDataLoss "RECORD_DAMAGED".
absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field);
template <class Tag>
std::string Bytes(const certs::Id<Tag>& id) {
  return std::string(certs::View(id));
}

}  // namespace birthseal::server
