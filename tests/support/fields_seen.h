// SPDX-License-Identifier: Apache-2.0
// Which fields of messages were ever set: so that a field that no answer carries is noticed.
//
// Not thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace birthseal::tests {

class FieldsSeen {
 public:
  // Everything that is set in `message`, and in what it holds.
  void See(const google::protobuf::Message& message) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    reflection.ListFields(message, &set);
    for (const google::protobuf::FieldDescriptor* field : set) {
      seen_.insert(field->full_name());
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        See(reflection.GetMessage(message, field));
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        See(reflection.GetRepeatedMessage(message, field, i));
      }
    }
  }
  // Full names of fields of `type`, and of what it holds, that were never set.
  std::vector<std::string> NeverSetOf(const google::protobuf::Descriptor* type) const {
    std::vector<std::string> never;
    std::set<const google::protobuf::Descriptor*> visited;
    Collect(type, &visited, &never);
    return never;
  }

 private:
  void Collect(const google::protobuf::Descriptor* type,
               std::set<const google::protobuf::Descriptor*>* visited,
               std::vector<std::string>* never) const {
    const bool ours = absl::StartsWith(type->full_name(), "birthseal.");
    if (!ours || !visited->insert(type).second) return;
    for (int i = 0; i < type->field_count(); ++i) {
      const google::protobuf::FieldDescriptor* field = type->field(i);
      if (seen_.count(field->full_name()) == 0) never->push_back(field->full_name());
      if (field->message_type() != nullptr) Collect(field->message_type(), visited, never);
    }
  }

  std::set<std::string> seen_;
};

}  // namespace birthseal::tests
