package io.faultdisk.cli.demo.guest;

import java.util.List;
import java.util.Objects;

/** A guest does not do what it is told: it has ended, or does not answer in time. */
public final class GuestFailure extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LINES_SHOWN = 20;

  GuestFailure(String what, List<String> said) {
    super(what + describe(said));
  }

  /** What it does not do, and the last lines that it said; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  private static String describe(List<String> said) {
    List<String> last = said.subList(Math.max(0, said.size() - LINES_SHOWN), said.size());
    return last.isEmpty() ? "" : "; the last it said:\n" + String.join("\n", last);
  }
}
