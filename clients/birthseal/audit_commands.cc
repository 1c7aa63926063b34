// SPDX-License-Identifier: Apache-2.0
// Auditors (审计) with files alone: compare two checkpoints, replay a witness's mirror.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/alarm.h"
#include "clients/birthseal/cli.h"
#include "clients/witness/compare.h"
#include "clients/witness/file_state.h"
#include "clients/witness/witness.h"
#include "signer/verify/note_key.h"

namespace birthseal::cli {
namespace {

struct AuditFlags {
  std::vector<std::string> notes;
  std::string proof, mirror, log_key, note;
  std::string log_name = "birthseal.example/log";
};

absl::StatusOr<certs::Checkpoint> Authentic(const AuditFlags& o, const std::string& path,
                                            const std::string& note) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(o.log_key));
  ASSIGN_OR_RETURN(const certs::NoteVerifier key, signer::NoteVerifierFromPem(o.log_name, pem));
  ASSIGN_OR_RETURN(certs::Checkpoint checkpoint, certs::ParseCheckpoint(note));
  if (const absl::Status by = certs::CheckSignature(checkpoint, key); !by.ok()) {
    return certs::Error(by.code(), certs::ReasonOf(by), absl::StrCat(path, ": ", by.message()), "",
                        absl::StrCat(path, " 不是日志密钥所签"));
  }
  RETURN_IF_ERROR(certs::EpochOf(checkpoint.head.origin, o.log_name).status());
  return checkpoint;
}

absl::StatusOr<std::optional<std::vector<certs::Digest>>> PathOf(const std::string& file) {
  if (file.empty()) return std::nullopt;
  v1::GetConsistencyProofResponse proof;
  RETURN_IF_ERROR(ReadMessage(file, &proof));
  std::vector<certs::Digest> path;
  for (const std::string& bytes : proof.path()) {
    const std::optional<certs::Digest> hash = certs::DigestFrom(bytes);
    if (!hash) {
      return certs::Error(absl::StatusCode::kInvalidArgument, "USAGE",
                          file + ": a hash is not 32 bytes", "path");
    }
    path.push_back(*hash);
  }
  return path;
}

struct Words {
  const char *code, *en, *zh;
};

Words WordsOf(witness::Comparison comparison) {
  switch (comparison) {
    case witness::Comparison::kConsistent:
      return {"CONSISTENT", "one history, as far as these two show", "两个检查点一致"};
    case witness::Comparison::kForked:
      return {"LOG_FORKED",
              "the log key signed two histories of one size: these two notes are the proof",
              "日志密钥对同一大小签署了两段不同历史：两份检查点即为证据"};
    case witness::Comparison::kRolledBack:
      return {"LOG_ROLLED_BACK",
              "the log key signed a smaller log later: these two notes are the proof",
              "日志密钥其后签署了更小的日志：两份检查点即为证据"};
    case witness::Comparison::kNotShown:
      break;
  }
  return {"NOT_SHOWN", "of different sizes, and no consistency proof that holds: nothing is proven",
          "大小不同且没有成立的一致性证明：未能证明"};
}

absl::Status CompareNotes(const Session& session, const AuditFlags& o, bool* at_fault) {
  ASSIGN_OR_RETURN(const std::string first, ReadFile(o.notes[0]));
  ASSIGN_OR_RETURN(const std::string second, ReadFile(o.notes[1]));
  ASSIGN_OR_RETURN(const certs::Checkpoint a, Authentic(o, o.notes[0], first));
  ASSIGN_OR_RETURN(const certs::Checkpoint b, Authentic(o, o.notes[1], second));
  ASSIGN_OR_RETURN(const auto path, PathOf(o.proof));
  ASSIGN_OR_RETURN(const witness::Comparison comparison, witness::Compare(a, b, path));
  const Words words = WordsOf(comparison);
  *at_fault =
      comparison == witness::Comparison::kForked || comparison == witness::Comparison::kRolledBack;
  std::string text = absl::StrCat(words.code, " ", words.zh, " | ", words.en);
  if (*at_fault) absl::StrAppend(&text, "\n\n", first, "\n", second);
  PrintEvent(session.json(), text,
             {{"result", words.code},
              {"zh", words.zh},
              {"en", words.en},
              {"note1", first},
              {"note2", second}});
  if (comparison != witness::Comparison::kNotShown) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kFailedPrecondition, words.code, words.en, "", words.zh);
}

absl::Status VerifyMirror(const Session& session, const AuditFlags& o) {
  ASSIGN_OR_RETURN(const auto mirror, witness::FileState::OpenReadOnly(o.mirror));
  std::string note;
  if (!o.note.empty()) {
    ASSIGN_OR_RETURN(note, ReadFile(o.note));
  } else {
    ASSIGN_OR_RETURN(const std::string bytes, mirror->Load());
    ASSIGN_OR_RETURN(const witness::Memory memory, witness::ParseMemory(bytes));
    note = memory.note;
  }
  const std::string from = o.note.empty() ? o.mirror + "/state" : o.note;
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, Authentic(o, from, note));
  ASSIGN_OR_RETURN(const certs::LogEpoch epoch, certs::EpochOf(checkpoint.head.origin, o.log_name));
  ASSIGN_OR_RETURN(const certs::LogState state,
                   witness::Replay(mirror.get(), {epoch, certs::LogSize(checkpoint.head.size)}));
  RETURN_IF_ERROR(certs::LogFollower(state).CheckHead(checkpoint.head));
  const std::string size = absl::StrCat(checkpoint.head.size);
  PrintEvent(session.json(),
             absl::StrCat("VERIFIED 已核验: the mirror makes the roots of ", from, ": ",
                          checkpoint.head.origin, " size ", size),
             {{"result", "VERIFIED"}, {"origin", checkpoint.head.origin}, {"size", size}});
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* audit = app->add_subcommand("audit", "check the log from files alone (审计)");
  audit->require_subcommand(1);
  auto o = std::make_shared<AuditFlags>();
  const auto add_key = [&](CLI::App* command) {
    command->add_option("--log-key", o->log_key, "public key of the log, PEM")->required();
    command->add_option("--log-name", o->log_name,
                        "key name of the log, and what its origins begin with");
  };
  CLI::App* compare = audit->add_subcommand("compare", "two checkpoints of one log (比较检查点)");
  compare->add_option("notes", o->notes, "two checkpoints")->required()->expected(2);
  compare->add_option("--proof", o->proof,
                      "consistency proof: JSON of GetConsistencyProofResponse");
  add_key(compare);
  compare->callback([=] {
    bool at_fault = false;
    *result = Finish(CompareNotes(*session, *o, &at_fault));
    if (at_fault) *result = kLogAtFault;
  });
  CLI::App* verify =
      audit->add_subcommand("verify", "replay a mirror, compare its roots (重放镜像)");
  verify->add_option("--mirror", o->mirror, "folder of a witness or monitor")->required();
  verify->add_option("--note", o->note, "checkpoint to compare with; default: that of the folder");
  add_key(verify);
  verify->callback([=] { *result = Finish(VerifyMirror(*session, *o)); });
}

}  // namespace birthseal::cli
