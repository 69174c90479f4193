#include "harness/cli/claims_command.h"

#include "harness/record/bad_input.h"

namespace lab::cli {

int claims(const Options&) { throw BadInput("claims: being built"); }

}  // namespace lab::cli
