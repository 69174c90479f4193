#include "harness/record/result_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/record/bad_input.h"

namespace lab {

namespace fs = std::filesystem;

namespace {

constexpr const char* kChooseAnother = "; choose another folder with --out";

void require_room(const fs::path& folder, std::uint64_t expected_bytes) {
  fs::path existing = fs::absolute(folder);
  while (!fs::exists(existing)) existing = existing.parent_path();
  std::error_code error;
  const auto space = fs::space(existing, error);
  if (!error && space.available < expected_bytes)
    throw BadInput("the disk of " + folder.string() + " has " + std::to_string(space.available >> 20) +
                   " MiB free, this plan needs about " + std::to_string(expected_bytes >> 20) +
                   " MiB" + kChooseAnother);
}

}  // namespace

fs::path make_result_folder(const fs::path& out, const std::string& name, const std::string& stamp,
                            std::uint64_t expected_bytes) {
  fs::path folder = out;
  if (folder.empty()) {
    folder = fs::path("results") / (stamp + "-" + name);
    for (int copy = 2; fs::exists(folder); ++copy)
      folder = fs::path("results") / (stamp + "-" + name + "-" + std::to_string(copy));
  }
  if (fs::exists(folder / "manifest.json") || fs::exists(folder / "runs.jsonl"))
    throw BadInput(folder.string() + " holds a result already; continue it with --resume " +
                   folder.string() + ", or choose another folder with --out");
  require_room(folder, expected_bytes);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw BadInput("cannot make " + folder.string() + ": " + error.message() + kChooseAnother);
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw BadInput("cannot write to " + folder.string() + ": " + strerror(errno) + kChooseAnother);
  return folder;
}

FileDescriptor claim_result(const std::filesystem::path& folder, bool begin) {
  const int flags = O_WRONLY | O_CLOEXEC | (begin ? O_CREAT : 0);
  FileDescriptor journal(open((folder / "runs.jsonl").c_str(), flags, 0644));
  if (journal && flock(journal.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw BadInput(folder.string() + ": another alloclab is writing there; wait for it, or end it");
  return journal;
}

void point_latest_at(const fs::path& folder) {
  const fs::path results = fs::absolute(folder).parent_path();
  if (results.filename() != "results") return;
  std::error_code ignored;  // a convenience: a file system without links is no reason to stop
  const fs::path fresh = results / ("latest." + std::to_string(getpid()));
  fs::create_symlink(fs::absolute(folder).filename(), fresh, ignored);
  fs::rename(fresh, results / "latest", ignored);
}

void write_series(const fs::path& folder, const std::string& run,
                  const std::vector<std::string>& lines) {
  const fs::path file = folder / "series" / (run + ".jsonl");
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  std::ofstream stream(file, std::ios::trunc);
  for (const std::string& line : lines) stream << line << '\n';
  stream.close();
  if (!stream)
    throw ResultLost("writing " + file.string() + ": " + strerror(errno) +
                     "; the runs before are safe: make room, then continue with --resume " +
                     folder.string());
}

}  // namespace lab
