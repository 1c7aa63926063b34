// SPDX-License-Identifier: Apache-2.0
// A monitor (监测): the log against its own rules and what was announced. From the service, as an
// auditor, or from a witness's folder without any connection.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/alarm.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/log_source.h"
#include "clients/birthseal/monitor_rules.h"
#include "clients/witness/file_state.h"
#include "clients/witness/files.h"
#include "clients/witness/monitor.h"
#include "clients/witness/witness.h"
#include "signer/verify/note_key.h"

namespace birthseal::cli {
namespace {

constexpr absl::Duration kPause = absl::Seconds(10);
constexpr char kToldType[] = "birthseal/monitor-told/v1";

struct MonitorFlags {
  std::string state, rules, from_mirror, log_key, alarm_command;
  std::string log_name = "birthseal.example/log";
  bool once = false;
};

// How far findings were told: after a restart the rest is told, nothing twice.
struct Told {
  uint64_t epoch = 1, size = 0;
  int64_t seconds = 0;  // when open intents were last looked at
};

absl::StatusOr<Told> ReadTold(const std::string& path) {
  if (!witness::Exists(path)) return Told{};
  ASSIGN_OR_RETURN(const std::string bytes, witness::ReadWhole(path));
  certs::CanonicalReader reader(bytes, kToldType);
  Told told{reader.Number(1), reader.Number(2), static_cast<int64_t>(reader.Number(3))};
  if (!reader.Finish().ok()) {
    return certs::Error(absl::StatusCode::kDataLoss, "MONITOR_STATE",
                        absl::StrCat(path, " is damaged: without it every finding is told again"),
                        "", absl::StrCat(path, " 已损坏"));
  }
  return told;
}

absl::Status WriteTold(const std::string& path, const Told& told) {
  return witness::ReplaceFile(path, certs::CanonicalWriter(kToldType)
                                        .Number(1, told.epoch)
                                        .Number(2, told.size)
                                        .Number(3, static_cast<uint64_t>(told.seconds))
                                        .Finish());
}

class MonitorRun {
 public:
  MonitorRun(Session* session, const MonitorFlags& flags) : session_(session), o_(flags) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Open());
    while (true) {
      absl::Status looked = Look();
      if (o_.once || at_fault_) return looked;
      if (!looked.ok()) Finish(looked);
      absl::SleepFor(kPause);
    }
  }
  bool violated() const { return violations_ > 0 || at_fault_; }

 private:
  absl::Status Open();
  absl::Status OpenService();
  absl::Status OpenMirror();
  absl::Status Look();
  void Print(const witness::Findings& findings);

  Session* const session_;
  const MonitorFlags& o_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<witness::FileState> state_;
  std::unique_ptr<witness::Witness> reader_;  // follows the service; cosigns nothing
  std::unique_ptr<witness::Monitor> monitor_;
  std::string told_path_;
  Told told_;
  size_t violations_ = 0;
  bool at_fault_ = false;
};

absl::Status MonitorRun::Open() {
  if (o_.rules.empty() || (o_.state.empty() && o_.from_mirror.empty())) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "USAGE",
                        "--rules and --state (or --from-mirror) are required", "",
                        "缺少 --rules 和 --state（或 --from-mirror）");
  }
  v1::MonitorRules proto;
  RETURN_IF_ERROR(ReadMessage(o_.rules, &proto));
  ASSIGN_OR_RETURN(witness::Rules rules, RulesFrom(proto));
  monitor_ = std::make_unique<witness::Monitor>(std::move(rules));
  RETURN_IF_ERROR(o_.from_mirror.empty() ? OpenService() : OpenMirror());
  if (o_.state.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(witness::MakeFolder(o_.state));
  told_path_ = o_.state + "/told";
  ASSIGN_OR_RETURN(told_, ReadTold(told_path_));
  witness::Findings before;
  RETURN_IF_ERROR(witness::FollowMirror(state_.get(),
                                        {certs::LogEpoch(told_.epoch), certs::LogSize(told_.size)},
                                        monitor_.get(), &before));
  monitor_->Tick(absl::FromUnixSeconds(told_.seconds), &before);
  return absl::OkStatus();
}

