// SPDX-License-Identifier: Apache-2.0
// What the ledger answers: a command names the type of its answer (store/commands.h). A refused
// command is answered with its status and has no value.
//
// Plain values of the process: what is stored or sent has forms of its own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "certs/lifecycle.h"
#include "store/commands.h"

namespace birthseal::store {

// It is done, and there is no more to say.
struct Done {};
struct DeliveryAnswer {
  FeedVerdict verdict = FeedVerdict::kAccepted, first_verdict = FeedVerdict::kAccepted;
  std::vector<FeedDefect> defects;
  DeliveryId delivery_id;
  NewbornId newborn_id;
  absl::Time accepted_time;
};
struct CaseAnswer {
  CaseId case_id;
  certs::CaseState state = certs::CaseState::kReturned;
  std::string certificate_number;
  absl::CivilDay ledger_day;  // Asia/Shanghai: the issue date to sign
};
struct ReservationAnswer {
  storage::v1::Reservation reservation;
  std::vector<certs::Digest> path;  // inclusion of the INTENT in the tree of `tree_size`
  certs::LogSize tree_size;
  certs::Digest root{};
  absl::Time head_time;
  std::optional<certs::StatusIndex> issued_status_index;  // the certificate is there already
};
struct CertificateAnswer {
  storage::v1::CertificateHead certificate;
  bool first = true;  // false: it was there before
};

// The answer to a Command of any kind. When the status is OK, the value is that command's answer.
struct AnyAnswer {
  absl::Status status;
  std::variant<Done, DeliveryAnswer, CaseAnswer, ReservationAnswer, CertificateAnswer> value;
};

// `answer` is the one to a command of type C: Apply makes no other.
template <class C>
absl::StatusOr<typename C::Answer> AnswerTo(AnyAnswer answer) {
  if (!answer.status.ok()) return std::move(answer.status);
  return std::get<typename C::Answer>(std::move(answer.value));
}

}  // namespace birthseal::store
