// SPDX-License-Identifier: Apache-2.0
// birthseal-connect: hospital messages in, verdicts of the service out.
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "certs/clock.h"
#include "certs/version.h"
#include "clients/connect/config.h"
#include "clients/connect/hl7_intake.h"
#include "clients/connect/mllp/listener.h"
#include "clients/connect/service_link.h"

namespace birthseal::connect {
namespace {

class SystemClock : public certs::Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// 78 when the configuration or what it names is wrong, and a new start does not help; else 75.
int Fail(const absl::Status& status) {
  std::fprintf(stderr, "birthseal-connect: %s\n", std::string(status.message()).c_str());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? EX_CONFIG : EX_TEMPFAIL;
}

// Written whole and then renamed, so that a reader never sees half a number.
bool WritePort(const std::string& path, uint16_t port) {
  if (path.empty()) return true;
  const std::string fresh = path + ".new";
  std::ofstream(fresh) << port << "\n";
  return std::rename(fresh.c_str(), path.c_str()) == 0;
}

// Before any thread starts, so that only the wait at the end of Run takes them.
sigset_t BlockStopSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  return stop;
}

// `gave_up` is set before the process is told to stop because of it.
mllp::ListenerOptions OptionsOf(const v1::ConnectConfig::MllpListener& wanted,
                                std::atomic<bool>* gave_up) {
  mllp::ListenerOptions listen = ListenerOf(wanted);
  listen.log = [](const std::string& line) {
    std::fprintf(stderr, "birthseal-connect: %s\n", line.c_str());
  };
  listen.gave_up = [gave_up] {
    *gave_up = true;
    kill(getpid(), SIGTERM);
  };
  return listen;
}

int Run(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Fail(absl::NotFoundError("cannot read the configuration file " + path));
  auto config = ParseConfig(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!config.ok()) return Fail(config.status());
  auto options =
      client::OptionsFromDirectory(config->service(), config->tls_directory(), config->tls_role());
  if (!options.ok()) return Fail(options.status());

  const sigset_t stop = BlockStopSignals();
  std::atomic<bool> gave_up{false};  // a listener has
  SystemClock clock;
  ServiceLink link(*options);
  std::vector<std::unique_ptr<Hl7Intake>> intakes;
  std::vector<std::unique_ptr<mllp::Listener>> listeners;
  for (const auto& wanted : config->mllp()) {
    intakes.push_back(
        std::make_unique<Hl7Intake>(SenderOf(wanted), CharsetOf(wanted), &link, &clock));
    const mllp::ListenerOptions listen = OptionsOf(wanted, &gave_up);
    auto listener = mllp::Listener::Start(
        listen,
        [intake = intakes.back().get()](const std::string& m) { return intake->Answer(m); });
    if (!listener.ok()) return Fail(listener.status());
    if (!WritePort(wanted.port_file(), (*listener)->port())) {
      return Fail(absl::UnavailableError("cannot write " + wanted.port_file()));
    }
    std::fprintf(stderr, "birthseal-connect: MLLP for %s on %s:%d\n",
                 wanted.facility_code().c_str(), listen.address.c_str(), (*listener)->port());
    listeners.push_back(*std::move(listener));
  }
  int signal = 0;
  sigwait(&stop, &signal);
  return gave_up ? EX_TEMPFAIL : 0;
}

int ParseAndRun(int argc, char** argv) {
  CLI::App app{"Hospital connectors of Birthseal (医院接口): HL7 v2 over MLLP"};
  app.set_version_flag("--version", birthseal::certs::VersionText("birthseal-connect"));
  std::string config;
  app.add_option("--config", config, "configuration file, textproto (deploy/config)")->required();
  CLI11_PARSE(app, argc, argv);
  return Run(config);
}

}  // namespace
}  // namespace birthseal::connect

int main(int argc, char** argv) {
  try {
    return birthseal::connect::ParseAndRun(argc, argv);
  } catch (const std::exception& error) {  // two options of one name, no memory
    std::fprintf(stderr, "birthseal-connect: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
