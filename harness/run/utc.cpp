#include "harness/run/utc.h"

#include <time.h>

#include <cstdio>

namespace lab {

namespace {

std::string format_now(const char* format, timespec& now) {
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts;
  gmtime_r(&now.tv_sec, &parts);
  char text[64];
  strftime(text, sizeof text, format, &parts);
  return text;
}

}  // namespace

std::string utc_now() {
  timespec now;
  const std::string seconds = format_now("%Y-%m-%dT%H:%M:%S", now);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(now.tv_nsec / 1'000'000));
  return seconds + fraction;
}

std::string utc_stamp() {
  timespec now;
  return format_now("%Y%m%dT%H%M%SZ", now);
}

}  // namespace lab
