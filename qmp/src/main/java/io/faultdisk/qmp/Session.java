package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonStream;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.Commands.Command;
import io.faultdisk.qmp.schema.CommandSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One conversation: greeting, negotiation, then requests and replies, with events in between.
 *
 * <p>The thread that calls {@link #run} reads. Requests wait in a queue for a second one, which
 * executes them in order: at most one, so that a client is not read faster than it is served, or
 * {@link #QUEUE_LENGTH_MAX} once out-of-band execution is agreed on; that is done by the reading
 * thread at once. Replies and events leave through the {@link Outbox}, which has the third thread.
 *
 * <p>Source: observed with qemu-storage-daemon 7.2.
 */
final class Session implements JsonStream.Sink {
  static final int QUEUE_LENGTH_MAX = 8;

  private static final int READ_BYTES = 1 << 14;
  private static final JsonArray OFFERED = new JsonArray(List.of(new JsonString("oob")));

  private final Protocol protocol;
  private final Wire wire;
  private final Outbox outbox;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> queue = new ArrayDeque<>();

  /** Those in the queue, and the one that is being executed unless the queue may be long. */
  private int pending;

  private boolean inputEnded;
  private boolean workEnded;

  private volatile boolean negotiated;
  private volatile boolean oob;

  /** Something that is to be answered. */
  private sealed interface Entry {
    record Value(JsonValue value) implements Entry {}

    record Mistake(UsageException mistake) implements Entry {}
  }

  Session(Protocol protocol, Wire wire, Outbox outbox) {
    this.protocol = protocol;
    this.wire = wire;
    this.outbox = outbox;
  }

  /** Talks until the client has left, then until what it wanted is done. */
  void run(InputStream in, String name) {
    outbox.reply(wire.line(greeting()));
    Thread.ofPlatform().daemon().name(name + " commands").start(this::work);
    try {
      JsonStream stream = new JsonStream(this);
      byte[] buffer = new byte[READ_BYTES];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        stream.feed(buffer, 0, count);
      }
    } catch (IOException gone) {
      // As good as a client that has said goodbye.
    } finally {
      awaitEnd();
      protocol.events().remove(this);
    }
  }

  private JsonObject greeting() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("version", protocol.version().toJson());
    members.put("capabilities", OFFERED);
    return new JsonObject(Map.of("QMP", new JsonObject(members)));
  }

  /** Sends an event. */
  void event(JsonObject event) {
    outbox.event(wire.line(event));
  }

  // ---- the reading thread

  @Override
  public void value(JsonValue value) {
    if (Request.isOutOfBand(value)) {
      execute(value);
    } else {
      enqueue(new Entry.Value(value));
    }
  }

  @Override
  public void mistake(UsageException mistake) {
    enqueue(new Entry.Mistake(mistake));
  }

  private void enqueue(Entry entry) {
    lock.lock();
    try {
      queue.add(entry);
      pending++;
      changed.signalAll();
      while (pending >= (oob ? QUEUE_LENGTH_MAX : 1) && !workEnded) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd() {
    lock.lock();
    try {
      inputEnded = true;
      changed.signalAll();
      while (!workEnded) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- the executing thread

  private void work() {
    try {
      for (Optional<Entry> entry = take(); entry.isPresent(); entry = take()) {
        switch (entry.get()) {
          case Entry.Value(JsonValue value) -> execute(value);
          case Entry.Mistake(UsageException mistake) -> send(error(mistake), Optional.empty());
        }
        done();
      }
    } finally {
      lock.lock();
      try {
        workEnded = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private Optional<Entry> take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !inputEnded) {
        changed.awaitUninterruptibly();
      }
      return Optional.ofNullable(queue.poll());
    } finally {
      lock.unlock();
    }
  }

  private void done() {
    lock.lock();
    try {
      pending--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- either

  private void execute(JsonValue value) {
    Optional<JsonValue> id = Request.id(value);
    try {
      Request request = Request.read(value, oob);
      if (request.command().equals(Commands.CAPABILITIES)) {
        negotiate(request, id);
        return;
      }
      Command command = find(request);
      protocol.execute(() -> send(outcome(command, request), id));
    } catch (UsageException mistake) {
      send(error(mistake), id);
    }
  }

  private Command find(Request request) throws UsageException {
    if (!negotiated) {
      throw new QmpException(
          ErrorClass.COMMAND_NOT_FOUND,
          "Expecting capabilities negotiation with 'qmp_capabilities'");
    }
    Optional<Command> found = protocol.commands().find(request.command());
    if (found.isEmpty()) {
      throw new QmpException(
          ErrorClass.COMMAND_NOT_FOUND, "The command " + request.command() + " has not been found");
    }
    requireOob(request, found.get().schema());
    return found.get();
  }

  private static void requireOob(Request request, CommandSchema schema) throws UsageException {
    if (request.outOfBand() && !schema.oob()) {
      throw new UsageException("The command " + schema.name() + " does not support OOB");
    }
  }

  private JsonObject outcome(Command command, Request request) {
    try {
      JsonObject arguments = protocol.commands().check(command.schema(), request.arguments());
      return new JsonObject(Map.of("return", command.action().run(arguments)));
    } catch (UsageException mistake) {
      return error(mistake);
    } catch (RuntimeException bug) {
      // The disks of others are not to suffer from a bug in a command.
      return error(new UsageException("internal error in " + command.schema().name() + ": " + bug));
    }
  }

  private void negotiate(Request request, Optional<JsonValue> id) throws UsageException {
    CommandSchema schema =
        protocol.commands().schema().command(Commands.CAPABILITIES).orElseThrow();
    requireOob(request, schema);
    JsonObject arguments = protocol.commands().check(schema, request.arguments());
    if (negotiated) {
      throw new QmpException(
          ErrorClass.COMMAND_NOT_FOUND,
          "Capabilities negotiation is already complete, command ignored");
    }
    // The schema knows no other capability.
    oob = arguments.members().get("enable") instanceof JsonArray(var enabled) && !enabled.isEmpty();
    negotiated = true;
    send(new JsonObject(Map.of("return", new JsonObject(Map.of()))), id);
    protocol.events().add(this);
  }

  private static JsonObject error(UsageException mistake) {
    Map<String, JsonValue> error = new LinkedHashMap<>();
    error.put("class", new JsonString(QmpException.classOf(mistake).text()));
    error.put("desc", new JsonString(mistake.getMessage()));
    return new JsonObject(Map.of("error", new JsonObject(error)));
  }

  private void send(JsonObject reply, Optional<JsonValue> id) {
    Map<String, JsonValue> members = new LinkedHashMap<>(reply.members());
    id.ifPresent(value -> members.put("id", value));
    outbox.reply(wire.line(new JsonObject(members)));
  }
}
