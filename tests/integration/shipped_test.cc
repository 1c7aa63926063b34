// SPDX-License-Identifier: Apache-2.0
// The shipped units and the shipped configuration fit each other and the programs: what is written
// may be written, what is read can be read, and everything comes up as it is shipped.
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "birthseal/storage/v1/config.pb.h"
#include "birthseal/v1/connect_config.pb.h"
#include "certs/digest.h"
#include "clients/cpp/client.h"
#include "gmock/gmock.h"
#include "signer/devpki/pki_directory.h"
#include "signer/verify/certificate_facts.h"
#include "tests/integration/shipped_machine.h"
#include "tests/support/places.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kServiceConfig[] = "/etc/birthseal/birthseald.textproto";
constexpr char kConnectConfig[] = "/etc/birthseal-connect/birthseal-connect.textproto";

// Every text field of a configuration is here, so that a new one is thought of.
const std::set<std::string> kWritten = {"port_file",
                                        "store.directory",
                                        "store.journal_directory",
                                        "store.backup_directory",
                                        "keys.high_water_file",
                                        "mllp.port_file"};
const std::set<std::string> kRead = {"tls.certificate_pem",
                                     "tls.private_key_pem",
                                     "tls.client_ca_pem",
                                     "keys.seal_directory",
                                     "keys.key_encryption_key_file",
                                     "keys.log_key_pem",
                                     "keys.index_key_file",
                                     "keys.log_ed25519_key_pem",
                                     "keys.vrf_key_pem",
                                     "trust.seal_makers_pem",
                                     "trust.signers_pem",
                                     "trust.time_stamps_pem",
                                     "fonts.value_ttf",
                                     "fonts.title_ttf",
                                     "fonts.rare_ttf",
                                     "profiles",
                                     "bootstrap_clients.certificate_pem",
                                     "witnesses.witness.public_key_pem",
                                     "witnesses.witness.client_pem",
                                     "tls_directory"};
const std::set<std::string> kNoPath = {"listen",
                                       "keys.log_name",
                                       "default_profile",
                                       "bootstrap_clients.organisation_code",
                                       "bootstrap_clients.roles",
                                       "witnesses.witness.name",
                                       "service",
                                       "tls_role",
                                       "mllp.address",
                                       "mllp.facility_code",
                                       "mllp.facility_name",
                                       "mllp.charset",
                                       "mllp.processing_ids"};
const std::set<std::string> kWrittenOptions = {"--state"};
const std::set<std::string> kReadOptions = {"--tls",   "--key",         "--log-key",
                                            "--rules", "--log-ed25519", "--alarm-command"};

std::string Shipped(const std::string& name) { return ReadSource("deploy/config/" + name); }

void ForEachTextField(const Descriptor& type, const std::string& prefix,
                      const std::function<void(const std::string&)>& visit) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string name = prefix + field.name();
    if (field.type() == FieldDescriptor::TYPE_STRING) visit(name);
    if (field.message_type() != nullptr) ForEachTextField(*field.message_type(), name + ".", visit);
  }
}

using VisitText = std::function<void(const std::string& field, const std::string& text)>;

void ForEachText(const Message& message, const std::string& prefix, const VisitText& visit) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = prefix + field->name();
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->message_type() != nullptr) {
        ForEachText(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                         : reflection.GetMessage(message, field),
                    name + ".", visit);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        visit(name, field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                         : reflection.GetString(message, field));
      }
    }
  }
}

void ExpectWritable(const Unit& unit, const std::string& what, const std::string& path) {
  bool writable = false;
  for (const std::string& directory : unit.WritableDirectories()) {
    writable = writable || LiesIn(path, directory);
  }
  EXPECT_TRUE(writable) << what << ": the unit does not let its service write " << path;
}

void ExpectReadable(const Unit& unit, const std::string& what, const std::string& path) {
  for (const std::string& hidden : unit.HiddenDirectories()) {
    EXPECT_FALSE(LiesIn(path, hidden)) << what << ": the unit hides " << path;
  }
}

void ExpectPathsFit(const Unit& unit, const Message& config) {
  const std::string base = fs::path(unit.Option("--config")).parent_path();
  ForEachText(config, "", [&](const std::string& field, const std::string& text) {
    const std::string path = absl::StartsWith(text, "/") ? text : base + "/" + text;
    if (kWritten.count(field) != 0) ExpectWritable(unit, field, path);
    if (kWritten.count(field) != 0 || kRead.count(field) != 0) ExpectReadable(unit, field, path);
  });
}

TEST(ShippedFilesTest, EveryTextOfAConfigurationIsKnownAsAPathOrNot) {
  for (const Descriptor* type :
       {storage::v1::ServerConfig::descriptor(), v1::ConnectConfig::descriptor()}) {
    ForEachTextField(*type, "", [](const std::string& field) {
      EXPECT_EQ(kWritten.count(field) + kRead.count(field) + kNoPath.count(field), 1u)
          << field << ": say whether it is written, read, or no path";
    });
  }
}

