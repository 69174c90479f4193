#include "harness/cli/describe_command.h"

#include <cstdio>

#include "harness/record/catalogue_json.h"
#include "harness/run/planner.h"

namespace lab::cli {

namespace {

using Text = std::string_view;

void print(const char* label, Text text) {
  if (!text.empty())
    std::printf("  %-9s %.*s\n", label, static_cast<int>(text.size()), text.data());
}

void print_axes(const char* title, List<Param> axes) {
  if (axes.empty()) return;
  std::printf("\n  %s\n", title);
  for (const Param& axis : axes) {
    const Text quick = axis.quick.empty() ? axis.smoke : axis.quick;
    std::printf("    %-24.*s %.*s [%.*s]\n      quick: %.*s\n", static_cast<int>(axis.name.size()),
                axis.name.data(), static_cast<int>(axis.meaning.size()), axis.meaning.data(),
                static_cast<int>(axis.unit.size()), axis.unit.data(),
                static_cast<int>(quick.size()), quick.data());
  }
}

std::string joined(List<Text> words) {
  std::string text;
  for (const Text word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

void describe_one(const Experiment& experiment) {
  std::printf("%.*s\n\n", static_cast<int>(experiment.name.size()), experiment.name.data());
  print("question", experiment.question);
  print("method", experiment.method);
  print("family", experiment.family);
  print("phases", joined(experiment.phases));
  print("claims", joined(experiment.claims));
  print_axes("parameters (--set NAME=VALUE,…)", experiment.params);
  print_axes("knobs (--set NAME=VALUE,…; absent: not passed)", experiment.knobs);
  if (!experiment.metrics.empty()) std::printf("\n  observed by the body\n");
  for (const Metric& metric : experiment.metrics)
    std::printf("    %-24.*s %.*s\n", static_cast<int>(metric.name.size()), metric.name.data(),
                static_cast<int>(metric.meaning.size()), metric.meaning.data());
  for (const Search& search : experiment.searches)
    std::printf("\n  search %.*s: bisects %.*s from %lld to %lld, to %lld\n",
                static_cast<int>(search.name.size()), search.name.data(),
                static_cast<int>(search.param.size()), search.param.data(),
                static_cast<long long>(search.low), static_cast<long long>(search.high),
                static_cast<long long>(search.step));
}

}  // namespace

int describe(const std::vector<std::string>& names, bool json) {
  auto list = nlohmann::ordered_json::array();
  for (const std::string& name : names) {
    const Experiment& experiment = experiment_called(name);
    if (json) list.push_back(to_json(experiment));
    else describe_one(experiment);
  }
  if (json) std::printf("%s\n", list.dump(1).c_str());
  return 0;
}

}  // namespace lab::cli
