// SPDX-License-Identifier: Apache-2.0
// Receipts R2 and R3, and the proof that facts of a birth have one certificate in force.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "certs/errors.h"
#include "certs/proof/map_label.h"
#include "certs/proof/uniqueness.h"
#include "certs/status_macros.h"
#include "clients/birthseal/alarm.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/trust_directory.h"

namespace birthseal::cli {
namespace {

struct ReceiptOptions {
  std::string licence, strength = "joint", out;
};

absl::Status FetchReceipt(Session* session, const ReceiptOptions& o) {
  v1::GetReceiptRequest request;
  request.set_licence_id(o.licence);
  request.set_strength(o.strength == "joint" ? v1::GetReceiptRequest::JOINT
                                             : v1::GetReceiptRequest::WITNESSED);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(const v1::GetReceiptResponse response, client->GetReceipt(request));
  if (session->json()) {
    if (!o.out.empty()) RETURN_IF_ERROR(WriteFile(o.out, response.receipt()));
    PrintJson(response);
    return absl::OkStatus();
  }
  const std::string path = o.out.empty() ? absl::StrCat(o.licence, ".", o.strength) : o.out;
  RETURN_IF_ERROR(WriteFile(path, response.receipt()));
  std::printf("%s: %zu bytes. 核验 verify: birthseal verify FILE --trust DIR --receipt %s\n",
              path.c_str(), response.receipt().size(), path.c_str());
  return absl::OkStatus();
}

struct UniqueOptions {
  v1::ProveUniquenessRequest facts;
  int id_type = 1;
  std::string trust, log_name = "birthseal.example/log", proof, out;
};

absl::StatusOr<std::string> LabelInputFrom(const UniqueOptions& o) {
  absl::CivilDay birth;
  if (!absl::ParseCivilTime(o.facts.birth_date(), &birth)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "BIRTH_DATE",
                        "--birth-date: YYYY-MM-DD is needed");
  }
  return certs::LabelInput(static_cast<certs::IdType>(o.id_type), o.facts.mother_id_number(), birth,
                           o.facts.birth_order());
}

// What a proof says, and who vouches for it.
struct Checked {
  std::optional<uint64_t> live;  // status index, 0: none in force; nothing: none is seen
  certs::TreeHead head;
  certs::LogEpoch epoch;             // of head
  size_t cosigners = 0, quorum = 0;  // quorum 0: the trust directory names no witnesses
};

// Where the log stood when the service answered; nothing: a file does not know.
struct Newest {
  certs::LogPosition at;
};

// With the trust files alone.
absl::StatusOr<Checked> CheckProof(const UniqueOptions& o, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const certs::UniquenessProof proof, certs::ParseUniquenessProof(bytes));
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(proof.checkpoint));
  ASSIGN_OR_RETURN(const certs::NoteVerifier log_key, ReadLogKey(o.trust, o.log_name));
  RETURN_IF_ERROR(certs::CheckSignature(checkpoint, log_key));
  ASSIGN_OR_RETURN(const certs::WitnessPolicy policy, ReadWitnessPolicy(o.trust));
  ASSIGN_OR_RETURN(const std::string vrf_key, ReadVrfKey(o.trust));
  ASSIGN_OR_RETURN(const std::string input, LabelInputFrom(o));
  Checked checked;
  ASSIGN_OR_RETURN(checked.epoch, certs::EpochOf(checkpoint.head.origin, o.log_name));
  ASSIGN_OR_RETURN(checked.live,
                   certs::CheckUniqueness(proof, input, vrf_key, checkpoint.head.map_root));
  checked.head = checkpoint.head;
  checked.cosigners = certs::CosignersOf(checkpoint, policy).size();
  checked.quorum = policy.quorum;
  return checked;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// The state that the proof is about, and who has signed it.
