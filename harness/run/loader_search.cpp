#include "harness/run/loader_search.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

namespace lab {
namespace {

// The cache's layout, glibc sysdeps/generic/dl-cache.h: header, entries, strings. Offsets of
// strings count from the header. An older header may precede it; glibc 2.32 and later write only
// this one.
constexpr std::string_view kCacheMagic = "glibc-ld.so.cache1.1";

struct CacheHeader {
  char magic[20];
  std::uint32_t entries_count;
  std::uint32_t strings_bytes;
  std::uint32_t unused[5];
};

struct CacheEntry {
  std::int32_t flags;
  std::uint32_t name_offset;
  std::uint32_t path_offset;
  std::uint32_t os_version;
  std::uint64_t hwcap;
};

std::string_view string_at(std::string_view bytes, std::uint32_t offset) {
  if (offset >= bytes.size()) return {};
  const std::size_t end = bytes.find('\0', offset);
  return end == bytes.npos ? std::string_view{} : bytes.substr(offset, end - offset);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<std::string> loader_folders() {
  void* self = dlopen(nullptr, RTLD_NOW | RTLD_NOLOAD);
  Dl_serinfo size{};
  if (self == nullptr || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0) return {};
  const auto storage = std::make_unique<char[]>(size.dls_size);
  auto* info = reinterpret_cast<Dl_serinfo*>(storage.get());
  std::vector<std::string> folders;
  if (dlinfo(self, RTLD_DI_SERINFOSIZE, info) == 0 && dlinfo(self, RTLD_DI_SERINFO, info) == 0)
    for (unsigned i = 0; i < info->dls_cnt; ++i)
      folders.emplace_back(info->dls_serpath[i].dls_name);
  dlclose(self);
  return folders;
}

std::vector<std::string> cached_paths(std::string_view cache, std::string_view name) {
  const std::size_t start = cache.find(kCacheMagic);
  if (start == cache.npos || cache.size() - start < sizeof(CacheHeader)) return {};
  cache.remove_prefix(start);
  CacheHeader header;
  std::memcpy(&header, cache.data(), sizeof header);
  std::vector<std::string> paths;
  for (std::uint64_t i = 0; i < header.entries_count; ++i) {
    const std::uint64_t offset = sizeof header + i * sizeof(CacheEntry);
    if (offset + sizeof(CacheEntry) > cache.size()) break;
    CacheEntry entry;
    std::memcpy(&entry, cache.data() + offset, sizeof entry);
    const std::string_view path = string_at(cache, entry.path_offset);
    if (!path.empty() && string_at(cache, entry.name_offset) == name) paths.emplace_back(path);
  }
  return paths;
}

bool is_native_elf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ifstream self("/proc/self/exe", std::ios::binary);
  ElfW(Ehdr) theirs{}, ours{};
  file.read(reinterpret_cast<char*>(&theirs), sizeof theirs);
  self.read(reinterpret_cast<char*>(&ours), sizeof ours);
  return file && self && std::memcmp(theirs.e_ident, ELFMAG, SELFMAG) == 0 &&
         theirs.e_ident[EI_CLASS] == ours.e_ident[EI_CLASS] && theirs.e_machine == ours.e_machine;
}

std::vector<std::string> loader_candidates(const std::string& name) {
  std::vector<std::string> paths;
  for (const std::string& folder : loader_folders()) paths.push_back(folder + "/" + name);
  for (std::string& path : cached_paths(read_file("/etc/ld.so.cache"), name))
    paths.push_back(std::move(path));
  std::erase_if(paths, [](const std::string& path) { return !is_native_elf(path); });
  return paths;
}

}  // namespace lab
