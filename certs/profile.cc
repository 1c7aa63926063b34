// SPDX-License-Identifier: Apache-2.0
#include "certs/profile.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "birthseal/storage/v1/profile.pb.h"
#include "certs/division.h"
#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace birthseal::certs {
namespace {

using ProfileProto = ::birthseal::storage::v1::Profile;

constexpr int kMaxDays = 3650;
constexpr int kMaxSigningHours = 720;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxMarkerBytes = 30;

// Names the field, the rule it breaks and what to do.
absl::Status Refuse(absl::string_view field, absl::string_view rule, absl::string_view remedy) {
  return Error(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID",
               absl::StrCat("profile field ", field, ": ", rule, "; ", remedy), field,
               absl::StrCat("管辖规则字段 ", field, " 不正确"));
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) return;
    text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

absl::Status CheckName(const ProfileProto& proto) {
  const bool plain =
      proto.name().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (proto.name().empty() || proto.name().size() > kMaxNameBytes || !plain) {
    return Refuse("name", "1 to 64 of a-z, 0-9 and hyphen", "name it like guizhou-2021");
  }
  if (proto.version() < 1) {
    return Refuse("version", "1 or more", "count up by one with every change of the file");
  }
  return absl::OkStatus();
}

// Births before 1996-01-01 have no certificate anywhere; the latest lawful start is that of remote
// areas in 1996. A later date would refuse births that the law covers.
absl::StatusOr<absl::CivilDay> EarliestBirth(const std::string& text) {
  absl::CivilDay day;
  const bool parsed =
      text.size() == 10 && absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
  if (!parsed) return Refuse("earliest_birth", "required, a date YYYY-MM-DD", "set 1996-01-01");
  if (day < absl::CivilDay(1996, 1, 1) || day > absl::CivilDay(1996, 12, 31)) {
    return Refuse("earliest_birth", "between 1996-01-01 and 1996-12-31",
                  "set the day on which certificates began in this jurisdiction");
  }
  return day;
}

absl::StatusOr<std::optional<int>> Days(absl::string_view field, bool present, int value) {
  if (!present) return std::optional<int>();
  if (value < 1 || value > kMaxDays) {
    return Refuse(field, "1 to 3650 days", "leave the field out where the rule does not apply");
  }
  return std::optional<int>(value);
}

// Rule J7.
absl::Status ReadLimits(const ProfileProto& proto, Profile& profile) {
  if (proto.signing_hours() < 0 || proto.signing_hours() > kMaxSigningHours) {
    return Refuse("signing_hours", "1 to 720 hours", "set 24, or leave it out for 24");
  }
  if (proto.signing_hours() != 0) profile.signing_hours = proto.signing_hours();
  ASSIGN_OR_RETURN(
      profile.explain_after_days,
      Days("explain_after_days", proto.has_explain_after_days(), proto.explain_after_days()));
  ASSIGN_OR_RETURN(
      profile.records_after_days,
      Days("records_after_days", proto.has_records_after_days(), proto.records_after_days()));
  // 0 is no rule here: nobody is asked for DNA because a number was left standing.
  ASSIGN_OR_RETURN(profile.dna_after_days,
                   Days("dna_after_days", proto.dna_after_days() != 0, proto.dna_after_days()));
  ASSIGN_OR_RETURN(profile.police_check_after_days,
                   Days("police_check_after_days", proto.has_police_check_after_days(),
                        proto.police_check_after_days()));
  return absl::OkStatus();
}

// For whom, and from when.
absl::Status ReadScope(const ProfileProto& proto, Profile& profile) {
  profile.division = proto.division();
  if (!profile.division.empty() && LevelOf(profile.division) == DivisionLevel::kNone) {
    return Refuse("division", "six digits of GB/T 2260",
                  "set 520000 for a province, 520600 for a city, or leave it out");
  }
  const std::string& from = proto.effective_from();
  if (from.empty()) return absl::OkStatus();
  const bool parsed = absl::ParseCivilTime(from, &profile.effective_from) &&
                      absl::FormatCivilTime(profile.effective_from) == from;
  if (!parsed) {
    return Refuse("effective_from", "a date YYYY-MM-DD",
                  "set the first day of application it is for, or leave it out");
  }
  return absl::OkStatus();
}

absl::StatusOr<CaseKind> KindFrom(const std::string& name, absl::string_view field) {
  if (name == "FIRST_ISSUE") return CaseKind::kFirstIssue;
  if (name == "EXCHANGE") return CaseKind::kExchange;
  if (name == "REPLACEMENT") return CaseKind::kReplacement;
  if (name == "BACKFILL") return CaseKind::kBackfill;
  if (name == "OFFICIAL_DOCUMENT") return CaseKind::kOfficialDocument;
  return Refuse(field, "no kind of case has this name",
                "use FIRST_ISSUE, EXCHANGE, REPLACEMENT, BACKFILL or OFFICIAL_DOCUMENT");
}

absl::StatusOr<ExchangeGround> GroundFrom(const std::string& name, absl::string_view field) {
  if (name.empty()) return ExchangeGround::kNone;
  if (name == "ISSUER_ERROR") return ExchangeGround::kIssuerError;
  if (name == "DAMAGED") return ExchangeGround::kDamaged;
  if (name == "ALTERED") return ExchangeGround::kAltered;
  if (name == "CUT") return ExchangeGround::kCut;
  if (name == "PARENT_CHANGE") return ExchangeGround::kParentChange;
  if (name == "NAME_UNREGISTRABLE") return ExchangeGround::kNameUnregistrable;
  return Refuse(field, "not a ground of exchange",
                "use ISSUER_ERROR, DAMAGED, ALTERED, CUT, PARENT_CHANGE, NAME_UNREGISTRABLE, or "
                "leave it out for any ground");
}

// Rule I7.
absl::StatusOr<EvidenceList> ListFrom(const ProfileProto::EvidenceList& proto,
                                      const std::string& path) {
  EvidenceList list;
  ASSIGN_OR_RETURN(list.kind, KindFrom(proto.kind(), path + ".kind"));
  ASSIGN_OR_RETURN(list.ground, GroundFrom(proto.ground(), path + ".ground"));
  if (list.ground != ExchangeGround::kNone && list.kind != CaseKind::kExchange) {
    return Refuse(path + ".ground", "only an EXCHANGE has a ground", "leave it out");
  }
  std::set<EvidenceKind> seen;
  for (int i = 0; i < proto.required_size(); ++i) {
    const std::string field = absl::StrCat(path, ".required[", i, "]");
    const absl::StatusOr<EvidenceKind> kind = EvidenceKindFrom(proto.required(i));
    if (!kind.ok()) {
      return Refuse(field, "no kind of evidence has this name",
                    "use a name of deploy/profiles/README.md; the set is closed");
    }
    if (!seen.insert(*kind).second) return Refuse(field, "named twice", "name it once");
    list.required.push_back(*kind);
  }
  if (list.required.empty()) return Refuse(path + ".required", "empty", "leave the list out");
  return list;
}

// What national rules demand of every jurisdiction: a profile may add, never drop.
// Rules X7, J4.
absl::Status CheckMinimum(const Profile& profile) {
  struct Minimum {
    CaseKind kind;
    ExchangeGround ground;
    EvidenceKind required;
    absl::string_view list;
  };
  constexpr Minimum kMinimum[] = {
      {CaseKind::kFirstIssue, ExchangeGround::kNone, EvidenceKind::kMotherId, "FIRST_ISSUE"},
      {CaseKind::kExchange, ExchangeGround::kNone, EvidenceKind::kOriginalFront, "EXCHANGE"},
      {CaseKind::kExchange, ExchangeGround::kNameUnregistrable, EvidenceKind::kChangeAdvice,
       "EXCHANGE NAME_UNREGISTRABLE"},
      {CaseKind::kExchange, ExchangeGround::kParentChange, EvidenceKind::kDnaReport,
       "EXCHANGE PARENT_CHANGE"},
      {CaseKind::kReplacement, ExchangeGround::kNone, EvidenceKind::kLossStatement, "REPLACEMENT"},
      {CaseKind::kReplacement, ExchangeGround::kNone, EvidenceKind::kPoliceCheckReply,
       "REPLACEMENT"},
  };
  for (const Minimum& minimum : kMinimum) {
    const auto required = RequiredEvidence(profile, minimum.kind, minimum.ground);
    if (std::find(required.begin(), required.end(), minimum.required) == required.end()) {
      return Refuse(
          "evidence",
          absl::StrCat(minimum.list, " must require ", EvidenceKindName(minimum.required)),
          "add it to that list");
    }
  }
  return absl::OkStatus();
}

// Rule J6.
absl::Status CheckTypeCode(const std::string& code) {
  const bool fits = code.size() == 21 && CreditCode::Parse(code.substr(0, 18)).ok() &&
                    Mod37_36CheckCharacter(code) != '\0';
  if (fits) return absl::OkStatus();
  return Refuse("licence_type_code",
                "18 characters of a credit code with its check character, then 3 of 0-9 A-Z",
                "set the registered 证照类型代码");
}

}  // namespace

