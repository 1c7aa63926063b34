// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/views.h"

#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/witness_desk.h"

namespace birthseal::server {

absl::StatusOr<std::string> Checkpoints::WaitFor(certs::LogSize size,
                                                 absl::Duration timeout) const {
  return signer_->WaitFor(size, timeout);
}
absl::StatusOr<SignedRoot> Checkpoints::Newest(absl::Duration timeout) const {
  return signer_->Newest(timeout);
}

absl::StatusOr<std::optional<WitnessLink>> WitnessLinks::LinkTo(
    const certs::LogPosition& position) const {
  return desk_->LinkTo(position);
}
absl::Status WitnessLinks::AwaitWitnessed(const certs::LogPosition& position,
                                          absl::Duration timeout) const {
  return desk_->AwaitWitnessed(position, timeout);
}

std::shared_ptr<const Witnessed> WitnessAnswers::Newest() const { return desk_->Newest(); }
absl::StatusOr<std::string> WitnessAnswers::Witness(const Caller& caller,
                                                    absl::string_view cosigned) const {
  return desk_->Witness(caller, cosigned);
}

absl::Status IssuingFreshness::MayIssue() const { return freshness_->MayIssue(); }

absl::Status FreshnessAnswers::MayAnswer() const { return freshness_->MayAnswer(); }
std::optional<absl::Time> FreshnessAnswers::NotProvenSince() const {
  return freshness_->NotProvenSince();
}

FreshnessNotice NoticeOf(const FreshnessAnswers& freshness) {
  const std::optional<absl::Time> since = freshness.NotProvenSince();
  if (!since.has_value()) return {};
  const std::string zh = absl::FormatTime("%Y-%m-%d %H:%M:%S", *since, certs::ShanghaiZone());
  const std::string en = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *since, absl::UTCTimeZone());
  return {absl::StrCat("自", zh, "起见证方尚未确认数据为最新"),
          absl::StrCat("freshness not proven since ", en)};
}

}  // namespace birthseal::server
