// SPDX-License-Identifier: Apache-2.0
#include "signer/devpki/pki_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "signer/sealing/key_provider.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/note_key.h"

namespace birthseal::signer::devpki {
namespace {

namespace fs = std::filesystem;
using certs::Error;

constexpr const char* kTlsRoles[] = {
    "server",   "admin",          "hospital-a",     "hospital-b",   "connector",
    "issuer-a", "issuer-b",       "managing",       "platform",     "police",
    "auditor",  "witness-police", "witness-health", "witness-audit"};
// Three, of whom two make a quorum.
constexpr const char* kWitnesses[] = {"witness-police", "witness-health", "witness-audit"};
constexpr int kQuorum = 2;

// The files of one development PKI.
class Directory {
 public:
  explicit Directory(std::string root) : root_(std::move(root)) {}

  bool Has(const std::string& name) const { return fs::exists(Path(name)); }

  absl::StatusOr<std::string> Read(const std::string& name) const {
    std::ifstream in(Path(name), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) return Failed("reading", name);
    return bytes;
  }

  // Whole or not at all; secrets are readable by the owner alone.
  absl::Status Write(const std::string& name, absl::string_view bytes, bool secret) const {
    std::error_code error;
    fs::create_directories(fs::path(Path(name)).parent_path(), error);
    const std::string temporary = Path(name) + ".new";
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (secret) ::chmod(temporary.c_str(), 0600);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return Failed("writing", name);
    fs::rename(temporary, Path(name), error);
    return error ? Failed("writing", name) : absl::OkStatus();
  }

