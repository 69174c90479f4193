// The current time in UTC as text.
#pragma once

#include <string>

namespace lab {

// "2026-11-20T07:21:17.123Z"
std::string utc_now();
// "20261120T072117Z", for folder names.
std::string utc_stamp();

}  // namespace lab
