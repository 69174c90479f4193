#include "harness/run/proof.h"

#include <unistd.h>

#include <string_view>

namespace lab {

namespace {

constexpr std::string_view kMustServe[] = {"malloc", "free", "calloc", "realloc"};

bool must_serve(std::string_view function) {
  for (const auto name : kMustServe)
    if (name == function) return true;
  return false;
}

std::string why_not(const protocol::SharedPages& pages, const Arm& arm) {
  if (pages.secure) return "the program runs in secure mode (setuid), where the loader ignores preloads";
  if (arm.library.preload && access(arm.library.path.c_str(), R_OK) != 0)
    return "there is no such library: the loader ignored the preload";
  return "the loader did not put it in force";
}

}  // namespace

ProofOutcome check_proof(const protocol::SharedPages& pages, const Arm& arm) {
  ProofOutcome outcome;
  const std::string& wanted = arm.library.path;
  for (std::size_t i = 0; i < protocol::kProvenCount; ++i) {
    const std::string function = protocol::kProvenFunctions[i];
    const std::string server = pages.serving[i];
    outcome.serving[function] = server;
    if (server == wanted) continue;
    const std::string found =
        function + " is served by " + (server.empty() ? "nobody" : server) + ", not " + wanted;
    if (must_serve(function) && outcome.problem.empty())
      outcome.problem = found + ": " + why_not(pages, arm);
    else if (!must_serve(function))
      outcome.warnings.push_back(found);
  }
  return outcome;
}

}  // namespace lab
