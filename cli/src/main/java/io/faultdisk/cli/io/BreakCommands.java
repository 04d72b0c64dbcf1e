package io.faultdisk.cli.io;

import io.faultdisk.base.Errno;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import java.util.Optional;

/**
 * Breakpoints: break, remove_break, resume, wait_break. They act on the nearest node that has
 * rules.
 */
final class BreakCommands {
  private BreakCommands() {}

  /** {@code break}. */
  static final class Break implements Command {
    @Override
    public Spec spec() {
      return Spec.of("break", "sets a breakpoint on event and tags the stopped request as tag")
          .takes(2, 2, "event tag");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      FaultEngine engine = engine(session, "Could not set breakpoint");
      Optional<Event> event = QemuEvents.named(words.argument(0), session.dialect());
      if (event.isEmpty()) {
        throw refuse(session, "Could not set breakpoint", Errno.ENOENT);
      }
      session.announceStops(engine);
      engine.addBreakpoint(event.get(), words.argument(1));
    }
  }

  /** {@code remove_break}. */
  static final class RemoveBreak implements Command {
    @Override
    public Spec spec() {
      return Spec.of("remove_break", "remove a breakpoint by tag").takes(1, 1, "tag");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      String tag = words.argument(0);
      String failed = "Could not remove breakpoint " + tag;
      // Not removed, although requests may have been resumed: a breakpoint that was hit is none any
      // more.
      if (!engine(session, failed).removeBreakpoint(tag)) {
        throw refuse(session, failed, Errno.ENOENT);
      }
    }
  }

  /** {@code resume}. */
  static final class Resume implements Command {
    @Override
    public Spec spec() {
      return Spec.of("resume", "resumes the request tagged as tag").takes(1, 1, "tag");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      if (!engine(session, "Could not resume request").resume(words.argument(0))) {
        throw refuse(session, "Could not resume request", Errno.ENOENT);
      }
    }
  }

  /** {@code wait_break}. */
  static final class WaitBreak implements Command {
    @Override
    public Spec spec() {
      return Spec.of("wait_break", "waits for the suspension of a request").takes(1, 1, "tag");
    }

    @Override
    public void run(Session session, Words words) {
      String tag = words.argument(0);
      Optional<FaultEngine> engine = session.engine();
      if (session.hasOtherUsers() && engine.isPresent()) {
        engine.get().awaitSuspended(tag);
        return;
      }
      session
          .loop()
          .runUntil(
              () -> engine.isPresent() && engine.get().isSuspended(tag),
              "for a request to stop as '" + tag + "'");
    }
  }

  private static FaultEngine engine(Session session, String failed) throws Refusal {
    Optional<FaultEngine> engine = session.engine();
    if (engine.isEmpty()) {
      throw refuse(session, failed, Errno.ENOTSUP);
    }
    return engine.get();
  }

  private static Refusal refuse(Session session, String failed, Errno why) {
    session.console().line(failed + ": " + why.text());
    return new Refusal();
  }
}
