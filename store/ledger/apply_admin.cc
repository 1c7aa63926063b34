// SPDX-License-Identifier: Apache-2.0
// Institutions, clients, operators, seals, stock; disclosing reads.
#include "certs/identifiers.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

using storage::v1::StockRange;

namespace {

// More is surely a slip of the keyboard: a province prints fewer in a year.
constexpr uint64_t kMaxRange = 10'000'000;

template <typename Record>
absl::StatusOr<Record> Parsed(const std::string& bytes) {
  Record record;
  if (!record.ParseFromString(bytes)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "RECORD_UNREADABLE",
                        "the record is not of its type", "record");
  }
  return record;
}

// True when the record is new or differs; the same again changes nothing and logs nothing.
absl::StatusOr<bool> PutChanged(Turn& turn, RegistryKind kind, absl::string_view id,
                                const std::string& record) {
  if (id.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "RECORD_WITHOUT_ID",
                        "the record names nothing", "record");
  }
  std::string key = RegistryKey(kind, id);
  ASSIGN_OR_RETURN(std::optional<std::string> stored, turn.view.Get(Family::kRegistry, key));
  if (stored && *stored == record) return false;
  turn.view.Put(Family::kRegistry, std::move(key), record);
  return true;
}

void LogChange(Turn& turn, certs::LeafKind kind, const std::string& institution_code,
               const std::string& record, const std::string& salt) {
  certs::Leaf leaf;
  leaf.kind = kind;
  leaf.log_minute = turn.micros / 60'000'000;
  leaf.institution_code = institution_code;
  leaf.commitment = certs::Commit(salt, certs::View(certs::Sm3Of(record)));
  turn.view.AppendLeaf(leaf);
}

}  // namespace

Result<PutInstitution> Apply(PutInstitution& command, Turn& turn) {
  ASSIGN_OR_RETURN(auto record, Parsed<storage::v1::Institution>(command.record));
  RETURN_IF_ERROR(
      PutChanged(turn, RegistryKind::kInstitution, record.code(), command.record).status());
  return Done{};
}

Result<PutClient> Apply(PutClient& command, Turn& turn) {
  ASSIGN_OR_RETURN(auto record, Parsed<storage::v1::Client>(command.record));
  RETURN_IF_ERROR(
      PutChanged(turn, RegistryKind::kClient, record.certificate_sm3(), command.record).status());
  return Done{};
}

Result<PutOperator> Apply(PutOperator& command, Turn& turn) {
  ASSIGN_OR_RETURN(auto record, Parsed<storage::v1::Operator>(command.record));
  ASSIGN_OR_RETURN(const bool changed,
                   PutChanged(turn, RegistryKind::kOperator, record.id(), command.record));
  if (changed) {
    LogChange(turn, certs::LeafKind::kOperatorChanged, record.institution_code(), command.record,
              command.salt);
  }
  return Done{};
}

Result<PutSeal> Apply(PutSeal& command, Turn& turn) {
  ASSIGN_OR_RETURN(auto record, Parsed<storage::v1::SealRecord>(command.record));
  ASSIGN_OR_RETURN(const bool changed, PutChanged(turn, RegistryKind::kSeal,
                                                  record.institution_code(), command.record));
  if (changed) {
    LogChange(turn,
              record.suspended() ? certs::LeafKind::kSealSuspended : certs::LeafKind::kSealEnrolled,
              record.institution_code(), command.record, command.salt);
  }
  return Done{};
}

// Rule J9.
Result<AnnounceProfile> Apply(AnnounceProfile& command, Turn& turn) {
  const std::string record =
      certs::Canonical(certs::ProfileAnnounced{command.name, command.version, command.digest});
  ASSIGN_OR_RETURN(const bool changed,
                   PutChanged(turn, RegistryKind::kProfile, command.name, record));
  if (!changed) return Done{};
  certs::Leaf leaf;
  leaf.kind = certs::LeafKind::kProfileChanged;
  leaf.log_minute = turn.micros / 60'000'000;
  leaf.commitment = certs::Commit("", record);  // it is public: nothing to hide by a salt
  leaf.detail = record;
  turn.view.AppendLeaf(leaf);
  return Done{};
}

namespace {

// Ranges are kept when used up, so a number that was ever received is found here. Rule S2.
absl::Status CheckOverlap(const Turn& turn, const std::string& first, const std::string& last) {
  bool overlap = false, unreadable = false;
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kStock, "", [&](absl::string_view, absl::string_view value) {
        StockRange range;
        unreadable = !range.ParseFromArray(value.data(), static_cast<int>(value.size()));
        overlap = first <= range.last_number() && range.first_number() <= last;
        return !overlap && !unreadable;
      }));
  if (unreadable) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a stock range");
  }
  if (overlap) return Refused("STOCK_OVERLAP", "numbers of this range were received before");
  return absl::OkStatus();
}

}  // namespace

Result<ReceiveStock> Apply(ReceiveStock& command, Turn& turn) {
  certs::Sm3 sm3;
  sm3.Add(command.institution_code).Add(command.first_number).Add(command.last_number);
  const certs::Digest content = sm3.Finish();
  ASSIGN_OR_RETURN(auto first_answer, FirstAnswer(turn, command.request_key, content));
  if (first_answer) return Done{};
  ASSIGN_OR_RETURN(std::optional<std::string> institution,
                   turn.view.Get(Family::kRegistry, RegistryKey(RegistryKind::kInstitution,
                                                                command.institution_code)));
  if (!institution) {
    return certs::Error(absl::StatusCode::kNotFound, "INSTITUTION_UNKNOWN", "no such institution",
                        "institution_code");
  }
  ASSIGN_OR_RETURN(auto first, certs::CertificateNumber::Parse(command.first_number));
  ASSIGN_OR_RETURN(auto last, certs::CertificateNumber::Parse(command.last_number));
  if (first.series() != last.series() || last < first ||
      last.serial() - first.serial() >= kMaxRange) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "STOCK_RANGE",
                        "the range is not one run of numbers", "last_number");
  }
  RETURN_IF_ERROR(CheckOverlap(turn, command.first_number, command.last_number));
  StockRange range;
  range.set_institution_code(command.institution_code);
  range.set_first_number(command.first_number);
  range.set_last_number(command.last_number);
  range.set_next_number(command.first_number);
  turn.view.PutRecord(Family::kStock, StockKey(command.institution_code, command.first_number),
                      range);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_numbers_in_stock(meta.numbers_in_stock() + last.serial() - first.serial() + 1);
  Remember(turn, command.request_key, content, command.institution_code, command.first_number);
  return Done{};
}

// Rule U2. The audit entry is the whole effect, so it must say who, by which method and why.
Result<Access> Apply(Access& command, Turn&) {
  if (command.organisation_code.empty() || command.method.empty() || command.use_cause.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ACCESS_INCOMPLETE",
                        "an access is by an organisation, through a method, for a cause");
  }
  return Done{};
}

}  // namespace birthseal::store::apply
