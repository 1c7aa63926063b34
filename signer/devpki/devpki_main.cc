// SPDX-License-Identifier: Apache-2.0
// birthseal-devpki: the development PKI as files. deploy/pki/make-dev-pki runs it.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "certs/version.h"
#include "signer/devpki/pki_directory.h"

namespace {

namespace devpki = birthseal::signer::devpki;

int Fail(const absl::Status& status) {
  std::cerr << "birthseal-devpki: " << status.message() << "\n";
  return 1;
}

int Run(int argc, char** argv) {
  CLI::App app("Makes the keys, seals and certificates of a development installation.");
  app.set_version_flag("--version", birthseal::certs::VersionText("birthseal-devpki"));
  devpki::PkiRequest request;
  std::string list;
  std::vector<std::string> operators;
  int64_t now = 0;
  app.add_option("--out", request.directory, "directory to write")->required();
  app.add_option("--institutions", list, "file: code, name, county, kind, separated by tabs")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--operator", operators, "ID, ID:sm2 or ID:p256; may be repeated");
  app.add_option("--log-name", request.log_name, "key name of the log")->capture_default_str();
  app.add_option("--now", now, "current time, seconds since 1970")->required();
  CLI11_PARSE(app, argc, argv);

  std::ifstream in(list, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto institutions = devpki::ParseInstitutions(text);
  if (!institutions.ok()) return Fail(institutions.status());
  request.institutions = *std::move(institutions);
  for (const std::string& name : operators) {
    const auto key = devpki::ParseOperator(name);
    if (!key.ok()) return Fail(key.status());
    request.operators.push_back(*key);
  }
  request.now = absl::FromUnixSeconds(now);
  const absl::Status status = devpki::WritePkiDirectory(request);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {  // two options of one name, no memory
    std::cerr << "birthseal-devpki: " << error.what() << "\n";
    return 1;
  }
}