Fields FieldsOf(const Checked& c) {
  return {{"origin", c.head.origin},
          {"size", absl::StrCat(c.head.size)},
          {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", c.head.time, absl::UTCTimeZone())},
          {"witnesses", absl::StrCat(c.cosigners)},
          {"quorum", absl::StrCat(c.quorum)},
          {"witnessed", c.quorum > 0 && c.cosigners >= c.quorum ? "true" : "false"}};
}

std::string PositionText(const Checked& c) {
  const Fields fields = FieldsOf(c);
  return absl::StrCat(fields[0].second, ", size ", fields[1].second, ", ", fields[2].second);
}

// Two histories can be shown to two people as long as too few others have signed one of them.
absl::Status NotProven(const Session& session, const Checked& c) {
  const std::string count = absl::StrCat(c.cosigners, " of ", c.quorum, " witnesses");
  const char* alone = c.cosigners == 0 ? " 仅日志签名 signed by the log alone" : "";
  Fields fields = FieldsOf(c);
  fields.insert(fields.begin(), {"result", "NOT_PROVEN"});
  PrintEvent(session.json(), absl::StrCat(PositionText(c), "\n未证明 not proven: ", count, alone),
             fields);
  return certs::Error(
      absl::StatusCode::kFailedPrecondition, "NOT_PROVEN",
      absl::StrCat("not proven: ", count, " have cosigned; ask again when a quorum has"), "",
      absl::StrCat("未证明：见证方联署 ", c.cosigners, "/", c.quorum,
                   "，未达法定数量，请稍后再查"));
}

struct Words {
  const char *code, *text;
};

Words WordsOf(const Checked& c) {
  if (c.live.value_or(0) != 0) {
    return {"ONE_IN_FORCE", "有且仅有一份有效证照 exactly one certificate in force: status index "};
  }
  if (c.live) return {"NONE_IN_FORCE", "曾签发，现无有效证照 issued once, none in force"};
  return {"NOT_SEEN",
          "截至上述时间，未见按所填信息签发的记录 as of that time, no record of these facts"};
}

void PrintProven(const Session& session, const Checked& c, const std::optional<Newest>& newest) {
  const Words words = WordsOf(c);
  const std::string index = absl::StrCat(c.live.value_or(0));
  Fields fields = FieldsOf(c);
  fields.insert(fields.begin(), {{"result", words.code}, {"status_index", index}});
  std::string text =
      absl::StrCat(PositionText(c), "\n", words.text, c.live.value_or(0) != 0 ? index : "", "\n  ");
  absl::StrAppend(&text,
                  c.quorum == 0
                      ? "仅日志签名 signed by the log alone: the trust directory names no witnesses"
                      : absl::StrCat("见证 witnesses: ", c.cosigners, " (quorum ", c.quorum, ")"));
  if (newest) {
    const bool newer = newest->at > certs::LogPosition{c.epoch, certs::LogSize(c.head.size)};
    fields.insert(fields.end(), {{"log_size", absl::StrCat(newest->at.size.value())},
                                 {"not_yet_witnessed", newer ? "true" : "false"}});
    if (newer) {
      absl::StrAppend(
          &text,
          "\n  此后的记录尚未经见证，可能尚未列入，请稍后再查 not yet witnessed: the log "
          "stands at size ",
          newest->at.size.value(), "; what came since may change this, ask again");
    }
  }
  absl::StrAppend(&text,
                  "\n  证明只针对所给事实，不证明事实为真。"
                  "It is about the facts as given, not about their truth.");
  PrintEvent(session.json(), text, fields);
}

absl::Status CheckAndPrint(const Session& session, const UniqueOptions& o, absl::string_view bytes,
                           const std::optional<Newest>& newest) {
  ASSIGN_OR_RETURN(const Checked checked, CheckProof(o, bytes));
  if (checked.cosigners < checked.quorum) return NotProven(session, checked);
  PrintProven(session, checked, newest);
  return absl::OkStatus();
}

absl::Status Unique(Session* session, UniqueOptions o) {
  std::string bytes;
  std::optional<Newest> newest;
  if (!o.proof.empty()) {
    ASSIGN_OR_RETURN(bytes, ReadFile(o.proof));
  } else {
    o.facts.set_mother_id_type(static_cast<v1::IdType>(o.id_type));
    ASSIGN_OR_RETURN(client::Client * client, session->Client());
    ASSIGN_OR_RETURN(const v1::ProveUniquenessResponse response, client->ProveUniqueness(o.facts));
    bytes = response.proof();
    if (response.log_size() != 0) {
      newest = Newest{{certs::LogEpoch(response.log_epoch()), certs::LogSize(response.log_size())}};
    }
    if (session->json() && o.trust.empty()) PrintJson(response);
  }
  if (!o.out.empty()) RETURN_IF_ERROR(WriteFile(o.out, bytes));
  if (!o.trust.empty()) return CheckAndPrint(*session, o, bytes, newest);
  if (o.out.empty() && !session->json()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "TRUST_NEEDED",
                        "--trust DIR checks the proof; --out FILE keeps it");
  }
  return absl::OkStatus();
}

}  // namespace

void AddReceiptCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* receipt = app->add_subcommand(
      "receipt", "receipt R2 or R3 of a certificate, for offline checks (回执)");
  auto r = std::make_shared<ReceiptOptions>();
  receipt->add_option("licence", r->licence, "licence identifier (证照标识)")->required();
  receipt->add_option("--strength", r->strength, "witnessed (R2) or joint (R3)")
      ->check(CLI::IsMember({"witnessed", "joint"}));
  receipt->add_option("--out", r->out, "file to write");
  receipt->callback([=] { *result = Finish(FetchReceipt(session, *r)); });

  CLI::App* unique = app->add_subcommand(
      "unique", "prove that facts of a birth have one certificate in force (唯一性证明)");
  auto u = std::make_shared<UniqueOptions>();
  u->facts.set_use_cause("uniqueness check 唯一性核查");
  u->facts.set_birth_order(1);
  auto order = std::make_shared<int>(1);
  unique
      ->add_option("--mother-id", *u->facts.mutable_mother_id_number(),
                   "mother's number (母亲证件号)")
      ->required();
  unique->add_option(
      "--mother-id-type", u->id_type,
      "CV02.01.101: 1 identity card, 2 household book, 3 passport, 4 officer's card, "
      "6, 7, 8, 10, 99");
  unique->add_option("--birth-date", *u->facts.mutable_birth_date(), "YYYY-MM-DD (出生日期)")
      ->required();
  unique->add_option("--order", *order, "birth order, 1 for a single birth (出生次序)");
  unique->add_option("--cause", *u->facts.mutable_use_cause(), "use cause (用证事由), recorded");
  unique->add_option("--trust", u->trust,
                     "check with log.pem, vrf.pem, witnesses.textproto of DIR");
  unique->add_option("--log-name", u->log_name, "name of the log whose key log.pem holds");
  unique->add_option("--proof", u->proof, "check this file instead of asking the service");
  unique->add_option("--out", u->out, "keep the proof in this file");
  unique->callback([=] {
    u->facts.set_birth_order(*order);
    *result = Finish(Unique(session, *u));
  });
}

}  // namespace birthseal::cli
