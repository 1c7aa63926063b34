// SPDX-License-Identifier: Apache-2.0
// transitions.txt, read: the lawful transitions of every object of the issuing cycle.
//
// Immutable after Read; thread-safe. States and events are the words of the file.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::tests {

class TransitionTable {
 public:
  // Errors: kInvalidArgument with the line.
  static absl::StatusOr<TransitionTable> Read(absl::string_view text);
  // That of the repository; a failure ends the test program.
  static const TransitionTable& OfRepository();

  // Where the event leads; nothing: the table has no such edge.
  std::optional<std::string> Next(const std::string& object, const std::string& from,
                                  const std::string& event) const;
  // The events of the shortest way from one state to another, one edge at least; nothing: no way.
  std::optional<std::vector<std::string>> Way(const std::string& object, const std::string& from,
                                              const std::string& to) const;
  // The state of an object that nothing is known of.
  const std::string& First(const std::string& object) const { return objects_.at(object).first; }
  const std::set<std::string>& States(const std::string& object) const {
    return objects_.at(object).states;
  }
  const std::set<std::string>& Events(const std::string& object) const {
    return objects_.at(object).events;
  }

 private:
  struct Object {
    std::string first;
    std::set<std::string> states, events;
    std::map<std::string, std::map<std::string, std::string>> edges;  // from, event, to
  };
  std::map<std::string, Object> objects_;
};

}  // namespace birthseal::tests
