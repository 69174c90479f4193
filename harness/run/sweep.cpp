#include "harness/run/sweep.h"

#include <algorithm>
#include <cstdio>

#include "harness/record/result_folder.h"
#include "harness/record/run_json.h"
#include "harness/run/order.h"
#include "harness/run/planner.h"
#include "harness/run/searcher.h"

namespace lab {

namespace {

const Search& definition_of(const PlannedSearch& planned) {
  for (const Search& search : experiment_called(planned.experiment).searches)
    if (search.name == planned.name) return search;
  throw std::runtime_error("search " + planned.name + " is no longer part of experiment " +
                           planned.experiment);
}

Json to_json(const HistogramRecord& histogram) {
  Json buckets = Json::array();
  for (const auto& [bucket, count] : histogram.buckets)
    buckets.push_back({Histogram::bucket_floor_ns(bucket), count});
  return {{"kind", "histogram"},          {"name", histogram.name},
          {"index", histogram.index},     {"count", histogram.count},
          {"sum_ns", histogram.sum_ns},   {"max_ns", histogram.max_ns},
          {"floor_ns_and_count", buckets}};
}

Json to_json(const TimelineSeries& timeline) {
  Json times = Json::array(), sizes = Json::array(), residents = Json::array(),
       shared = Json::array();
  for (const TimelineSample& sample : timeline.samples) {
    times.push_back(sample.t_ns);
    sizes.push_back(sample.size_bytes);
    residents.push_back(sample.resident_bytes);
    shared.push_back(sample.shared_bytes);
  }
  return {{"kind", "timeline"},   {"every_ms", timeline.every_ms}, {"t_ns", times},
          {"vsz_bytes", sizes},   {"rss_bytes", residents},        {"shared_bytes", shared}};
}

std::string run_id(std::size_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "r%06zu", number);
  return text;
}

}  // namespace

bool SweepOutcome::all_ok() const {
  return complete && std::all_of(by_status.begin(), by_status.end(), [](const auto& entry) {
           return entry.first == Status::ok || entry.second == 0;
         });
}

Sweep::Sweep(std::filesystem::path folder, Manifest& manifest, const std::vector<Arm>& arms,
             std::string environment, const JournalContent& done)
    : folder_(std::move(folder)),
      manifest_(manifest),
      arms_(arms),
      environment_(std::move(environment)),
      done_(done),
      journal_(folder_ / "runs.jsonl"),
      next_run_(done.lines) {
  progress_.planned = manifest.plan.cases.size() * blocks_of_shard(manifest.plan).size();
}

SweepOutcome Sweep::execute(Runner& runner, const OnProgress& on_progress) {
  on_progress_ = on_progress;
  outcome_.complete = execute_blocks(runner) && execute_searches(runner);
  journal_.sync();
  return outcome_;
}

Job Sweep::job_for(const Case& planned) const {
  Job job;
  job.of = &planned;
  job.experiment = &experiment_called(planned.experiment);
  job.arm = &*std::find_if(arms_.begin(), arms_.end(),
                           [&](const Arm& arm) { return arm.name == planned.arm; });
  job.params = planned.params;
  return job;
}

std::vector<Job> Sweep::jobs_of_block(int block) {
  std::vector<Job> jobs;
  int position = 0;
  for (const std::size_t index : order_of_block(manifest_.plan, block)) {
    Job job = job_for(manifest_.plan.cases[index]);
    job.block = block;
    job.position = ++position;
    job.seed = seed_of_block(manifest_.plan, block);
    jobs.push_back(std::move(job));
  }
  // Runs that mostly wait come together, so that they can overlap.
  std::stable_partition(jobs.begin(), jobs.end(),
                        [](const Job& job) { return !job.experiment->mostly_idle; });
  return jobs;
}

bool Sweep::execute_blocks(Runner& runner) {
  std::map<int, std::vector<const RunRecord*>> earlier;
  for (const RunRecord& run : done_.runs)
    if (run.block > 0) earlier[run.block].push_back(&run);
  for (const int block : blocks_of_shard(manifest_.plan)) {
    const auto rows = std::move(earlier[block]);
    earlier.erase(block);  // the parent's memory does not grow with the plan
    if (rows.size() == manifest_.plan.cases.size()) {
      progress_.finished += rows.size();
      for (const RunRecord* run : rows) count(*run);
      continue;
    }
    supersede(rows);
    const auto jobs = jobs_of_block(block);
    if (!runner.run(jobs, [this](FinishedRun&& finished) { store(std::move(finished)); }))
      return false;
  }
  return true;
}

bool Sweep::execute_searches(Runner& runner) {
  std::map<std::string, std::vector<const RunRecord*>> earlier;
  for (const RunRecord& run : done_.runs)
    if (run.search) earlier[run.of.id].push_back(&run);
  const Runner::Sink sink = [this](FinishedRun&& finished) { store(std::move(finished)); };
  std::size_t number = 0;
  for (const PlannedSearch& search : manifest_.plan.searches)
    for (const Case& planned : search.cases) {
      if (number++ % static_cast<std::size_t>(manifest_.plan.shard.count) !=
          static_cast<std::size_t>(manifest_.plan.shard.index - 1))
        continue;
      const auto& probes = earlier[planned.id];
      if (!probes.empty() && search_is_complete(search, probes)) {
        for (const RunRecord* run : probes) count(*run);
        continue;
      }
      supersede(probes);
      Job job = job_for(planned);
      job.seed = seed_of_block(manifest_.plan, 1);
      if (!run_search(runner, search, definition_of(search), job, sink)) return false;
    }
  return true;
}

void Sweep::supersede(const std::vector<const RunRecord*>& runs) {
  for (const RunRecord* run : runs) journal_.supersede(run->run);
}

void Sweep::store(FinishedRun&& finished) {
  RunRecord& record = finished.record;
  record.run = run_id(++next_run_);
  record.environment = environment_;
  note_version(record);
  store_series(finished);
  journal_.append(record);
  count(record);
  if (record.block > 0) ++progress_.finished;
  progress_.last = &record;
  if (on_progress_) on_progress_(progress_);
}

void Sweep::count(const RunRecord& record) {
  ++outcome_.by_status[record.status];
  if (record.status == Status::ok) return;
  auto& problem = outcome_.problems[record.of.experiment + " under " + record.of.arm + " " +
                                    std::string(name_of(record.status))];
  if (problem.runs++ == 0) problem.first_reason = record.reason;
}

void Sweep::note_version(const RunRecord& record) {
  for (AllocatorRecord& allocator : manifest_.allocators)
    if (allocator.arm == record.of.arm && allocator.version.empty())
      allocator.version = record.allocator_version;
}

void Sweep::store_series(const FinishedRun& finished) {
  std::vector<std::string> lines;
  for (const HistogramRecord& histogram : finished.record.histograms)
    lines.push_back(to_json(histogram).dump());
  if (!finished.timeline.samples.empty()) lines.push_back(to_json(finished.timeline).dump());
  int mark = 0;
  for (const std::string& maps : finished.maps)
    lines.push_back(Json{{"kind", "maps"}, {"mark", mark++}, {"text", maps}}.dump());
  if (!lines.empty()) write_series(folder_, finished.record.run, lines);
}

}  // namespace lab