absl::Status MonitorRun::OpenService() {
  if (o_.log_key.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "USAGE", "--log-key is required",
                        "--log-key", "缺少 --log-key");
  }
  witness::WitnessOptions options;
  options.log_name = o_.log_name;
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(o_.log_key));
  ASSIGN_OR_RETURN(certs::NoteVerifier key, signer::NoteVerifierFromPem(o_.log_name, pem));
  options.log_keys = {std::move(key)};
  options.cosign = [](absl::Time, absl::string_view) {
    return absl::StatusOr<certs::NoteSignature>(certs::NoteSignature{"monitor", "none", "none"});
  };
  options.now = [] { return absl::Now(); };
  options.alarm = [this](const witness::Evidence& evidence) {
    at_fault_ = true;
    PrintEvent(session_->json(), absl::StrCat("ALARM 警报 ", evidence.reason, ": ", evidence.text),
               {{"event", "alarm"}, {"reason", evidence.reason}, {"text", evidence.text}});
    RunAlarm(o_.alarm_command, evidence.reason, evidence.text);
  };
  ASSIGN_OR_RETURN(state_, witness::FileState::Open(o_.state));
  ASSIGN_OR_RETURN(reader_, witness::Witness::Open(std::move(options), state_.get()));
  at_fault_ = !reader_->memory().refusal.empty();
  ASSIGN_OR_RETURN(client_, ConnectToLog(*session_));
  return absl::OkStatus();
}

absl::Status MonitorRun::OpenMirror() {
  ASSIGN_OR_RETURN(state_, witness::FileState::OpenReadOnly(o_.from_mirror));
  return absl::OkStatus();
}

// What is new, to its end; told before it is remembered as told.
absl::Status MonitorRun::Look() {
  if (client_ != nullptr) {
    ASSIGN_OR_RETURN(const v1::GetCheckpointResponse newest, client_->GetCheckpoint({}));
    if (newest.checkpoint().empty()) return absl::OkStatus();  // nothing was signed yet
    RETURN_IF_ERROR(reader_->Offer(newest.checkpoint(), ListerOf(client_.get())).status());
  } else {
    // It grows meanwhile.
    ASSIGN_OR_RETURN(state_, witness::FileState::OpenReadOnly(o_.from_mirror));
  }
  ASSIGN_OR_RETURN(const std::string bytes, state_->Load());
  ASSIGN_OR_RETURN(const witness::Memory memory, witness::ParseMemory(bytes));
  const absl::Time now = absl::Now();
  witness::Findings findings;
  RETURN_IF_ERROR(
      witness::FollowMirror(state_.get(), memory.log.position(), monitor_.get(), &findings));
  monitor_->Tick(now, &findings);
  Print(findings);
  if (told_path_.empty()) return absl::OkStatus();
  return WriteTold(told_path_, {monitor_->position().epoch.value(),
                                monitor_->position().size.value(), absl::ToUnixSeconds(now)});
}

void MonitorRun::Print(const witness::Findings& findings) {
  for (const witness::Finding& finding : findings) {
    const bool violation = finding.severity == witness::Severity::kViolation;
    const std::string line = witness::Line(finding);
    PrintEvent(session_->json(), line,
               {{"event", violation ? "violation" : "warning"},
                {"rule", finding.rule},
                {"zh", std::string(witness::TextZh(finding.rule))},
                {"en", std::string(witness::TextEn(finding.rule))},
                {"epoch", absl::StrCat(finding.epoch.value())},
                {"leaf_index", absl::StrCat(finding.leaf_index.value())},
                {"kind", std::string(witness::NameOf(finding.leaf.kind))},
                {"institution", finding.leaf.institution_code},
                {"status_index", absl::StrCat(finding.leaf.status_index)},
                {"log_minute", absl::StrCat(finding.leaf.log_minute)},
                {"leaf_hex", Hex(certs::Canonical(finding.leaf))},
                {"detail", finding.detail}});
    if (!violation) continue;
    ++violations_;
    RunAlarm(o_.alarm_command, finding.rule, line);
  }
  if (!session_->json() && o_.once) {
    std::printf("followed to epoch %llu size %llu; findings 发现 %zu, violations 违规 %zu\n",
                static_cast<unsigned long long>(monitor_->position().epoch.value()),
                static_cast<unsigned long long>(monitor_->position().size.value()), findings.size(),
                violations_);
  }
}

}  // namespace

void AddMonitorCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* run = app->add_subcommand("monitor", "hold the log to the announced rules (监测日志)");
  auto o = std::make_shared<MonitorFlags>();
  run->add_option("--state", o->state, "folder for the mirror and what was told (状态目录)");
  run->add_option("--rules", o->rules, "announced rules, .textproto (公布的规则)");
  run->add_option("--from-mirror", o->from_mirror,
                  "read the folder of a witness instead of asking the service (见证方目录)");
  run->add_option("--log-key", o->log_key, "public key of the log, PEM; not with --from-mirror");
  run->add_option("--log-name", o->log_name,
                  "key name of the log, and what its origins begin with");
  run->add_option("--alarm-command", o->alarm_command,
                  "program run with rule and text for each violation (报警程序)");
  run->add_flag("--once", o->once, "look once, then end; exit code 3: violations");
  run->callback([=] {
    MonitorRun monitor(session, *o);
    *result = Finish(monitor.Run());
    if (monitor.violated()) *result = kLogAtFault;
  });
}

}  // namespace birthseal::cli
