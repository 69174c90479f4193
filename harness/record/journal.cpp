#include "harness/record/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include "harness/record/bad_input.h"
#include "harness/record/run_json.h"

namespace lab {

namespace {

constexpr auto kSyncEvery = std::chrono::seconds(1);

// Returns the size of the file up to its last newline: what a killed writer left whole.
off_t whole_size(int fd) {
  off_t size = lseek(fd, 0, SEEK_END);
  char byte = 0;
  while (size > 0 && pread(fd, &byte, 1, size - 1) == 1 && byte != '\n') --size;
  return size;
}

}  // namespace

Journal::Journal(const std::filesystem::path& file)
    : file_(file),
      fd_(open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)),
      synced_(std::chrono::steady_clock::now()) {
  if (fd_ < 0)
    throw BadInput("cannot write " + file.string() + ": " + strerror(errno) +
                   "; choose another folder with --out");
  const off_t whole = whole_size(fd_);
  if (whole != lseek(fd_, 0, SEEK_END) && ftruncate(fd_, whole) != 0)
    throw BadInput("cannot repair the end of " + file.string() + ": " + strerror(errno));
}

Journal::~Journal() {
  fsync(fd_);
  close(fd_);
}

void Journal::append(const RunRecord& record) { write_line(to_line(record)); }

void Journal::supersede(const std::string& run) {
  write_line(Json{{"run", run}, {"status", "superseded"}, {"by", "resume"}}.dump());
}

void Journal::write_line(std::string line) {
  line += '\n';
  const off_t before = lseek(fd_, 0, SEEK_END);
  const ssize_t written = write(fd_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    const std::string cause = written < 0 ? strerror(errno) : "disk full";
    if (ftruncate(fd_, before) != 0) fsync(fd_);
    throw ResultLost("writing " + file_.string() + ": " + cause +
                     "; the runs before are safe: make room, then continue with --resume " +
                     file_.parent_path().string());
  }
  if (std::chrono::steady_clock::now() - synced_ >= kSyncEvery) sync();
}

void Journal::sync() {
  fdatasync(fd_);
  synced_ = std::chrono::steady_clock::now();
}

JournalContent read_journal(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw BadInput("cannot read " + file.string() + ": " + strerror(errno));
  JournalContent content;
  std::unordered_set<std::string> superseded;
  std::string line;
  while (std::getline(stream, line)) {
    if (stream.eof()) {  // no newline behind it: the writer was killed
      content.torn = true;
      break;
    }
    ++content.lines;
    try {
      const Json object = Json::parse(line);
      if (object.at("status") == "superseded") superseded.insert(object.at("run"));
      else content.runs.push_back(run_from(object));
    } catch (const std::exception& error) {
      throw BadInput(file.string() + ", line " + std::to_string(content.lines) +
                     " is not a run: " + error.what());
    }
  }
  std::erase_if(content.runs, [&](const RunRecord& run) { return superseded.contains(run.run); });
  return content;
}

}  // namespace lab
