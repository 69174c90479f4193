"""A real Slurm on loopback for tests: munged, slurmctld and two slurmd, all started here and ended by id.

Two nodes on one machine share its processors: it shows that shards work, not how fast they are.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch")
CONFIGURATION = """\
ClusterName=alloclab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def missing():
    """Returns the daemons that are not installed here."""
    return [name for name in DAEMONS if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Use as a context manager; `environment` makes Slurm's commands talk to it."""

    def __init__(self, folder, nodes=2):
        self.folder = Path(folder)
        self.host = socket.gethostname().partition(".")[0]
        self.nodes = [f"node{index}" for index in range(1, nodes + 1)]
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
        self.processes = []

    def __enter__(self):
        try:
            self._start_munge()
            self._write_configuration()
            self._spawn("slurmctld", "-D", "-f", self.environment["SLURM_CONF"])
            for node in self.nodes:
                (self.folder / f"spool-{node}").mkdir()
                self._spawn("slurmd", "-D", "-N", node, "-f", self.environment["SLURM_CONF"])
            self._await("all nodes idle", lambda: self.call("sinfo", "-h", "-o", "%t %D").split() == [
                "idle", str(len(self.nodes))])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if len(self.processes) > 1:
            self.call("scancel", "--user=root")
            self._end_of_jobs()
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def call(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False).stdout.strip()

    def logs(self):
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}"
                         for log in sorted(self.folder.glob("*.log")))

    def _start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self._spawn("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                    f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                    f"--seed-file={self.folder}/munged.seed")
        self._await("munge's socket", (self.folder / "munge.socket").exists)

    def _write_configuration(self):
        (self.folder / "state").mkdir()
        nodes = "\n".join(f"NodeName={node} NodeHostname={self.host} NodeAddr=127.0.0.1 Port={free_port()} "
                          f"CPUs={os.cpu_count()} RealMemory=64 State=UNKNOWN" for node in self.nodes)
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(host=self.host, folder=self.folder, control_port=free_port(), nodes=nodes))

    def _end_of_jobs(self, seconds=10):
        """Lets the nodes end what they run: a slurmd that is told to stop leaves its job steps behind."""
        end = time.monotonic() + seconds
        while self.call("squeue", "-h") and time.monotonic() < end:
            time.sleep(0.2)

    def _spawn(self, *command):
        log = open(self.folder / f"{command[0]}-{len(self.processes)}.out.log", "wb")
        self.processes.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                               stderr=subprocess.STDOUT))

    def _await(self, what, holds, seconds=30):
        end = time.monotonic() + seconds
        while not holds():
            dead = [process.args[0] for process in self.processes if process.poll() is not None]
            if dead or time.monotonic() > end:
                raise RuntimeError(f"waiting for {what}: {', '.join(dead) or 'nothing'} ended\n{self.logs()}")
            time.sleep(0.2)
