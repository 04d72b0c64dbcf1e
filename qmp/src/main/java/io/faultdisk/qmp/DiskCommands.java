package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.rules.Dialect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands of our own, {@code __io.faultdisk_...}: live control of the faults of disks. A
 * change is in force when it is answered. None of them waits for a request, so all can be executed
 * out of band.
 *
 * <p>Any thread.
 */
final class DiskCommands {
  private static final String PREFIX = "__io.faultdisk_";

  private static final JsonObject NOTHING = new JsonObject(Map.of());

  private final StorageDaemon daemon;
  private final Disks disks;

  DiskCommands(StorageDaemon daemon) {
    this.daemon = daemon;
    this.disks = daemon.disks();
  }

  /** Something with a disk. */
  private interface Action {
    JsonValue run(Disk disk, Arguments given) throws UsageException;
  }

  /** The same without a result. */
  private interface Change {
    void make(Disk disk, Arguments given) throws UsageException;
  }

  void addTo(Commands commands) {
    command(commands, "query-disks", this::query);
    command(commands, "disk-add", this::add);
    action(commands, "rule-add", (disk, given) -> DiskViews.rule(disk.add(spec(given))));
    action(
        commands,
        "rule-replace",
        (disk, given) -> DiskViews.rule(disk.replace(id(given), spec(given))));
    action(commands, "rule-arm", (disk, given) -> DiskViews.rule(disk.arm(id(given))));
    change(commands, "rule-del", (disk, given) -> disk.remove(id(given)));
    action(
        commands,
        "rules-load",
        (disk, given) ->
            Fields.list(disk.replaceAll("text", given.requireString("text")), DiskViews::rule));
    action(
        commands, "rules-text", (disk, given) -> new JsonString(disk.rulesFile(Dialect.FAULTDISK)));
    change(commands, "set-state", DiskCommands::setState);
    change(
        commands,
        "break",
        (disk, given) ->
            disk.addBreakpoint(given.requireString("event"), given.requireString("tag")));
    change(
        commands,
        "remove-break",
        (disk, given) -> disk.removeBreakpoint(given.requireString("tag")));
    change(commands, "resume", DiskCommands::resume);
    change(commands, "power-cut", DiskCommands::cutPower);
    change(commands, "power-restore", (disk, given) -> disk.restorePower());
    change(commands, "power-checkpoint", (disk, given) -> checkpoint(disk));
    change(commands, "power-lose-unsynced", (disk, given) -> loseUnsynced(disk));
    change(commands, "reset", (disk, given) -> disk.reset());
    action(
        commands,
        "query-receipts",
        (disk, given) ->
            Fields.list(disk.receipts(given.number("after").orElse(0L)), DiskViews::receipt));
  }

  /** What a command of our own does. */
  private interface Command {
    JsonValue run(Arguments given) throws UsageException;
  }

  /** Unlike QEMU's, whose errors have QEMU's words, these also say what to do instead. */
  private static void command(Commands commands, String name, Command command) {
    commands.add(
        PREFIX + name,
        given -> {
          try {
            return command.run(new Arguments(given));
          } catch (UsageException mistake) {
            throw withHints(mistake);
          }
        });
  }

  private static UsageException withHints(UsageException mistake) {
    String hints = String.join(" ", mistake.hints());
    return hints.isBlank()
        ? mistake
        : new UsageException(mistake.getMessage() + " (" + hints + ")");
  }

  private void action(Commands commands, String name, Action action) {
    command(commands, name, given -> action.run(disks.require(given.requireString("disk")), given));
  }

  private void change(Commands commands, String name, Change change) {
    action(
        commands,
        name,
        (disk, given) -> {
          change.make(disk, given);
          return NOTHING;
        });
  }

  private JsonValue query(Arguments given) throws UsageException {
    Optional<String> name = given.string("disk");
    List<Disk> found = name.isPresent() ? List.of(disks.require(name.get())) : disks.all();
    return Fields.list(found, DiskViews::disk);
  }

  private JsonValue add(Arguments given) throws UsageException {
    var unused =
        daemon.addDisk(
            new DiskRequest(
                given.requireString("name"),
                given.requireString("image"),
                given.string("format"),
                given.string("rules"),
                given.bool("read-only", false),
                given.bool("export", false)));
    return NOTHING;
  }

  private static int id(Arguments given) throws UsageException {
    return number(given, "id");
  }

  private static int number(Arguments given, String name) throws UsageException {
    long number = given.number(name).orElseThrow();
    if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
      throw new UsageException("'" + name + "' is out of range: " + number);
    }
    return (int) number;
  }

  private static FaultSpec spec(Arguments given) throws UsageException {
    Map<String, String> keys = new LinkedHashMap<>();
    if (given.value("keys").isPresent()) {
      if (!(given.value("keys").get() instanceof JsonObject(Map<String, JsonValue> members))) {
        throw new UsageException("Invalid parameter type for 'keys', expected: object");
      }
      for (Map.Entry<String, JsonValue> member : members.entrySet()) {
        keys.put(member.getKey(), text(member.getKey(), member.getValue()));
      }
    }
    return new FaultSpec(given.requireString("kind"), keys);
  }

  /** As it would stand in a rule file. */
  private static String text(String key, JsonValue value) throws UsageException {
    return switch (value) {
      case JsonString(String text) -> text;
      case JsonNumber(String text, boolean _) -> text;
      case JsonBool(boolean bool) -> bool ? "on" : "off";
      default ->
          throw new UsageException(
              "Invalid parameter type for 'keys." + key + "', expected: string");
    };
  }

  private static void setState(Disk disk, Arguments given) throws UsageException {
    int state = number(given, "state");
    if (state < 1) {
      throw new UsageException("'state' must be 1 or more, not " + state);
    }
    disk.setState(state);
  }

  private static void resume(Disk disk, Arguments given) throws UsageException {
    Optional<String> tag = given.string("tag");
    if (tag.isPresent()) {
      disk.resume(tag.get());
    } else {
      disk.resumeAll();
    }
  }

  private static void cutPower(Disk disk, Arguments given) throws UsageException {
    try {
      var unused =
          disk.cutPower(given.string("survivors").orElse("none"), given.number("seed").orElse(0L));
    } catch (BlockIoException failed) {
      throw new UsageException(
          "the power is off, but what survives could not be stored: " + failed.getMessage());
    }
  }

  private static void checkpoint(Disk disk) throws UsageException {
    try {
      disk.checkpoint();
    } catch (BlockIoException failed) {
      throw powerMistake(disk, "could not make all writes durable", failed);
    }
  }

  private static void loseUnsynced(Disk disk) throws UsageException {
    try {
      disk.loseUnsynced();
    } catch (BlockIoException failed) {
      throw powerMistake(disk, "could not forget what is not durable", failed);
    }
  }

  private static UsageException powerMistake(Disk disk, String what, BlockIoException failed) {
    return disk.power().on()
        ? new UsageException(what + ": " + failed.getMessage())
        : new UsageException("the power of disk '" + disk.name() + "' is off", "Restore it first.");
  }
}
