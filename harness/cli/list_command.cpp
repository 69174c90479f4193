#include "harness/cli/list_command.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/cli/claims_plan.h"
#include "harness/record/catalogue_json.h"
#include "harness/run/planner.h"

namespace lab::cli {

namespace {

using Json = nlohmann::ordered_json;

// Rows of two columns, or objects of `keys`.
struct Listing {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> rows;
  Json objects = Json::array();
};

Listing experiments() {
  Listing listing{"name", "question", {}};
  for (const auto name : experiment_names()) {
    const Experiment& experiment = experiment_called(name);
    listing.rows.emplace_back(name, experiment.question);
    listing.objects.push_back(
        {{"name", name}, {"family", experiment.family}, {"question", experiment.question}});
  }
  return listing;
}

Listing allocators() {
  Listing listing{"name", "library", {}};
  for (const auto name : allocator_names()) {
    auto library = find_library(*find_registered<Allocator>(name));
    identify(library);
    listing.rows.emplace_back(name, library.available ? library.path + "  " + library.origin
                                                      : "not here: " + library.reason);
    listing.objects.push_back(
        {{"name", name},
         {"summary", find_registered<Allocator>(name)->summary},
         {"available", library.available},
         {"path", library.path.empty() ? Json(nullptr) : Json(library.path)},
         {"origin", library.origin.empty() ? Json(nullptr) : Json(library.origin)},
         {"reason", library.reason.empty() ? Json(nullptr) : Json(library.reason)}});
  }
  return listing;
}

Listing claims() {
  Listing listing{"name", "sentence", {}};
  for (const Claim* claim : claims_called({})) {
    listing.rows.emplace_back(claim->id, claim->sentence);
    listing.objects.push_back({{"name", claim->id},
                               {"subject", claim->subject},
                               {"sentence", claim->sentence},
                               {"said_in", claim->said_in},
                               {"allocators", claim->allocators}});
  }
  return listing;
}

Listing metrics() {
  std::vector<const Experiment*> all;
  for (const auto name : experiment_names()) all.push_back(&experiment_called(name));
  std::vector<const Allocator*> every;
  for (const auto name : allocator_names()) every.push_back(find_registered<Allocator>(name));
  Listing listing{"name", "meaning", {}};
  const Json registry = metric_registry(all, every);
  for (const auto& [name, metric] : registry.items()) {
    const std::string meaning = metric.at("meaning");
    listing.rows.emplace_back(name, meaning + " [" + std::string(metric.at("source")) + "]");
    Json object{{"name", name}};
    object.update(metric);
    listing.objects.push_back(object);
  }
  return listing;
}

}  // namespace

int list(const std::string& what, bool json) {
  const Listing listing = what == "allocators" ? allocators()
                          : what == "claims"   ? claims()
                          : what == "metrics"  ? metrics()
                                               : experiments();
  if (json) {
    std::printf("%s\n", listing.objects.dump(1).c_str());
    return 0;
  }
  std::size_t width = 0;
  for (const auto& [name, text] : listing.rows) width = std::max(width, name.size());
  for (const auto& [name, text] : listing.rows)
    std::printf("  %-*s  %s\n", static_cast<int>(width), name.c_str(), text.c_str());
  return 0;
}

}  // namespace lab::cli