 private:
  std::string Path(const std::string& name) const { return absl::StrCat(root_, "/", name); }
  static absl::Status Failed(absl::string_view what, absl::string_view name) {
    return Error(absl::StatusCode::kInternal, "DEV_PKI_FILE", absl::StrCat(what, " ", name));
  }
  const std::string root_;
};

absl::StatusOr<Identity> LoadIdentity(const Directory& files, const std::string& name) {
  Identity identity;
  ASSIGN_OR_RETURN(const std::string certificate, files.Read(name + ".pem"));
  ASSIGN_OR_RETURN(identity.certificate, CertificateFromPem(certificate));
  ASSIGN_OR_RETURN(const std::string key, files.Read(name + ".key"));
  ASSIGN_OR_RETURN(identity.key, PrivateKey::FromPkcs8(key));
  return identity;
}

absl::Status SaveIdentity(const Directory& files, const std::string& name,
                          const Identity& identity) {
  RETURN_IF_ERROR(files.Write(name + ".key", PrivateKeyPem(*identity.key), true));
  return files.Write(name + ".pem", CertificatePem(identity.certificate), false);
}

absl::StatusOr<Hierarchy> LoadOrMakeHierarchy(const Directory& files, absl::Time now) {
  Hierarchy hierarchy;
  const std::pair<const char*, Identity*> parts[] = {
      {"ca/maker-root", &hierarchy.maker_root},
      {"ca/maker-intermediate", &hierarchy.maker_intermediate},
      {"ca/maker", &hierarchy.maker},
      {"ca/signer-root", &hierarchy.signer_root},
      {"ca/signer-intermediate", &hierarchy.signer_intermediate}};
  if (files.Has("trust/signers.pem")) {  // written last
    for (const auto& [name, identity] : parts) {
      ASSIGN_OR_RETURN(*identity, LoadIdentity(files, name));
    }
    return hierarchy;
  }
  ASSIGN_OR_RETURN(hierarchy, MakeHierarchy(now));
  for (const auto& [name, identity] : parts) {
    RETURN_IF_ERROR(SaveIdentity(files, name, *identity));
  }
  RETURN_IF_ERROR(files.Write("trust/seal-makers.pem", hierarchy.MakersPem(), false));
  RETURN_IF_ERROR(files.Write("trust/signers.pem", hierarchy.SignersPem(), false));
  return hierarchy;
}

absl::Status MakeTls(const Directory& files, absl::Time now) {
  if (!files.Has("tls/ca.pem")) {
    ASSIGN_OR_RETURN(const Identity made, MakeTlsAuthority(now));
    RETURN_IF_ERROR(SaveIdentity(files, "ca/tls", made));
    RETURN_IF_ERROR(files.Write("tls/ca.pem", CertificatePem(made.certificate), false));
  }
  ASSIGN_OR_RETURN(const Identity authority, LoadIdentity(files, "ca/tls"));
  for (const std::string role : kTlsRoles) {
    if (files.Has(absl::StrCat("tls/", role, ".pem"))) continue;
    ASSIGN_OR_RETURN(const Identity identity, MakeTlsIdentity(authority, role, now));
    RETURN_IF_ERROR(SaveIdentity(files, absl::StrCat("tls/", role), identity));
  }
  return absl::OkStatus();
}

absl::Status MakeEd25519(const Directory& files, absl::string_view name) {
  const std::string open = absl::StrCat("trust/", name, ".pem");
  if (files.Has(open)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Ed25519Pem key, MakeEd25519Key());
  RETURN_IF_ERROR(files.Write(absl::StrCat("keys/", name, ".pem"), key.private_key, true));
  return files.Write(open, key.public_key, false);
}

// The log's keys as C2SP tools take them, one line each.
absl::Status MakeVerifierKeys(const Directory& files, const std::string& log_name) {
  if (files.Has("trust/log.vkey")) return absl::OkStatus();
  std::string lines;
  for (const char* name : {"trust/log-ed25519.pem", "trust/log.pem"}) {
    ASSIGN_OR_RETURN(const std::string pem, files.Read(name));
    ASSIGN_OR_RETURN(const std::string key, NoteVkey(log_name, pem, NoteKeyUse::kLog));
    absl::StrAppend(&lines, key, "\n");
  }
  return files.Write("trust/log.vkey", lines, false);
}

absl::Status MakeServiceKeys(const Directory& files) {
  const std::pair<const char*, size_t> secrets[] = {{"keys/kek.hex", 16}, {"keys/index.hex", 32}};
  for (const auto& [name, length] : secrets) {
    if (files.Has(name)) continue;
    RETURN_IF_ERROR(
        files.Write(name, absl::StrCat(absl::BytesToHexString(RandomBytes(length)), "\n"), true));
  }
  const std::pair<const char*, KeyAlgorithm> pairs[] = {{"log", KeyAlgorithm::kSm2},
                                                        {"vrf", KeyAlgorithm::kP256}};
  for (const auto& [name, algorithm] : pairs) {
    if (files.Has(absl::StrCat("trust/", name, ".pem"))) continue;
    const auto key = PrivateKey::Generate(algorithm);
    RETURN_IF_ERROR(files.Write(absl::StrCat("keys/", name, ".pem"), PrivateKeyPem(*key), true));
    RETURN_IF_ERROR(files.Write(absl::StrCat("trust/", name, ".pem"), PublicKeyPem(*key), false));
  }
  return MakeEd25519(files, "log-ed25519");
}

// Keys of witnesses, and the policy that whoever checks a checkpoint offline goes by: textproto,
// fields as in the service's configuration (birthseal.storage.v1.ServerConfig.Witnesses).
absl::Status MakeWitnesses(const Directory& files) {
  std::string policy =
      "# Whose cosignatures count (PEM files beside this one), how many it takes.\n";
  for (const char* name : kWitnesses) {
    RETURN_IF_ERROR(MakeEd25519(files, name));
    absl::StrAppend(&policy, "witness { name: \"", name, "\" public_key_pem: \"", name,
                    ".pem\" }\n");
  }
  if (files.Has("trust/witnesses.textproto")) return absl::OkStatus();
  return files.Write("trust/witnesses.textproto", absl::StrCat(policy, "quorum: ", kQuorum, "\n"),
                     false);
}

absl::Status MakeSeal(const Directory& files, const Hierarchy& hierarchy,
                      const Institution& institution, absl::Time now) {
  const std::string base = absl::StrCat("seals/", institution.code, "/");
  if (files.Has(base + "seal.esl")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string kek_hex, files.Read("keys/kek.hex"));
  const std::string kek = absl::HexStringToBytes(absl::StripAsciiWhitespace(kek_hex));
  ASSIGN_OR_RETURN(const InstitutionIdentity made,
                   MakeInstitutionSeal(hierarchy, institution, now));
  const std::string sealed =
      SealPrivateKey(made.signer.key->DangerouslyExportPkcs8(), institution.code, kek);
  RETURN_IF_ERROR(files.Write(base + "key.sealed", sealed, true));
  RETURN_IF_ERROR(files.Write(base + "signer.pem", CertificatePem(made.signer.certificate), false));
  return files.Write(base + "seal.esl", made.seal, false);  // last: its presence says complete
}

absl::Status MakeOperator(const Directory& files, const OperatorKey& wanted) {
  const std::string base = absl::StrCat("operators/", wanted.id);
  if (files.Has(base + ".pub")) return absl::OkStatus();
  const auto key = PrivateKey::Generate(wanted.algorithm);
  RETURN_IF_ERROR(files.Write(base + ".key", PrivateKeyPem(*key), true));
  return files.Write(base + ".pub", PublicKeyPem(*key), false);
}

}  // namespace

absl::StatusOr<std::vector<Institution>> ParseInstitutions(absl::string_view list) {
  std::vector<Institution> institutions;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(list, '\n')) {
    ++number;
    line = absl::StripSuffix(line, "\r");
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() != 4 || fields[1].empty() ||
        (fields[3] != "first-issue" && fields[3] != "managing") ||
        !certs::CreditCode::Parse(fields[0]).ok()) {
      return Error(absl::StatusCode::kInvalidArgument, "DEV_PKI_LIST",
                   absl::StrCat("list of institutions, line ", number));
    }
    institutions.push_back({fields[0], fields[1], fields[2], fields[3] == "managing"});
  }
  return institutions;
}