TEST(ShippedFilesTest, TheServiceMayWriteAndReadWhatItsConfigurationNames) {
  storage::v1::ServerConfig config;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(Shipped("birthseald.textproto"), &config));
  const Unit unit("birthseald.service");
  EXPECT_EQ(unit.Option("--config"), kServiceConfig);
  ExpectPathsFit(unit, config);
}

TEST(ShippedFilesTest, TheConnectorMayWriteAndReadWhatItsConfigurationNames) {
  v1::ConnectConfig config;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(Shipped("birthseal-connect.textproto"),
                                                            &config));
  const Unit unit("birthseal-connect.service");
  EXPECT_EQ(unit.Option("--config"), kConnectConfig);
  ExpectPathsFit(unit, config);
}

TEST(ShippedFilesTest, WitnessAndMonitorMayWriteAndReadWhatTheirOptionsName) {
  for (const char* name : {"birthseal-witness.service", "birthseal-monitor.service"}) {
    const Unit unit(name);
    const std::vector<std::string> words = unit.Command();
    for (size_t i = 1; i + 1 < words.size(); ++i) {
      if (!absl::StartsWith(words[i + 1], "/")) continue;
      EXPECT_EQ(kWrittenOptions.count(words[i]) + kReadOptions.count(words[i]), 1u)
          << words[i] << ": say whether its path is written or read";
      if (kWrittenOptions.count(words[i]) != 0) ExpectWritable(unit, words[i], words[i + 1]);
      ExpectReadable(unit, words[i], words[i + 1]);
    }
    EXPECT_FALSE(unit.Option("--state").empty()) << name;
  }
}

