#include "knobs.h"

#include <string.h>
#include <unistd.h>

#include "message.h"

namespace reference {

constinit Knobs knobs;

namespace {

constexpr std::size_t kMinMmapThresholdBytes = 4096;

// Parses digits with an optional suffix k, m or g. Returns false on anything else or on overflow.
bool parse_bytes(const char* text, std::uint64_t& value) {
  if (*text < '0' || *text > '9') return false;
  value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) {
    if (__builtin_mul_overflow(value, 10u, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<unsigned>(*text - '0'), &value)) return false;
  }
  const char suffix = static_cast<char>(*text | 0x20);
  const unsigned shift = suffix == 'k' ? 10 : suffix == 'm' ? 20 : suffix == 'g' ? 30 : 0;
  if (shift != 0) ++text;
  return *text == '\0' && !__builtin_mul_overflow(value, std::uint64_t{1} << shift, &value);
}

bool parse_size(const char* text, std::size_t& into) {
  std::uint64_t value;
  if (!parse_bytes(text, value)) return false;
  into = value;
  return true;
}

bool parse_mmap_threshold(const char* text, Knobs& into) {
  into.mmap_threshold_adapts = strcmp(text, "adaptive") == 0;
  if (into.mmap_threshold_adapts) return true;
  if (!parse_size(text, into.mmap_threshold_bytes)) return false;
  if (into.mmap_threshold_bytes < kMinMmapThresholdBytes)
    into.mmap_threshold_bytes = kMinMmapThresholdBytes;
  return true;
}

bool parse_trim_threshold(const char* text, Knobs& into) {
  return parse_size(text, into.trim_threshold_bytes);
}

bool parse_thread_cache(const char* text, Knobs& into) {
  return parse_size(text, into.thread_cache_bytes);
}

// "never", "250" or "250ms" (milliseconds), "40ticks".
bool parse_purge_delay(const char* text, Knobs& into) {
  into.purge_clock = Clock::milliseconds;
  into.purge_delay = Knobs::kNever;
  if (strcmp(text, "never") == 0) return true;
  char digits[24] = {};
  const std::size_t length = strspn(text, "0123456789");
  if (length >= sizeof digits) return false;
  memcpy(digits, text, length);
  const char* unit = text + length;
  if (strcmp(unit, "ticks") == 0) into.purge_clock = Clock::ticks;
  else if (*unit != '\0' && strcmp(unit, "ms") != 0) return false;
  return parse_bytes(digits, into.purge_delay);
}

bool parse_source(const char* text, Knobs& into) {
  into.source = strcmp(text, "brk") == 0 ? Source::brk : Source::mmap;
  return into.source == Source::brk || strcmp(text, "mmap") == 0;
}

bool parse_flag(const char* text, int limit, int& into) {
  if (text[0] < '0' || text[0] > '0' + limit || text[1] != '\0') return false;
  into = text[0] - '0';
  return true;
}

bool parse_huge_pages(const char* text, Knobs& into) {
  int flag;
  if (!parse_flag(text, 1, flag)) return false;
  into.huge_pages = flag != 0;
  return true;
}

bool parse_check(const char* text, Knobs& into) { return parse_flag(text, 2, into.check_level); }

struct Parser {
  const char* name;
  bool (*parse)(const char* text, Knobs& into);
  const char* complaint;
};

constexpr Parser kParsers[] = {
    {"MMAP_THRESHOLD", parse_mmap_threshold,
     "ALLOCLAB_MMAP_THRESHOLD ignored: want \"adaptive\" or bytes (k, m, g)"},
    {"TRIM_THRESHOLD", parse_trim_threshold,
     "ALLOCLAB_TRIM_THRESHOLD ignored: want bytes (k, m, g)"},
    {"PURGE_DELAY", parse_purge_delay,
     "ALLOCLAB_PURGE_DELAY ignored: want \"never\", 250ms or 40ticks"},
    {"THREAD_CACHE", parse_thread_cache, "ALLOCLAB_THREAD_CACHE ignored: want bytes (k, m, g)"},
    {"SOURCE", parse_source, "ALLOCLAB_SOURCE ignored: want \"mmap\" or \"brk\""},
    {"HUGE_PAGES", parse_huge_pages, "ALLOCLAB_HUGE_PAGES ignored: want 0 or 1"},
    {"CHECK", parse_check, "ALLOCLAB_CHECK ignored: want 0, 1 or 2"},
};

void apply(const char* setting, Knobs& into) {
  for (const Parser& parser : kParsers) {
    const std::size_t length = strlen(parser.name);
    if (strncmp(setting, parser.name, length) != 0 || setting[length] != '=') continue;
    Knobs changed = into;
    if (parser.parse(setting + length + 1, changed)) into = changed;
    else warn(parser.complaint);
  }
}

}  // namespace

void read_knobs(char** environment, Knobs& into) {
  constexpr char kPrefix[] = "ALLOCLAB_";
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (strncmp(*environment, kPrefix, sizeof kPrefix - 1) == 0)
      apply(*environment + sizeof kPrefix - 1, into);
  }
}

void load_knobs() { read_knobs(environ, knobs); }

}  // namespace reference