absl::StatusOr<OperatorKey> ParseOperator(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  OperatorKey key{std::string(parts.first), KeyAlgorithm::kSm2};
  const bool plain = !key.id.empty() && key.id[0] != '.' &&
                     std::all_of(key.id.begin(), key.id.end(), [](unsigned char c) {
                       return std::isalnum(c) || c == '.' || c == '_' || c == '-';
                     });
  if (!plain || !(parts.second.empty() || parts.second == "sm2" || parts.second == "p256")) {
    return Error(absl::StatusCode::kInvalidArgument, "DEV_PKI_OPERATOR",
                 "an operator is ID, ID:sm2 or ID:p256");
  }
  if (parts.second == "p256") key.algorithm = KeyAlgorithm::kP256;
  return key;
}

absl::Status WritePkiDirectory(const PkiRequest& request) {
  const Directory files(request.directory);
  ASSIGN_OR_RETURN(const Hierarchy hierarchy, LoadOrMakeHierarchy(files, request.now));
  RETURN_IF_ERROR(MakeTls(files, request.now));
  RETURN_IF_ERROR(MakeServiceKeys(files));
  RETURN_IF_ERROR(MakeVerifierKeys(files, request.log_name));
  RETURN_IF_ERROR(MakeWitnesses(files));
  for (const Institution& institution : request.institutions) {
    RETURN_IF_ERROR(MakeSeal(files, hierarchy, institution, request.now));
  }
  for (const OperatorKey& key : request.operators) {
    RETURN_IF_ERROR(MakeOperator(files, key));
  }
  return absl::OkStatus();
}

}  // namespace birthseal::signer::devpki
