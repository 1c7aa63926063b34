// SPDX-License-Identifier: Apache-2.0
// birthseal: the command line for hospitals, institutions, platforms, police and administrators.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "certs/version.h"
#include "clients/birthseal/cli.h"

namespace {

using namespace birthseal::cli;  // NOLINT(google-build-using-namespace): main only wires

int Run(int argc, char** argv) {
  CLI::App app{"Birthseal (出生医学证明电子证照): issue, share and verify birth certificates"};
  app.set_version_flag("--version", birthseal::certs::VersionText("birthseal"));
  app.require_subcommand(1);
  app.fallthrough();  // --role and the like may also follow the command
  Globals globals;
  app.add_option("--server", globals.server, "host:port of birthseald")
      ->envname("BIRTHSEAL_SERVER");
  app.add_option("--tls", globals.tls_directory, "directory with ca.pem and <role>.pem/.key")
      ->envname("BIRTHSEAL_TLS");
  app.add_option("--role", globals.role, "name of your key pair")->envname("BIRTHSEAL_ROLE");
  app.add_option("--timeout", globals.timeout_seconds, "seconds a call may take, retries included")
      ->check(CLI::PositiveNumber);
  app.add_flag("--json", globals.json, "print the answer as JSON");

  Session session(&globals);
  int result = 0;
  AddHospitalCommands(&app, &session, &result);
  AddIssuingCommands(&app, &session, &result);
  AddSharingCommands(&app, &session, &result);
  AddVerificationCommands(&app, &session, &result);
  AddReceiptCommands(&app, &session, &result);
  AddAdminCommands(&app, &session, &result);
  AddAuditCommands(&app, &session, &result);
  AddTileCommands(&app, &session, &result);
  AddWitnessCommands(&app, &session, &result);
  AddMonitorCommands(&app, &session, &result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {  // two options of one name, no memory
    std::fprintf(stderr, "birthseal: %s\n", error.what());
    return 1;
  }
}
