// SPDX-License-Identifier: Apache-2.0
// What all command groups of `birthseal` share: options, connection, output.
//
// Human text goes to standard output, progress and errors to standard error. With --json what is
// printed is JSON: the answer of the service, or, where a command says what itself has found
// (unique --trust, verify --trust, audit, witness, monitor), an object of its own. `preview` then
// prints nothing, `download` the Certificate alone; `case` and `admin summary` always print JSON.
// Exit: 0 done, 1 refused or failed, 2 USAGE: wrong options, or a JSON or textproto file that does
// not parse, 3 of witness, monitor and audit: the log is at fault.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"

namespace CLI {
class App;
}

namespace birthseal::cli {

struct Globals {
  std::string server = "127.0.0.1:7443";
  std::string tls_directory = "tls";
  std::string role;
  bool json = false;
  int timeout_seconds = 60;  // of one call, its retries included
};

class Session {
 public:
  explicit Session(const Globals* globals) : globals_(globals) {}
  bool json() const { return globals_->json; }
  // Connects on first use. Errors: kNotFound names the key file that is missing.
  absl::StatusOr<client::Client*> Client();
  absl::StatusOr<client::ClientOptions> Options() const;

 private:
  const Globals* globals_;
  std::unique_ptr<client::Client> client_;
};

// Prints `message` as JSON; bytes fields are base64, as protobuf's JSON mapping says.
void PrintJson(const google::protobuf::Message& message);
// A whole file; path "-": standard input. What gives its bytes only once, standard input or a pipe,
// is read once and remembered: whoever names it again gets the same bytes, never none.
// One thread. Errors: "FILE", kNotFound it is not there, kUnavailable it cannot be read to its end.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Reads a JSON (or, with the ending .textproto, text) file into `message`. Unknown fields are an
// error. Errors: those of ReadFile; kInvalidArgument names file and place.
absl::Status ReadMessage(const std::string& path, google::protobuf::Message* message);
// The same of `text`, which was read from `path`.
absl::Status ParseMessage(const std::string& path, const std::string& text,
                          google::protobuf::Message* message);
absl::Status WriteFile(const std::string& path, absl::string_view bytes);
// Exit code: 0, 2 for "USAGE", 1 for any other error; an error is printed with its reason code, and
// its Chinese text when it has one.
int Finish(const absl::Status& status);

std::string Hex(absl::string_view bytes);
// Hex as people see ids, or base64 as --json prints them. Errors: kInvalidArgument.
absl::StatusOr<std::string> FromHex(absl::string_view text, size_t bytes);
std::string RandomRequestId();

// "done/total" on a terminal's standard error while long work runs.
class Progress {
 public:
  Progress(std::string what, size_t total);
  ~Progress();
  void Step();

 private:
  std::string what_;
  size_t total_, done_ = 0;
  bool terminal_;
};

// Each group adds its commands; `result` receives the exit code of the one that ran.
void AddHospitalCommands(CLI::App* app, Session* session, int* result);
void AddIssuingCommands(CLI::App* app, Session* session, int* result);
void AddSharingCommands(CLI::App* app, Session* session, int* result);
void AddVerificationCommands(CLI::App* app, Session* session, int* result);
void AddReceiptCommands(CLI::App* app, Session* session, int* result);
void AddAdminCommands(CLI::App* app, Session* session, int* result);
void AddAuditCommands(CLI::App* app, Session* session, int* result);
// Adds to the group of AddAuditCommands, which comes before.
void AddTileCommands(CLI::App* app, Session* session, int* result);
void AddWitnessCommands(CLI::App* app, Session* session, int* result);
void AddMonitorCommands(CLI::App* app, Session* session, int* result);

}  // namespace birthseal::cli
