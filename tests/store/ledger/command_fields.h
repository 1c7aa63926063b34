// SPDX-License-Identifier: Apache-2.0
// The fields of each command by name, all of them: a command that is not here, and one that has
// another number of fields than here, does not compile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/commands.h"

namespace birthseal::tests {

struct CommandField {
  std::string name;
  // An id, a digest, or a list or an optional one that holds some: what is needed unless somebody
  // says otherwise.
  bool is_key = false;
  // Makes it what nobody has said: all zero, empty. Null: there is nothing that could be.
  std::function<void()> blank = nullptr;
};

// They refer to the command, which outlives them.
std::vector<CommandField> FieldsOf(store::Command& command);

}  // namespace birthseal::tests
