// SPDX-License-Identifier: Apache-2.0
#include "store/restore/repair.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/errors.h"
#include "certs/newborn.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

using storage::v1::CertificateHead;
using storage::v1::DeliveryHead;

constexpr size_t kMaxFindings = 100'000;
constexpr size_t kBatch = 4096;  // changes

using Emit = std::function<void(std::string key, std::string value)>;

bool IsUnreadable(const FsckFinding& finding) {
  return finding.code == "RANGE_UNREADABLE" || finding.code == "BLOCK_UNREADABLE";
}

bool IsDerivable(const FsckFinding& finding, const FsckOptions& options) {
  switch (finding.family) {
    case Family::kLicences:
    case Family::kReviews:
    case Family::kNodes:
      return true;
    case Family::kClaims:  // of numbers alone: see OtherClaims
      return !IsUnreadable(finding) && !options.index_key.empty();
    default:
      return false;
  }
}

template <typename Record>
absl::Status EachRecord(const Snapshot& snapshot, Family family,
                        const std::function<void(const std::string& key, const Record&)>& visit) {
  return snapshot.Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
    Record record;
    if (record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      visit(std::string(key), record);
    }
    return true;
  });
}

// A certificate that is known from the log alone (ledger/apply_recovery.cc) has neither number nor
// licence identifier, and stands in no index.
bool HasNumber(const CertificateHead& head) {
  return !head.reservation().certificate_number().empty();
}

absl::Status Licences(const Snapshot& snapshot, const Emit& emit) {
  RETURN_IF_ERROR(EachRecord<CertificateHead>(
      snapshot, Family::kCertificates, [&](const std::string& key, const CertificateHead& head) {
        if (!HasNumber(head)) return;
        emit(LicenceKey(head.reservation().certificate_number()), key);
        emit(LicenceKey(head.reservation().licence_id()), key);
      }));
  return EachRecord<storage::v1::Reservation>(
      snapshot, Family::kReservations,
      [&](const std::string&, const storage::v1::Reservation& open) {
        emit(LicenceKey(open.licence_id()), IndexKey(open.status_index()));
      });
}

absl::Status Reviews(const Snapshot& snapshot, const Emit& emit) {
  return EachRecord<DeliveryHead>(
      snapshot, Family::kDeliveries, [&](const std::string& key, const DeliveryHead& head) {
        const std::optional<DeliveryId> id = DeliveryId::FromBytes(key);
        if (!head.in_review() || !id) return;
        emit(ReviewKey(head.facility_code(), head.accepted_time(), *id), "");
      });
}

absl::Status Nodes(const Snapshot& snapshot, const Emit& emit) {
  std::vector<certs::Digest> frontier;
  return snapshot.Scan(Family::kLeaves, "", "", [&](absl::string_view key, absl::string_view leaf) {
    const std::optional<uint64_t> place = ParseBigEndian64(key);
    if (!place) return true;
    uint64_t index = *place;
    if (IndexAt(index) == certs::LeafIndex(0))
      frontier.clear();  // each log epoch is a tree of its own
    frontier.push_back(certs::LeafHash(leaf));
    emit(NodeKey(0, index), certs::Bytes(frontier.back()));
    for (uint8_t level = 1; (index & 1) != 0; ++level) {
      index >>= 1;
      const certs::Digest right = frontier.back();
      frontier.pop_back();
      frontier.back() = certs::NodeHash(frontier.back(), right);
      emit(NodeKey(level, index), certs::Bytes(frontier.back()));
    }
    return true;
  });
}

absl::Status NumberClaims(const Snapshot& snapshot, const std::string& index_key,
                          const Emit& emit) {
  return EachRecord<CertificateHead>(
      snapshot, Family::kCertificates, [&](const std::string&, const CertificateHead& head) {
        const storage::v1::Reservation& r = head.reservation();
        if (!HasNumber(head)) return;
        emit(DigestKey(certs::NumberClaim(index_key, r.certificate_number())), r.newborn_id());
      });
}

absl::Status Derive(Family family, const Snapshot& snapshot, const std::string& index_key,
                    const Emit& emit) {
  switch (family) {
    case Family::kLicences:
      return Licences(snapshot, emit);
    case Family::kReviews:
      return Reviews(snapshot, emit);
    case Family::kNodes:
      return Nodes(snapshot, emit);
    default:
      return NumberClaims(snapshot, index_key, emit);
  }
}

// What the check found in one family.
struct Damage {
  bool unreadable = false;
  std::set<std::string> keys;
};

