// SPDX-License-Identifier: Apache-2.0
// A witness (见证方): follows the log, cosigns, mirrors; and shows what it knows.
#include <CLI/CLI.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/alarm.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/log_source.h"
#include "clients/birthseal/note_signer.h"
#include "clients/witness/file_state.h"
#include "clients/witness/runner.h"
#include "clients/witness/witness.h"
#include "signer/verify/note_key.h"

namespace birthseal::cli {
namespace {

struct WitnessFlags {
  std::string state, key, name, log_key, log_ed25519, alarm_command;
  std::string log_name = "birthseal.example/log";
  bool once = false, acknowledge = false;
};

absl::Status Need(const std::string& value, const char* option) {
  if (!value.empty()) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "USAGE",
                      absl::StrCat(option, " is required"), option, absl::StrCat("缺少 ", option));
}

std::string Text(const certs::TreeHead& head) {
  return absl::StrCat(head.origin, " size ", head.size, " root ",
                      absl::Base64Escape(certs::View(head.root)));
}

witness::Service ServiceOf(client::Client* client) {
  witness::Service service;
  service.exchange = [client](const std::string& cosigned) -> absl::StatusOr<std::string> {
    v1::WitnessRequest request;
    request.set_cosigned(cosigned);
    ASSIGN_OR_RETURN(v1::WitnessResponse response, client->Witness(request));
    return response.checkpoint();
  };
  service.list = ListerOf(client);
  return service;
}

void TellAlarm(const Session& session, const WitnessFlags& o, const std::string& reason,
               const std::string& text) {
  PrintEvent(session.json(), absl::StrCat("ALARM 警报 ", reason, ": ", text),
             {{"event", "alarm"}, {"reason", reason}, {"text", text}});
  RunAlarm(o.alarm_command, reason, text);
}

absl::StatusOr<witness::WitnessOptions> OptionsOf(const Session& session, const WitnessFlags& o) {
  witness::WitnessOptions options;
  options.log_name = o.log_name;
  for (const std::string& path : {o.log_key, o.log_ed25519}) {
    if (path.empty()) continue;
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
    ASSIGN_OR_RETURN(certs::NoteVerifier key, signer::NoteVerifierFromPem(o.log_name, pem));
    options.log_keys.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(const std::string key, ReadFile(o.key));
  ASSIGN_OR_RETURN(options.cosign, CosignerOf(o.name, key));
  options.now = [] { return absl::Now(); };
  options.alarm = [&session, &o](const witness::Evidence& evidence) {
    TellAlarm(session, o, evidence.reason, evidence.text);
  };
  return options;
}

witness::RunnerOptions RunnerOptionsOf(const Session& session, const WitnessFlags& o) {
  witness::RunnerOptions options;
  options.now = [] { return absl::Now(); };
  options.sleep = [](absl::Duration pause) { absl::SleepFor(pause); };
  options.stop = [] { return false; };  // a signal ends the process: the state is always whole
  options.cosigned = [&session](const certs::TreeHead& head) {
    PrintEvent(session.json(), absl::StrCat("cosigned 已见证 ", Text(head)),
               {{"event", "cosigned"},
                {"origin", head.origin},
                {"size", absl::StrCat(head.size)},
                {"root", absl::Base64Escape(certs::View(head.root))}});
  };
  options.trouble = [&session](const absl::Status& status) {
    PrintEvent(session.json(),
               absl::StrCat("waiting 等待 ", certs::ReasonOf(status), ": ", status.message()),
               {{"event", "waiting"},
                {"reason", certs::ReasonOf(status)},
                {"text", std::string(status.message())}});
  };
  options.lasting_trouble = [&session, &o](const absl::Status& status) {
    TellAlarm(session, o, "WITNESS_WITHOUT_PROGRESS",
              absl::StrCat(certs::ReasonOf(status), " ", status.message()));
  };
  return options;
}

// Of a witness or a monitor: needs no key, only the folder.
absl::Status Acknowledge(const Session& session, const WitnessFlags& o) {
  ASSIGN_OR_RETURN(const auto state, witness::FileState::Open(o.state));
  ASSIGN_OR_RETURN(const std::string bytes, state->Load());
  ASSIGN_OR_RETURN(const witness::Memory memory, witness::ParseMemory(bytes));
  if (memory.refusal.empty()) {
    PrintEvent(session.json(), "nothing is refused 当前没有拒绝", {{"result", "NOTHING_REFUSED"}});
    return absl::OkStatus();
  }
  witness::WitnessOptions options;
  options.log_name = memory.log_name;
  ASSIGN_OR_RETURN(const auto witness, witness::Witness::Open(std::move(options), state.get()));
  RETURN_IF_ERROR(witness->Acknowledge());
  PrintEvent(session.json(),
             absl::StrCat("acknowledged 已确认: ", memory.refusal, ", of ",
                          absl::FormatTime(memory.refused_at), "; the evidence stays in ", o.state,
                          "/evidence"),
             {{"result", "ACKNOWLEDGED"}, {"reason", memory.refusal}});
  return absl::OkStatus();
}

absl::Status RunWitness(const Session& session, const WitnessFlags& o, bool* at_fault) {
  RETURN_IF_ERROR(Need(o.state, "--state"));
  if (o.acknowledge) return Acknowledge(session, o);
  RETURN_IF_ERROR(Need(o.key, "--key"));
  RETURN_IF_ERROR(Need(o.name, "--name"));
  RETURN_IF_ERROR(Need(o.log_key, "--log-key"));
  ASSIGN_OR_RETURN(witness::WitnessOptions options, OptionsOf(session, o));
  ASSIGN_OR_RETURN(const auto state, witness::FileState::Open(o.state));
  ASSIGN_OR_RETURN(const auto witness, witness::Witness::Open(std::move(options), state.get()));
  ASSIGN_OR_RETURN(const auto client, ConnectToLog(session));
  witness::Runner runner(witness.get(), ServiceOf(client.get()), RunnerOptionsOf(session, o));
  absl::Status status = o.once ? runner.RunOnce() : runner.Run();
  *at_fault = !witness->memory().refusal.empty();
  return status;
}

absl::Status Show(const Session& session, const WitnessFlags& o) {
  RETURN_IF_ERROR(Need(o.state, "--state"));
  ASSIGN_OR_RETURN(const auto state, witness::FileState::OpenReadOnly(o.state));
  ASSIGN_OR_RETURN(const std::string bytes, state->Load());
  ASSIGN_OR_RETURN(const witness::Memory memory, witness::ParseMemory(bytes));
  const std::string root = absl::Base64Escape(certs::View(memory.log.leaves.Root()));
  const std::string map_root = absl::Base64Escape(certs::View(memory.log.map_root));
  const std::vector<std::string> evidence = state->EvidenceKept();
  std::string text = absl::StrCat(
      "log 日志            ", memory.log_name, "\nepoch 日志纪元      ", memory.log.epoch.value(),
      "\nsize 大小           ", memory.log.leaves.size(), "\nroot 树根           ", root,
      "\nmap root 映射根     ", map_root, "\nrefuses 拒绝        ",
      memory.refusal.empty() ? "no 否" : absl::StrCat(memory.refusal, ": ", memory.refusal_text),
      "\nevidence 证据       ", evidence.size());
  for (const std::string& name : evidence) absl::StrAppend(&text, "\n  ", name);
  absl::StrAppend(&text, "\n\n", memory.note);
  PrintEvent(session.json(), text,
             {{"log", memory.log_name},
              {"epoch", absl::StrCat(memory.log.epoch.value())},
              {"size", absl::StrCat(memory.log.leaves.size())},
              {"root", root},
              {"map_root", map_root},
              {"refusal", memory.refusal},
              {"evidence", absl::StrCat(evidence.size())},
              {"note", memory.note}});
  return absl::OkStatus();
}

absl::Status PrintKey(const Session& session, const WitnessFlags& o) {
  RETURN_IF_ERROR(Need(o.key, "--key"));
  RETURN_IF_ERROR(Need(o.name, "--name"));
  ASSIGN_OR_RETURN(const std::string key, ReadFile(o.key));
  ASSIGN_OR_RETURN(const std::string pem, PublicPemOf(key));
  ASSIGN_OR_RETURN(const std::string vkey,
                   signer::NoteVkey(o.name, pem, signer::NoteKeyUse::kCosigner));
  PrintEvent(session.json(), absl::StrCat(vkey, "\n", pem), {{"vkey", vkey}, {"pem", pem}});
  return absl::OkStatus();
}

}  // namespace

void AddWitnessCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* run = app->add_subcommand("witness", "follow and cosign the log (见证日志)");
  auto o = std::make_shared<WitnessFlags>();
  run->add_option("--state", o->state, "folder of state, mirror and evidence (状态目录)");
  run->add_option("--key", o->key, "private key of the cosignatures, PKCS#8 PEM: Ed25519 or SM2");
  run->add_option("--name", o->name, "key name of the cosignatures (见证方名称)");
  run->add_option("--log-key", o->log_key, "public SM2 key of the log, PEM");
  run->add_option("--log-ed25519", o->log_ed25519,
                  "public Ed25519 key of the log: checked as well");
  run->add_option("--log-name", o->log_name,
                  "key name of the log, and what its origins begin with");
  run->add_option("--alarm-command", o->alarm_command,
                  "program run with reason code and text when the log is at fault (报警程序)");
  run->add_flag("--once", o->once, "cosign what there is, then end");
  run->add_flag("--acknowledge", o->acknowledge,
                "a person has looked: end the refusal, keep the evidence (人工确认后解除拒绝)");
  run->require_subcommand(0, 1);
  CLI::App* show = run->add_subcommand("show", "what the witness knows (见证方所知)");
  show->callback([=] { *result = Finish(Show(*session, *o)); });
  CLI::App* key = run->add_subcommand("key", "its public key, for service and checkers (公钥)");
  key->callback([=] { *result = Finish(PrintKey(*session, *o)); });
  run->callback([=] {
    if (!run->get_subcommands().empty()) return;
    bool at_fault = false;
    *result = Finish(RunWitness(*session, *o, &at_fault));
    if (at_fault) *result = kLogAtFault;
  });
}

}  // namespace birthseal::cli
