#include "server/services.h"

namespace birthseal::server {

const certs::Profile* ProfileSet::Find(absl::string_view name) const {
  const auto found = by_name.find(name.empty() ? default_name : std::string(name));
  return found == by_name.end() ? nullptr : &found->second;
}

}  // namespace birthseal::server
