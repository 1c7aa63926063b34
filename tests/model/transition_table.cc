// SPDX-License-Identifier: Apache-2.0
#include "tests/model/transition_table.h"

#include <cstdio>
#include <cstdlib>
#include <deque>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/status_macros.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {

absl::StatusOr<TransitionTable> TransitionTable::Read(absl::string_view text) {
  TransitionTable table;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = line.substr(0, line.find('#'));
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.empty()) continue;
    if (words.size() != 4) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": want object, from, event, to"));
    }
    Object& object = table.objects_[words[0]];
    if (object.first.empty()) object.first = words[1];
    object.states.insert({words[1], words[3]});
    object.events.insert(words[2]);
    if (!object.edges[words[1]].emplace(words[2], words[3]).second) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": the edge is there twice"));
    }
  }
  return table;
}

const TransitionTable& TransitionTable::OfRepository() {
  static const TransitionTable* const kTable = [] {
    absl::StatusOr<TransitionTable> table = Read(ReadSource("tests/model/transitions.txt"));
    if (!table.ok()) {
      std::fprintf(stderr, "transitions.txt: %s\n", table.status().ToString().c_str());
      std::abort();
    }
    return new TransitionTable(*std::move(table));
  }();
  return *kTable;
}

std::optional<std::string> TransitionTable::Next(const std::string& object, const std::string& from,
                                                 const std::string& event) const {
  const auto& edges = objects_.at(object).edges;
  const auto state = edges.find(from);
  if (state == edges.end()) return std::nullopt;
  const auto edge = state->second.find(event);
  if (edge == state->second.end()) return std::nullopt;
  return edge->second;
}

std::optional<std::vector<std::string>> TransitionTable::Way(const std::string& object,
                                                             const std::string& from,
                                                             const std::string& to) const {
  const auto& edges = objects_.at(object).edges;
  std::map<std::string, std::vector<std::string>> ways;
  std::deque<std::pair<std::string, std::vector<std::string>>> open = {{from, {}}};
  while (!open.empty()) {
    const auto [state, way] = open.front();
    open.pop_front();
    const auto out = edges.find(state);
    if (out == edges.end()) continue;
    for (const auto& [event, next] : out->second) {
      std::vector<std::string> longer = way;
      longer.push_back(event);
      if (next == to) return longer;
      if (ways.emplace(next, longer).second) open.emplace_back(next, std::move(longer));
    }
  }
  return std::nullopt;
}

}  // namespace birthseal::tests
