package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Explorations that a test moves by hand. */
final class TestExplorations implements Explorations {
  private final List<Exploration> all = new ArrayList<>();

  @Override
  public synchronized Exploration start(Plan plan) throws UsageException {
    if (plan.script().isBlank()) {
      throw new UsageException("the script is empty");
    }
    Exploration one =
        new Exploration(all.size() + 1, plan.name(), Status.RUNNING, 100, 0, 0, 0.0, false, "");
    all.add(one);
    return one;
  }

  synchronized void done(int id) {
    Exploration one = all.get(id - 1);
    all.set(id - 1, new Exploration(id, one.name(), Status.DONE, 100, 100, 2, 50.0, true, "2 bad"));
  }

  @Override
  public synchronized List<Exploration> all() {
    return List.copyOf(all);
  }

  @Override
  public synchronized void stop(int id) {
    Exploration one = all.get(id - 1);
    all.set(id - 1, new Exploration(id, one.name(), Status.STOPPED, 100, 10, 0, 0.0, false, ""));
  }

  @Override
  public Optional<byte[]> report(int id) {
    return all().get(id - 1).report()
        ? Optional.of("<h1>Report</h1>".getBytes(StandardCharsets.UTF_8))
        : Optional.empty();
  }
}
