// SPDX-License-Identifier: Apache-2.0
// Numbers whose use is in doubt after a recovery: held, until two people have looked at the paper.
#include "absl/strings/str_cat.h"
#include "certs/identifiers.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

using certs::CertificateNumber;
using storage::v1::StockRange;

absl::Status HoldStock(Turn& turn, const std::set<std::string>* institutions) {
  std::vector<std::pair<std::string, storage::v1::StockRange>> held;
  bool unreadable = false;
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kStock, "", [&](absl::string_view key, absl::string_view value) {
        storage::v1::StockRange range;
        unreadable = !range.ParseFromArray(value.data(), static_cast<int>(value.size()));
        const bool wanted =
            institutions == nullptr || institutions->count(range.institution_code()) != 0;
        if (wanted && !range.held() && !range.next_number().empty()) {
          held.emplace_back(std::string(key), std::move(range));
        }
        return !unreadable;
      }));
  if (unreadable) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a stock range");
  }
  for (auto& [key, range] : held) {
    range.set_held(true);
    turn.view.PutRecord(Family::kStock, key, range);
  }
  return absl::OkStatus();
}

namespace {

absl::Status NotInRange() {
  return certs::Error(absl::StatusCode::kInvalidArgument, "NUMBER_NOT_IN_RANGE",
                      "the next number must lie in the range and not before the one known as next",
                      "next_number");
}

// Numbers below `end` have left stock, though nobody here knows on which document: used by what was
// lost, or never; either way they are used no more.
absl::Status WasteUpTo(Turn& turn, StockRange& range, const CertificateNumber& from,
                       uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const CertificateNumber number, from.Plus(i));
    storage::v1::NumberRecord record;
    record.set_state(static_cast<int>(certs::NumberState::kWaste));
    record.set_reason("LOST_IN_RECOVERY");
    record.set_time(turn.micros);
    turn.view.PutRecord(Family::kNumbers, NumberKey(number.value()), record);
  }
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_numbers_in_stock(meta.numbers_in_stock() - count);
  meta.set_numbers_wasted(meta.numbers_wasted() + count);
  range.set_held(false);
  return absl::OkStatus();
}

// The range goes on with `next`; empty: it is used up.
absl::Status GoOnWith(Turn& turn, const std::string& next, StockRange& range) {
  ASSIGN_OR_RETURN(const CertificateNumber from, CertificateNumber::Parse(range.next_number()));
  ASSIGN_OR_RETURN(const CertificateNumber last, CertificateNumber::Parse(range.last_number()));
  uint64_t count = last.serial() - from.serial() + 1;
  if (!next.empty()) {
    const absl::StatusOr<CertificateNumber> to = CertificateNumber::Parse(next);
    if (!to.ok() || to->series() != from.series() || *to < from || last < *to) return NotInRange();
    count = to->serial() - from.serial();
  }
  RETURN_IF_ERROR(WasteUpTo(turn, range, from, count));
  range.set_next_number(next);
  return absl::OkStatus();
}

}  // namespace

// Rule S8.
Result<ConfirmStock> Apply(ConfirmStock& command, Turn& turn) {
  RETURN_IF_ERROR(TwoPersons(command.first_operator, command.second_operator));
  const certs::Digest content = certs::Sm3Of(
      absl::StrCat(command.institution_code, " ", command.first_number, " ", command.next_number));
  ASSIGN_OR_RETURN(const auto first_answer, FirstAnswer(turn, command.request_key, content));
  if (first_answer) return Done{};
  const std::string key = StockKey(command.institution_code, command.first_number);
  ASSIGN_OR_RETURN(std::optional<StockRange> range,
                   turn.view.Find<StockRange>(Family::kStock, key));
  if (!range) {
    return certs::Error(absl::StatusCode::kNotFound, "STOCK_UNKNOWN",
                        "no range of the institution begins with this number", "first_number");
  }
  if (!range->held()) return Refused("STOCK_NOT_HELD", "the range is not held");
  RETURN_IF_ERROR(GoOnWith(turn, command.next_number, *range));
  turn.view.PutRecord(Family::kStock, key, *range);
  Remember(turn, command.request_key, content, command.institution_code, command.first_number);
  return Done{};
}

}  // namespace birthseal::store::apply