// The claims among `keys` that are not those of certificate numbers.
absl::StatusOr<std::set<std::string>> OtherClaims(const Snapshot& snapshot,
                                                  const std::string& index_key,
                                                  std::set<std::string> keys) {
  RETURN_IF_ERROR(NumberClaims(
      snapshot, index_key, [&](const std::string& key, const std::string&) { keys.erase(key); }));
  return keys;
}

// Commits changes in pieces; keeps the first error.
class Writer {
 public:
  Writer(Engine* engine, FenceEpoch epoch, RepairReport* report)
      : engine_(engine), epoch_(epoch), report_(report) {}
  void Put(Family family, std::string key, std::string value) {
    ++report_->written;
    batch_.Put(family, std::move(key), std::move(value));
    if (batch_.changes.size() >= kBatch) Flush().IgnoreError();  // kept
  }
  void Erase(Family family, const std::string& key) {
    ++report_->erased;
    batch_.Erase(family, key);
    if (batch_.changes.size() >= kBatch) Flush().IgnoreError();  // kept
  }
  absl::Status Flush() {
    if (status_.ok() && !batch_.changes.empty()) status_ = engine_->Commit(batch_, epoch_);
    batch_.changes.clear();
    return status_;
  }

 private:
  Engine* const engine_;
  const FenceEpoch epoch_;
  RepairReport* const report_;
  WriteBatch batch_;
  absl::Status status_;
};

absl::Status Rebuild(Engine* engine, FenceEpoch epoch, Family family, Damage damage,
                     const std::string& index_key, RepairReport* report) {
  if (damage.unreadable) RETURN_IF_ERROR(engine->Clear(family, epoch));
  const std::unique_ptr<Snapshot> snapshot = engine->NewSnapshot();
  Writer writer(engine, epoch, report);
  RETURN_IF_ERROR(
      Derive(family, *snapshot, index_key, [&](const std::string& key, std::string value) {
        if (damage.keys.erase(key) == 0 && !damage.unreadable) return;
        writer.Put(family, key, std::move(value));
      }));
  // What nothing stands behind.
  for (const std::string& key : damage.keys) {
    if (snapshot->Get(family, key).ok()) writer.Erase(family, key);
  }
  return writer.Flush();
}

absl::Status MustRestore(const FsckFinding& finding) {
  return certs::Error(
      absl::StatusCode::kFailedPrecondition, "NOT_DERIVABLE",
      absl::StrCat("nothing was changed: ", ToLine(finding),
                   "; this record cannot be derived from others: restore the store from its backup "
                   "and journal (birthseald restore), which brings back its indexes as well"));
}

}  // namespace

absl::StatusOr<RepairReport> RepairIndexes(Engine* engine, FsckOptions options) {
  options.max_findings = kMaxFindings;
  options.resume_from = nullptr;
  RepairReport report;
  report.before = CheckStore(*engine->NewSnapshot(), options);
  std::map<Family, Damage> damages;
  for (const FsckFinding& finding : report.before.findings) {
    if (!IsDerivable(finding, options)) return MustRestore(finding);
    Damage& damage = damages[finding.family];
    damage.unreadable = damage.unreadable || IsUnreadable(finding);
    damage.keys.insert(finding.key);
  }
  if (report.before.more_findings != 0) return MustRestore(report.before.findings.back());
  if (const auto claims = damages.find(Family::kClaims); claims != damages.end()) {
    ASSIGN_OR_RETURN(const std::set<std::string> others,
                     OtherClaims(*engine->NewSnapshot(), options.index_key, claims->second.keys));
    for (const FsckFinding& finding : report.before.findings) {
      if (finding.family == Family::kClaims && others.count(finding.key) != 0) {
        return MustRestore(finding);
      }
    }
  }
  if (!damages.empty()) {
    ASSIGN_OR_RETURN(const FenceEpoch epoch, engine->AcquireFence());
    for (auto& [family, damage] : damages) {
      RETURN_IF_ERROR(
          Rebuild(engine, epoch, family, std::move(damage), options.index_key, &report));
    }
  }
  report.after = CheckStore(*engine->NewSnapshot(), options);
  if (report.after.clean()) return report;
  return certs::Error(absl::StatusCode::kDataLoss, "REPAIR_INCOMPLETE",
                      absl::StrCat("still damaged: ", ToLine(report.after.findings[0]),
                                   "; restore the store from its backup and journal"));
}

}  // namespace birthseal::store
