// What the catalogue says of itself, as the manifest stores it: experiments with their views, and the
// metric registry. Scripts draw and decide from this alone.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "harness/contract/allocator.h"
#include "harness/contract/experiment.h"

namespace lab {

nlohmann::ordered_json to_json(const Experiment& experiment);

// Metric name to description: what is sampled, what these experiments observe, and what the
// allocators tell.
nlohmann::ordered_json metric_registry(std::span<const Experiment* const> experiments,
                                       std::span<const Allocator* const> allocators);

}  // namespace lab
