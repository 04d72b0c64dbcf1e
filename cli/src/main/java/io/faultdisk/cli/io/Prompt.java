package io.faultdisk.cli.io;

import java.util.Optional;

/** Where command lines come from when none are on the command line. */
interface Prompt extends AutoCloseable {

  /** The next line; empty at the end of the input. Requests in flight get a turn before. */
  Optional<String> next();

  @Override
  void close();

  /** A line editor for people, plain reading for scripts. */
  static Prompt of(Session session) {
    return session.console().terminal() ? TerminalPrompt.open(session) : new PipedPrompt(session);
  }
}
