// A library for dlopen that allocates while it is loaded, keeps thread-local blocks, and frees both
// when it is unloaded.
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

const std::vector<std::string> loaded_texts(100, std::string(200, 'p'));
thread_local std::string thread_text(500, 't');

}  // namespace

extern "C" {

bool plugin_is_intact() {
  for (const std::string& text : loaded_texts)
    if (text != std::string(200, 'p')) return false;
  return thread_text == std::string(500, 't');
}

void* plugin_allocate(std::size_t bytes) { return std::malloc(bytes); }

void plugin_free(void* block) { std::free(block); }
}
