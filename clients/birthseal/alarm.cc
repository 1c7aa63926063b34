// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/alarm.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace birthseal::cli {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

void PrintEvent(bool json, absl::string_view text,
                const std::vector<std::pair<std::string, std::string>>& fields) {
  if (!json) {
    std::printf("%s\n", std::string(text).c_str());
  } else {
    google::protobuf::Struct object;
    for (const auto& [name, value] : fields) {
      (*object.mutable_fields())[name].set_string_value(value);
    }
    std::string line;
    (void)google::protobuf::util::MessageToJsonString(object, &line);
    std::printf("%s\n", line.c_str());
  }
  std::fflush(stdout);
}

void RunAlarm(const std::string& command, const std::string& reason, const std::string& text) {
  if (command.empty()) return;
  std::string words[] = {command, reason, text};
  char* const argv[] = {&words[0][0], &words[1][0], &words[2][0], nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, command.c_str(), nullptr, nullptr, argv, environ);
  if (error != 0) {
    std::fprintf(stderr, "birthseal: the alarm command %s cannot run: %s\n", command.c_str(),
                 std::strerror(error));
    return;
  }
  int state = 0;
  const absl::Time until = absl::Now() + kPatience;
  while (waitpid(child, &state, WNOHANG) == 0) {
    if (absl::Now() > until) {
      std::fprintf(stderr, "birthseal: the alarm command does not end, going on without it\n");
      return;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    std::fprintf(stderr, "birthseal: the alarm command failed\n");
  }
}

}  // namespace birthseal::cli
