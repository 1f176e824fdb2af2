// The commands: what each does to the store, and its reply.
#ifndef EXAMPLES_KV_COMMANDS_H_
#define EXAMPLES_KV_COMMANDS_H_

#include <string>

#include "resp.h"
#include "store.h"

namespace kv {

// What becomes of the connection, or of the server, after a reply.
enum class Afterwards { kGoOn, kEndConnection, kShutDown };

// Executes one request (never empty) and appends its reply to *reply. Changes are staged in the
// store, not committed. Once store->failure() is not ok, changes are answered with an error.
// The request keeps its name and keys, so that it can be executed again after a failed Commit; a
// value may have been moved into the store.
Afterwards Execute(Arguments* request, Store* store, std::string* reply);

}  // namespace kv

#endif  // EXAMPLES_KV_COMMANDS_H_
