#include "knobs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "message.h"

namespace reference {

constinit Knobs knobs;

namespace {

constexpr std::size_t kMinMmapThresholdBytes = 4096;

// Returns what follows the digits; nullptr when there are none or the number is too large.
const char* parse_number(const char* text, std::uint64_t& value) {
  const auto [rest, error] = std::from_chars(text, text + strlen(text), value);
  return error == std::errc() ? rest : nullptr;
}

// The parsers return false on what they do not understand; `into` is then to be thrown away.

// Digits with an optional suffix k, m or g.
template <std::size_t Knobs::*kField>
bool parse_bytes(const char* text, Knobs& into) {
  std::uint64_t value;
  const char* suffix = parse_number(text, value);
  if (suffix == nullptr) return false;
  const char letter = static_cast<char>(*suffix | 0x20);
  const unsigned shift = letter == 'k' ? 10 : letter == 'm' ? 20 : letter == 'g' ? 30 : 0;
  if (shift != 0) ++suffix;
  return *suffix == '\0' &&
         !__builtin_mul_overflow(value, std::uint64_t{1} << shift, &(into.*kField));
}

bool parse_mmap_threshold(const char* text, Knobs& into) {
  into.mmap_threshold_adapts = strcmp(text, "adaptive") == 0;
  if (into.mmap_threshold_adapts) return true;
  const bool valid = parse_bytes<&Knobs::mmap_threshold_bytes>(text, into);
  into.mmap_threshold_bytes = std::max(into.mmap_threshold_bytes, kMinMmapThresholdBytes);
  return valid;
}

// "never", "250" or "250ms" (milliseconds), "40ticks".
bool parse_purge_delay(const char* text, Knobs& into) {
  into.purge_clock = Clock::milliseconds;
  into.purge_delay = Knobs::kNever;
  if (strcmp(text, "never") == 0) return true;
  const char* unit = parse_number(text, into.purge_delay);
  if (unit == nullptr) return false;
  if (strcmp(unit, "ticks") == 0) into.purge_clock = Clock::ticks;
  else if (*unit != '\0' && strcmp(unit, "ms") != 0) return false;
  return true;
}

bool parse_source(const char* text, Knobs& into) {
  into.source = strcmp(text, "brk") == 0 ? Source::brk : Source::mmap;
  return into.source == Source::brk || strcmp(text, "mmap") == 0;
}

// One digit from 0 to kLast.
template <auto kField, char kLast>
bool parse_digit(const char* text, Knobs& into) {
  into.*kField = text[0] - '0';
  return text[0] >= '0' && text[0] <= kLast && text[1] == '\0';
}

struct Knob {
  const char* name;
  bool (*parse)(const char* text, Knobs& into);
  const char* wanted;
};

constexpr Knob kKnobs[] = {
    {"ALLOCLAB_MMAP_THRESHOLD", parse_mmap_threshold, "\"adaptive\" or bytes (k, m, g)"},
    {"ALLOCLAB_TRIM_THRESHOLD", parse_bytes<&Knobs::trim_threshold_bytes>, "bytes (k, m, g)"},
    {"ALLOCLAB_PURGE_DELAY", parse_purge_delay, "\"never\", 250ms or 40ticks"},
    {"ALLOCLAB_THREAD_CACHE", parse_bytes<&Knobs::thread_cache_bytes>, "bytes (k, m, g)"},
    {"ALLOCLAB_SOURCE", parse_source, "\"mmap\" or \"brk\""},
    {"ALLOCLAB_HUGE_PAGES", parse_digit<&Knobs::huge_pages, '1'>, "0 or 1"},
    {"ALLOCLAB_CHECK", parse_digit<&Knobs::check_level, '2'>, "0, 1 or 2"},
};

void complain(const Knob& knob) {
  char text[100];
  snprintf(text, sizeof text, "%s ignored: want %s", knob.name, knob.wanted);
  warn(text);
}

void apply(const char* setting, Knobs& into) {
  for (const Knob& knob : kKnobs) {
    const std::size_t length = strlen(knob.name);
    if (strncmp(setting, knob.name, length) != 0 || setting[length] != '=') continue;
    Knobs changed = into;
    if (knob.parse(setting + length + 1, changed)) into = changed;
    else complain(knob);
  }
}

}  // namespace

void read_knobs(char** environment, Knobs& into) {
  for (; environment != nullptr && *environment != nullptr; ++environment)
    apply(*environment, into);
}

void load_knobs() { read_knobs(environ, knobs); }

}  // namespace reference
