package io.faultdisk.cli.io;

import io.faultdisk.block.blkdebug.BlkdebugDriver;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.block.blkdebug.ReceiptBook;
import io.faultdisk.block.blkdebug.RuleBrief;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.rules.Breakpoint;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestRule;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.Snapshot.RuleStatus;
import io.faultdisk.rules.SuspendedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code faults}, a command of our own: the rules engine seen from outside. */
final class FaultsCommand implements Command {
  private static final List<String> HEADINGS =
      List.of("rule", "event", "does", "armed", "events", "requests", "failed");

  @Override
  public Spec spec() {
    return Spec.of("faults", "shows rules, breakpoints and suspended requests, or the injections")
        .takes(0, 1, "[receipts]");
  }

  @Override
  public void run(Session session, Words words) throws Refusal {
    Console console = session.console();
    Optional<FaultEngine> engine = session.engine();
    if (engine.isEmpty()) {
      console.line("no rules: this image has no blkdebug node (open blkdebug:RULES:IMAGE)");
      return;
    }
    if (!words.arguments().isEmpty()) {
      if (!words.argument(0).equals("receipts")) {
        console.line(spec().usageLine(spec().name()));
        throw new Refusal();
      }
      receipts(console, BlkdebugDriver.nearest(session.image()));
      return;
    }
    Snapshot snapshot = engine.get().snapshot();
    console.line("state: " + snapshot.state());
    rules(console, snapshot.rules());
    for (Breakpoint breakpoint : snapshot.breakpoints()) {
      console.line("breakpoint '" + breakpoint.tag() + "' on " + breakpoint.event());
    }
    Instant now = session.clock().now();
    for (SuspendedRequest request : snapshot.suspended()) {
      console.line(suspended(request, now));
    }
  }

  private static void receipts(Console console, Optional<BlkdebugDriver> driver) {
    if (driver.isEmpty() || driver.get().receipts().count() == 0) {
      console.line("no injections");
      return;
    }
    ReceiptBook book = driver.get().receipts();
    List<Receipt> kept = book.receipts();
    if (book.count() > kept.size()) {
      console.line("the last " + kept.size() + " of " + book.count() + " injections:");
    }
    kept.forEach(receipt -> console.line(receipt.toString()));
  }

  private static void rules(Console console, List<RuleStatus> rules) {
    if (rules.isEmpty()) {
      console.line("no rules");
      return;
    }
    Table table = new Table(HEADINGS);
    for (RuleStatus status : rules) {
      List<String> row = new ArrayList<>(HEADINGS.size());
      row.add(status.rule().source().toString());
      row.add(status.rule().event().name());
      boolean fails = status.rule() instanceof RequestRule;
      row.add(RuleBrief.of(status.rule()));
      row.add(status.consumed() ? "used" : fails ? (status.armed() ? "yes" : "no") : "-");
      row.add(String.valueOf(status.eventsMatched()));
      row.add(fails ? String.valueOf(status.requestsMatched()) : "-");
      row.add(fails ? String.valueOf(status.injected()) : "-");
      table.add(row);
    }
    table.lines().forEach(console::line);
  }

  private static String suspended(SuspendedRequest request, Instant now) {
    StringBuilder text =
        new StringBuilder("suspended '")
            .append(request.tag())
            .append("' at ")
            .append(request.event());
    request
        .request()
        .ifPresent(
            shape -> {
              text.append(": ").append(shape.type().wireName());
              if (shape.type() != RequestType.FLUSH) {
                text.append(" of ")
                    .append(shape.bytes())
                    .append(" bytes at ")
                    .append(shape.offset());
              }
            });
    long seconds = Math.max(0, Duration.between(request.since(), now).toSeconds());
    return text.append(", for ").append(seconds).append(" s").toString();
  }

  @Override
  public String help() {
    return HelpTexts.FAULTS;
  }
}
