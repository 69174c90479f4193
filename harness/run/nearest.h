// The valid name nearest to a mistyped one, for error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lab {

// Returns " (did you mean 'x'?)" for the nearest of `names` by edit distance, or an empty text when
// none is near.
std::string did_you_mean(std::string_view given, std::span<const std::string_view> names);

}  // namespace lab
