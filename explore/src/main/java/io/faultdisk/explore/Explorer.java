package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Records a subject once, lists the cases and tries each of them.
 *
 * <p>Cases run beside each other on as many threads as there are workers; each runs on a thread
 * that is given up if the case does not end in time. Results go to the {@link ResultSink} as they
 * come, in no order. For one thread; {@link #stop} may be called by any, at any time.
 */
public final class Explorer {
  private final Subject subject;
  private final ExplorationPlan plan;
  private final Settings settings;
  private final AtomicBoolean stopping = new AtomicBoolean();

  /**
   * How cases are run.
   *
   * @param workers how many at once
   * @param shard which of them
   * @param timeLimitMillis how long one may take
   */
  public record Settings(int workers, Shard shard, long timeLimitMillis) {
    /** Checks the numbers. */
    public Settings {
      if (workers < 1 || timeLimitMillis < 1) {
        throw new IllegalArgumentException("settings with a number below 1");
      }
    }

    /** All cases, as many at once as there are processors, ten seconds each. */
    public static Settings standard() {
      return new Settings(Runtime.getRuntime().availableProcessors(), Shard.ALL, 10_000);
    }

    /** Another part of the cases. */
    public Settings withShard(Shard newShard) {
      return new Settings(workers, newShard, timeLimitMillis);
    }

    /** So many cases at once. */
    public Settings withWorkers(int newWorkers) {
      return new Settings(newWorkers, shard, timeLimitMillis);
    }

    /** Another time limit. */
    public Settings withTimeLimitMillis(long newLimit) {
      return new Settings(workers, shard, newLimit);
    }
  }

  /** An explorer of a subject. */
  public Explorer(Subject subject, ExplorationPlan plan, Settings settings) {
    this.subject = subject;
    this.plan = plan;
    this.settings = settings;
  }

  /**
   * Explores. What the sink has already is not tried again.
   *
   * @return what was found, by this and the runs before it; not complete if it was stopped
   * @throws UsageException if the run without faults fails, or what the sink has belongs to
   *     something else, or it cannot keep what is found
   * @throws InterruptedException if the caller is interrupted; the sink has what was found
   */
  public Results run(ResultSink sink) throws UsageException, InterruptedException {
    Recording recording = subject.record(plan);
    List<Case> all = only(CaseList.of(recording, plan));
    Heading heading = Heading.of(subject, plan, recording, all.size());
    ResultSink.Opened opened = sink.open(heading, recording.timeline());
    List<Integer> todo = new ArrayList<>();
    int mine = 0;
    for (int i = 0; i < all.size(); i++) {
      if (settings.shard().has(i)) {
        mine++;
        if (!opened.done().containsKey(i)) {
          todo.add(i);
        }
      }
    }
    opened.begins(mine, todo.size());
    List<CaseResult> found = tryAll(all, todo, opened);
    List<CaseResult> cases = new ArrayList<>(opened.done().values());
    cases.addAll(found);
    return new Results(heading, cases, recording.timeline());
  }

  private List<Case> only(List<Case> cases) throws UsageException {
    Optional<String> wanted = subject.only();
    if (wanted.isEmpty()) {
      return cases;
    }
    List<Case> found = cases.stream().filter(c -> c.id().equals(wanted.get())).toList();
    if (found.isEmpty()) {
      throw new UsageException(
          "there is no case '" + wanted.get() + "' among " + cases.size(),
          cases.isEmpty() ? "There are none." : "One is named '" + cases.get(0).id() + "'.",
          "Where chance is at work, give the seed of the run that named it, too.");
    }
    return found;
  }

  /** Ends {@link #run} as soon as the cases at work have ended. */
  public void stop() {
    stopping.set(true);
  }

  private List<CaseResult> tryAll(List<Case> all, List<Integer> todo, ResultSink.Opened sink)
      throws UsageException, InterruptedException {
    List<CaseResult> found = new ArrayList<>(todo.size());
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> workers = new ArrayList<>();
    for (int w = 0; w < Math.min(settings.workers(), todo.size()); w++) {
      Thread worker =
          new Thread(
              () -> {
                try (CaseRunner runner = new CaseRunner(subject, settings.timeLimitMillis())) {
                  for (int i = next.getAndIncrement();
                      i < todo.size() && !stopping.get();
                      i = next.getAndIncrement()) {
                    int index = todo.get(i);
                    Case what = all.get(index);
                    CaseResult result = CaseResult.of(index, what, runner.run(what));
                    synchronized (found) {
                      found.add(result);
                      sink.found(result);
                    }
                  }
                } catch (InterruptedException stopped) {
                  stopping.set(true);
                } catch (UsageException | RuntimeException | Error bug) {
                  failure.compareAndSet(null, bug);
                  stopping.set(true);
                }
              },
              "explorer " + (w + 1));
      worker.setDaemon(true);
      workers.add(worker);
      worker.start();
    }
    try {
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      stopping.set(true);
      workers.forEach(Thread::interrupt);
      throw e;
    }
    Throwable bug = failure.get();
    if (bug instanceof UsageException notKept) {
      throw notKept;
    }
    if (bug != null) {
      throw new IllegalStateException("the exploration itself failed: " + bug, bug);
    }
    return found;
  }
}