// Rule J5.
absl::StatusOr<Profile> ParseProfile(absl::string_view textproto) {
  ProfileProto proto;
  FirstError errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  if (!parser.ParseFromString(std::string(textproto), &proto)) {
    return Refuse("(file)", errors.text(), "fields are those of deploy/profiles/README.md");
  }
  RETURN_IF_ERROR(CheckName(proto));
  Profile profile;
  profile.name = proto.name();
  profile.version = proto.version();
  ASSIGN_OR_RETURN(profile.earliest_birth, EarliestBirth(proto.earliest_birth()));
  if (proto.absent_marker().empty() || proto.absent_marker().size() > kMaxMarkerBytes) {
    return Refuse("absent_marker", "1 to 30 bytes", "set \"/\"");
  }
  profile.absent_marker = proto.absent_marker();
  RETURN_IF_ERROR(ReadLimits(proto, profile));
  RETURN_IF_ERROR(ReadScope(proto, profile));
  profile.father_only_route = proto.father_only_route();
  profile.mother_only_in_person = proto.mother_only_in_person();
  for (int i = 0; i < proto.evidence_size(); ++i) {
    ASSIGN_OR_RETURN(EvidenceList list,
                     ListFrom(proto.evidence(i), absl::StrCat("evidence[", i, "]")));
    profile.evidence.push_back(std::move(list));
  }
  RETURN_IF_ERROR(CheckMinimum(profile));
  RETURN_IF_ERROR(CheckTypeCode(proto.licence_type_code()));
  profile.licence_type_code = proto.licence_type_code();
  return profile;
}

std::vector<EvidenceKind> RequiredEvidence(const Profile& profile, CaseKind kind,
                                           ExchangeGround ground) {
  std::vector<EvidenceKind> required;
  for (const EvidenceList& list : profile.evidence) {
    const bool matches =
        list.kind == kind && (list.ground == ExchangeGround::kNone || list.ground == ground);
    if (!matches) continue;
    for (const EvidenceKind evidence : list.required) {
      if (std::find(required.begin(), required.end(), evidence) == required.end()) {
        required.push_back(evidence);
      }
    }
  }
  return required;
}

}  // namespace birthseal::certs