// A machine with everything installed as deploy/README.md says, and the development PKI.
class ShippedMachineTest : public testing::Test {
 protected:
  void SetUp() override {
    signer::devpki::PkiRequest request;
    request.directory = pki_.path();
    request.now = absl::Now();
    request.institutions = {{"12529901MB0A12342F", "云岭县人民医院", "云岭县", false}};
    ASSERT_OK(signer::devpki::WritePkiDirectory(request));
    for (const char* program : {"server/birthseald", "clients/birthseal/birthseal",
                                "clients/connect/birthseal-connect"}) {
      machine_.InstallProgram(program);
    }
  }
  void InstallService() {
    const std::string etc = "/etc/birthseal/";
    for (const char* folder : {"keys", "trust", "tls"}) Give(folder, etc + folder);
    Give("tls/server.pem", etc + "tls/birthseald.pem");
    Give("tls/server.key", etc + "tls/birthseald.key");
    Give("tls/ca.pem", etc + "tls/clients-ca.pem");
    Give("tls/admin.pem", etc + "tls/administrator.pem");
    Give("seals", "/var/lib/birthseal/seals");
    machine_.Install(absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/deploy/profiles"), etc + "profiles");
    const std::string config = machine_.Rerooted(Shipped("birthseald.textproto"));
    machine_.InstallText(absl::StrReplaceAll(config, {{"0.0.0.0:7443", "127.0.0.1:0"}}),
                         kServiceConfig);
  }
  void StartService() {
    const Unit unit("birthseald.service");
    const size_t check = machine_.Start(unit.Command("ExecStartPre"));
    ASSERT_EQ(machine_.Wait(check, kPatience), 0) << machine_.Output(check);
    service_ = machine_.Start(unit.Command());
    ASSERT_TRUE(machine_.WaitForFile(service_, "/run/birthseal/port", kPatience))
        << machine_.Output(service_);
    ASSERT_TRUE(absl::SimpleAtoi(
        absl::StripSuffix(ReadFile(machine_.At("/run/birthseal/port")), "\n"), &port_));
  }
  // From the development PKI.
  void Give(const std::string& file, const std::string& path) {
    machine_.Install(pki_.Join(file), path);
  }
  void GiveTls(const std::string& folder, const std::string& from, const std::string& role) {
    Give("tls/ca.pem", folder + "/ca.pem");
    Give("tls/" + from + ".pem", folder + "/" + role + ".pem");
    Give("tls/" + from + ".key", folder + "/" + role + ".key");
  }
  client::Client Admin() {
    return client::Client(*client::OptionsFromDirectory(Address(), pki_.Join("tls"), "admin"));
  }
  std::string Address() const { return absl::StrCat("127.0.0.1:", port_); }
  // The command of a unit, to this service and under the names that it knows.
  std::vector<std::string> CommandHere(const Unit& unit) const {
    std::vector<std::string> words = unit.Command();
    for (std::string& word : words) {
      word = absl::StrReplaceAll(
          word, {{"birthseal.example:7443", Address()}, {"witness.example", "witness-police"}});
    }
    return words;
  }

  TempDir pki_;
  Machine machine_;
  size_t service_ = 0;
  int port_ = 0;
};

TEST_F(ShippedMachineTest, TheServiceComesUpServesAndStopsAsItIsShipped) {
  InstallService();
  machine_.Prepare({Unit("birthseald.service")});
  StartService();
  if (HasFatalFailure()) return;
  EXPECT_OK(Admin().GetSummary({}));
  for (const char* path : {"/var/lib/birthseal/store", "/mnt/journal/birthseal",
                           "/var/lib/birthseal-mark/high-water"}) {
    EXPECT_TRUE(fs::exists(machine_.At(path))) << path;
  }
  v1::CreateBackupRequest backup;
  backup.set_name("first");
  EXPECT_OK(Admin().CreateBackup(backup));
  machine_.Terminate(service_);
  EXPECT_EQ(machine_.Wait(service_, kPatience), 0) << machine_.Output(service_);
  EXPECT_FALSE(fs::exists(machine_.At("/run/birthseal/port")));
}

TEST_F(ShippedMachineTest, WitnessAndMonitorFollowTheLogAsTheyAreShipped) {
  const Unit witness("birthseal-witness.service"), monitor("birthseal-monitor.service");
  const std::string at = "/etc/birthseal-witness/", look = "/etc/birthseal-monitor/";
  GiveTls(at + "tls", "witness-police", "witness");
  Give("keys/witness-police.pem", at + "witness.key");
  Give("trust/log.pem", at + "log.pem");
  Give("trust/log-ed25519.pem", at + "log-ed25519.pem");
  GiveTls(look + "tls", "auditor", "auditor");
  Give("trust/log.pem", look + "log.pem");
  machine_.InstallText(Shipped("monitor-rules.textproto"), look + "rules.textproto");
  InstallService();
  machine_.Prepare({Unit("birthseald.service"), witness, monitor});
  StartService();
  if (HasFatalFailure()) return;
  v1::PutClientRequest put;
  put.mutable_client()->set_certificate_sm3(certs::Bytes(
      certs::Sm3Of(*signer::CertificateFromPem(ReadFile(pki_.Join("tls/auditor.pem"))))));
  put.mutable_client()->set_organisation_code("11529901009900179R");
  put.mutable_client()->add_roles(v1::ROLE_AUDITOR);
  put.mutable_client()->set_active(true);
  ASSERT_OK(Admin().PutClient(put));

  const size_t witnessing = machine_.Start(CommandHere(witness));
  EXPECT_TRUE(machine_.WaitForFile(witnessing, witness.Option("--state") + "/state", kPatience))
      << machine_.Output(witnessing);
  const size_t monitoring = machine_.Start(CommandHere(monitor));
  EXPECT_TRUE(machine_.WaitForFile(monitoring, monitor.Option("--state") + "/told", kPatience))
      << machine_.Output(monitoring);
  EXPECT_TRUE(machine_.Running(witnessing)) << machine_.Output(witnessing);
  EXPECT_TRUE(machine_.Running(monitoring)) << machine_.Output(monitoring);
}

TEST_F(ShippedMachineTest, TheConnectorEndsForGoodWhenItsConfigurationIsWrong) {
  const Unit unit("birthseal-connect.service");
  EXPECT_THAT(unit.Words("RestartPreventExitStatus"), testing::Contains("78"));
  // Neither a file, nor a right one, nor the TLS files that a right one names.
  const std::string good = machine_.Rerooted(Shipped("birthseal-connect.textproto"));
  for (const std::string& config : {std::string(), std::string("mllp {"),
                                    absl::StrReplaceAll(good, {{"2575", "99999"}}), good}) {
    if (!config.empty()) machine_.InstallText(config, kConnectConfig);
    machine_.Prepare({unit});
    const size_t connector = machine_.Start(unit.Command());
    EXPECT_EQ(machine_.Wait(connector, kPatience), 78) << config << machine_.Output(connector);
  }
}

TEST_F(ShippedMachineTest, TheConnectorListensAsItIsShipped) {
  const Unit unit("birthseal-connect.service");
  GiveTls("/etc/birthseal-connect/tls", "connector", "connector");
  const std::string config = machine_.Rerooted(Shipped("birthseal-connect.textproto"));
  // A port of its own choice, told in a file where the unit lets it write.
  machine_.InstallText(
      absl::StrReplaceAll(
          config, {{"port: 2575", absl::StrCat("port: 0 port_file: \"",
                                               machine_.At("/run/birthseal-connect/port"), "\"")}}),
      kConnectConfig);
  machine_.Prepare({unit});
  const size_t connector = machine_.Start(unit.Command());
  EXPECT_TRUE(machine_.WaitForFile(connector, "/run/birthseal-connect/port", kPatience))
      << machine_.Output(connector);
  machine_.Terminate(connector);
  EXPECT_EQ(machine_.Wait(connector, kPatience), 0) << machine_.Output(connector);
}

}  // namespace
}  // namespace birthseal::tests
