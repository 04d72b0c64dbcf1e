package io.faultdisk.daemon;

import io.faultdisk.base.Identifier;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Work that goes on while the one who asked for it does something else; each job has a thread of
 * its own.
 *
 * <p>Any thread; has a lock of its own, which is not held while a job works.
 *
 * <p>Source: states, their order and texts as in QEMU 7.2.
 */
final class Jobs {
  private final News news;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Oldest first. */
  private final List<Job> jobs = new ArrayList<>();

  /** What a job does. */
  interface Work {
    void run() throws UsageException, BlockIoException;
  }

  private static final class Job {
    private final String id;
    private final String type;
    private JobStatus status = JobStatus.CREATED;
    private boolean ended;
    private Optional<String> error = Optional.empty();

    private Job(String id, String type) {
      this.id = id;
      this.type = type;
    }

    private JobInfo info() {
      // A job that creates an image has one step.
      return new JobInfo(id, type, status, ended ? 1 : 0, 1, error);
    }
  }

  Jobs(News news) {
    this.news = news;
  }

  /** Starts one; it is created and running when this returns. */
  void start(String id, String type, Work work) throws UsageException {
    Job job = new Job(id, type);
    lock.lock();
    try {
      if (!Identifier.isWellFormed(id)) {
        throw new UsageException("Invalid job ID '" + id + "'");
      }
      if (find(id).isPresent()) {
        throw new UsageException("Job ID '" + id + "' already in use");
      }
      jobs.add(job);
      tell(job);
      become(job, JobStatus.RUNNING);
    } finally {
      lock.unlock();
    }
    news.run();
    Thread.ofPlatform().daemon().name("job-" + id).start(() -> run(job, work));
  }

  private void run(Job job, Work work) {
    Optional<String> error = Optional.of("internal error");
    try {
      work.run();
      error = Optional.empty();
    } catch (UsageException e) {
      error = Optional.of(e.getMessage());
    } catch (BlockIoException e) {
      error = Optional.of(e.reason());
    } finally {
      end(job, error);
    }
  }

  private void end(Job job, Optional<String> error) {
    lock.lock();
    try {
      job.ended = true;
      job.error = error;
      if (error.isPresent()) {
        become(job, JobStatus.ABORTING);
      } else {
        become(job, JobStatus.WAITING);
        become(job, JobStatus.PENDING);
      }
      become(job, JobStatus.CONCLUDED);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    news.run();
  }

  private void become(Job job, JobStatus status) {
    job.status = status;
    tell(job);
  }

  private void tell(Job job) {
    JobStatus status = job.status;
    news.add(listener -> listener.jobStatusChanged(job.id, status));
  }

  /** All jobs, the newest first. */
  List<JobInfo> list() {
    lock.lock();
    try {
      return jobs.reversed().stream().map(Job::info).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a job that has ended. */
  void dismiss(String id) throws UsageException {
    lock.lock();
    try {
      Job job = existing(id);
      if (job.status != JobStatus.CONCLUDED) {
        throw cannot(job, "dismiss");
      }
      jobs.remove(job);
      become(job, JobStatus.NULL);
    } finally {
      lock.unlock();
    }
    news.run();
  }

  /**
   * Refuses what the jobs that there are do not understand.
   *
   * @param verb {@code cancel}, {@code pause}, {@code resume}, {@code complete} or {@code finalize}
   */
  void refuse(String id, String verb) throws UsageException {
    lock.lock();
    try {
      Job job = existing(id);
      boolean works = job.status == JobStatus.RUNNING;
      if (verb.equals("resume")) {
        throw new UsageException("Can't resume a job that was not paused");
      }
      if (works && verb.equals("complete")) {
        throw new UsageException("The active block job '" + id + "' cannot be completed");
      }
      throw cannot(job, verb);
    } finally {
      lock.unlock();
    }
  }

  private static UsageException cannot(Job job, String verb) {
    return new UsageException(
        "Job '%s' in state '%s' cannot accept command verb '%s'"
            .formatted(job.id, job.status.text(), verb));
  }

  private Job existing(String id) throws UsageException {
    return find(id).orElseThrow(() -> new UsageException("Job not found"));
  }

  private Optional<Job> find(String id) {
    return jobs.stream().filter(job -> job.id.equals(id)).findFirst();
  }

  /** Waits for those that work, then forgets all, the newest first. */
  void close() {
    lock.lock();
    try {
      while (jobs.stream().anyMatch(job -> job.status != JobStatus.CONCLUDED)) {
        changed.awaitUninterruptibly();
      }
      for (Job job : jobs.reversed()) {
        become(job, JobStatus.NULL);
      }
      jobs.clear();
    } finally {
      lock.unlock();
    }
    news.run();
  }
}
