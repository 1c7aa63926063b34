#include "store/fsck.h"

#include <google/protobuf/stubs/logging.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "store/fsck_parts.h"
#include "store/meta.h"

namespace birthseal::store {
namespace fsck {
namespace {

constexpr uint64_t kTellEvery = 1 << 14;  // records

std::string NameOf(const Place& place) {
  return absl::StrCat(Name(place.family), "/", absl::BytesToHexString(place.key));
}

}  // namespace

void Checker::Bad(Family family, absl::string_view key, absl::string_view code,
                  const Place* named_by) {
  if (report_->findings.size() >= options.max_findings) {
    ++report_->more_findings;
    return;
  }
  if (!told_.emplace(family, std::string(key), std::string(code)).second) return;
  report_->findings.push_back(
      {family, std::string(key), std::string(code), named_by == nullptr ? "" : NameOf(*named_by)});
}

void Checker::Each(Family family,
                   const std::function<void(const Place& place, absl::string_view value)>& visit) {
  uint64_t& seen = report_->records[static_cast<size_t>(family)];
  seen = 0;
  const absl::Status status =
      snapshot.Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
        if (options.progress && seen % kTellEvery == 0) options.progress(family, seen);
        ++seen;
        visit({family, std::string(key)}, value);
        return true;
      });
  // A block that fails its checksum ends the pass: what lies behind it was not looked at.
  if (!status.ok()) Bad(family, "", "FAMILY_UNREADABLE");
}

std::optional<std::string> Checker::Get(Family family, absl::string_view key) {
  absl::StatusOr<std::string> value = snapshot.Get(family, key);
  if (value.ok()) return *std::move(value);
  if (!absl::IsNotFound(value.status())) Bad(family, key, "BLOCK_UNREADABLE");
  return std::nullopt;
}

bool Checker::Need(Family family, absl::string_view key, const Place& place) {
  if (Get(family, key)) return true;
  Bad(family, key, "MISSING", &place);
  return false;
}

void ReadFirst(Checker& check) {
  const std::optional<std::string> stored = check.Get(Family::kMeta, MetaKey());
  if (!stored) {
    bool empty = true;
    check.Each(Family::kAudit, [&](const Place&, absl::string_view) { empty = false; });
    check.Each(Family::kLeaves, [&](const Place&, absl::string_view) { empty = false; });
    if (!empty) check.Bad(Family::kMeta, MetaKey(), "MISSING");
    check.meta.set_next_status_index(1);
    check.meta.set_log_root(certs::Bytes(certs::EmptyRoot()));
  } else if (!check.meta.ParseFromString(*stored)) {
    check.Bad(Family::kMeta, MetaKey(), "RECORD_UNREADABLE");
  } else if (check.meta.format() != kStoreFormat) {
    check.Bad(Family::kMeta, MetaKey(), "FORMAT_UNKNOWN");
  }
  check.Each(Family::kMeta, [&](const Place& place, absl::string_view) {
    if (place.key != MetaKey() && place.key != FenceKey()) check.Bad(place, "KEY");
  });
  check.EachRecord<storage::v1::Reservation>(
      Family::kReservations, [&](const Place& place, const storage::v1::Reservation& open) {
        if (!check.open.emplace(open.status_index(), open).second) {
          check.Bad(place, "STATUS_INDEX_TWICE");
        }
      });
}

}  // namespace fsck

FsckReport CheckStore(const Snapshot& snapshot, const FsckOptions& options) {
  FsckReport report;
  const google::protobuf::LogSilencer quiet;  // findings say which record cannot be read
  fsck::Checker check(snapshot, options, &report);
  fsck::ReadFirst(check);
  fsck::CheckLog(check);
  fsck::CheckAudit(check);
  fsck::CheckOutbox(check);
  fsck::CheckNewborns(check);
  fsck::CheckCertificates(check);
  fsck::CheckReservations(check);
  fsck::CheckLicences(check);
  fsck::CheckCases(check);
  fsck::CheckDeliveries(check);
  fsck::CheckNumbers(check);
  fsck::CheckSealed(check);
  fsck::CheckRegistry(check);
  return report;
}

std::string ToLine(const FsckFinding& finding) {
  return absl::StrCat(Name(finding.family), "/", absl::BytesToHexString(finding.key), " ",
                      finding.code, finding.named.empty() ? "" : ", named by ", finding.named);
}

std::string ToJson(const FsckReport& report) {
  // Names, codes and hex need no escapes.
  std::string json = absl::StrCat("{\"clean\":", report.clean() ? "true" : "false",
                                  ",\"more_findings\":", report.more_findings, ",\"records\":{");
  for (int i = 0; i < kFamilyCount; ++i) {
    absl::StrAppend(&json, i == 0 ? "" : ",", "\"", Name(static_cast<Family>(i)),
                    "\":", report.records[static_cast<size_t>(i)]);
  }
  absl::StrAppend(&json, "},\"findings\":[");
  const char* comma = "";
  for (const FsckFinding& finding : report.findings) {
    absl::StrAppend(&json, comma, "{\"family\":\"", Name(finding.family), "\",\"key\":\"",
                    absl::BytesToHexString(finding.key), "\",\"code\":\"", finding.code,
                    "\",\"named_by\":\"", finding.named, "\"}");
    comma = ",";
  }
  return absl::StrCat(json, "]}");
}

}  // namespace birthseal::store
