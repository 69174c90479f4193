// A library whose malloc aborts: preloaded by a test.
#include <cstdlib>

extern "C" {
void* malloc(std::size_t) { std::abort(); }
void* calloc(std::size_t, std::size_t) { std::abort(); }
void* realloc(void*, std::size_t) { std::abort(); }
void free(void*) {}
}
