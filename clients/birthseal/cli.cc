// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/cli.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::cli {
namespace {

constexpr char kUsage[] = "USAGE";

absl::Status Usage(absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, kUsage, message);
}

absl::StatusOr<std::string> ReadToEnd(std::istream& in, const std::string& path) {
  std::string bytes;
  char block[1 << 16];
  while (in.read(block, sizeof block), in.gcount() > 0) {
    bytes.append(block, static_cast<size_t>(in.gcount()));
  }
  if (in.eof() && !in.bad()) return bytes;
  std::error_code error;
  const bool absent = !std::filesystem::exists(path, error) && !error;
  return certs::Error(absent ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable, "FILE",
                      "cannot read " + path);
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat("line ", line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

}  // namespace

absl::StatusOr<client::ClientOptions> Session::Options() const {
  if (globals_->role.empty()) {
    return Usage(
        "--role is required: the name of your key pair in --tls (DIR/<role>.pem and .key)");
  }
  ASSIGN_OR_RETURN(
      client::ClientOptions options,
      client::OptionsFromDirectory(globals_->server, globals_->tls_directory, globals_->role));
  options.deadline = absl::Seconds(globals_->timeout_seconds);
  return options;
}

absl::StatusOr<client::Client*> Session::Client() {
  if (client_ == nullptr) {
    ASSIGN_OR_RETURN(client::ClientOptions options, Options());
    client_ = std::make_unique<client::Client>(options);
  }
  return client_.get();
}

void PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  std::fputs(json.c_str(), stdout);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  // What gives its bytes only once: standard input and pipes.
  static auto* const read_before = new std::map<std::string, std::string>;
  if (const auto it = read_before->find(path); it != read_before->end()) return it->second;
  std::error_code error;
  const bool once = path == "-" || !std::filesystem::is_regular_file(path, error);
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  ASSIGN_OR_RETURN(std::string bytes, ReadToEnd(path == "-" ? std::cin : file, path));
  if (once) read_before->emplace(path, bytes);
  return bytes;
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kUnavailable, "FILE", "cannot write " + path);
}

absl::Status ReadMessage(const std::string& path, google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseMessage(path, text, message);
}

absl::Status ParseMessage(const std::string& path, const std::string& text,
                          google::protobuf::Message* message) {
  if (absl::EndsWith(path, ".textproto")) {
    google::protobuf::TextFormat::Parser parser;
    FirstError error;
    parser.RecordErrorsTo(&error);
    if (parser.ParseFromString(text, message)) return absl::OkStatus();
    return Usage(absl::StrCat(path, ": ", error.text));
  }
  auto status = google::protobuf::util::JsonStringToMessage(text, message);
  if (status.ok()) return absl::OkStatus();
  return Usage(absl::StrCat(path, ": ", std::string(status.message())));
}

int Finish(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string reason = certs::ReasonOf(status), zh = certs::TextZhOf(status);
  std::fprintf(stderr, "birthseal: %s%s%s\n", std::string(status.message()).c_str(),
               reason.empty() ? "" : " ", reason.empty() ? "" : ("[" + reason + "]").c_str());
  if (!zh.empty()) std::fprintf(stderr, "           %s\n", zh.c_str());
  return reason == kUsage ? 2 : 1;
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

absl::StatusOr<std::string> FromHex(absl::string_view text, size_t bytes) {
  std::string out = absl::HexStringToBytes(text);
  if (out.size() == bytes && absl::BytesToHexString(out) == text) return out;
  if (absl::Base64Unescape(text, &out) && out.size() == bytes) return out;  // as --json prints it
  return Usage(absl::StrCat("not ", bytes, " bytes of lower-case hex or base64: ", text));
}

std::string RandomRequestId() {
  std::random_device random;
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%08x%04x", random(), random() & 0xffff,
                         random() & 0xfff, 0x8000 | (random() & 0x3fff), random(),
                         random() & 0xffff);
}

Progress::Progress(std::string what, size_t total)
    : what_(std::move(what)), total_(total), terminal_(isatty(STDERR_FILENO) != 0 && total > 1) {}

Progress::~Progress() {
  if (terminal_) std::fputc('\n', stderr);
}

void Progress::Step() {
  ++done_;
  if (terminal_) std::fprintf(stderr, "\r%s %zu/%zu", what_.c_str(), done_, total_);
}

}  // namespace birthseal::cli
