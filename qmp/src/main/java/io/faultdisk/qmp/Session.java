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
import java.util.Arrays;
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
 * <pre>
 *   client --run()--> ReadAhead --requests--> queue --commands--> Outbox --its thread--> client
 *                                 `-- out of band, at once ---------^
 * </pre>
 *
 * <p>The thread that calls {@link #run} reads bytes, and is through when the client has left. A
 * second one finds the requests among them. They wait in a queue for a third one, which executes
 * them in order: at most one, the one that is being executed included, so that a client gets no
 * further than it is served; or {@link #QUEUE_LENGTH_MAX}, and that one, once out-of-band execution
 * is agreed on; such a request is executed by the second thread at once. Where the queue is full
 * everything waits, what is out of band too, until the next request is taken out of it. Replies and
 * events leave through the {@link Outbox}.
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
  private final Runnable over;
  private final ReadAhead ahead = new ReadAhead();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> queue = new ArrayDeque<>();

  /** Whether one that was in the queue is being executed. */
  private boolean executing;

  private boolean inputEnded;
  private boolean workEnded;

  private volatile boolean negotiated;
  private volatile boolean oob;

  /** Something that is to be answered. */
  private sealed interface Entry {
    record Value(JsonValue value) implements Entry {}

    record Mistake(UsageException mistake) implements Entry {}
  }

  /**
   * A conversation that has not begun.
   *
   * @param over told once, on a thread of the conversation, that all is done that the client has
   *     asked for, or that nothing will be done any more; it has left, or has to
   */
  Session(Protocol protocol, Wire wire, Outbox outbox, Runnable over) {
    this.protocol = protocol;
    this.wire = wire;
    this.outbox = outbox;
    this.over = over;
  }

  /**
   * Talks until the client has left, or has said that it will send no more. What it has asked for
   * until then may be done and answered later.
   */
  void run(InputStream in, String name) {
    outbox.reply(wire.line(greeting()));
    Thread.ofPlatform().daemon().name(name + " commands").start(this::work);
    Thread.ofPlatform().daemon().name(name + " requests").start(this::readRequests);
    try {
      byte[] buffer = new byte[READ_BYTES];
      boolean wanted = true;
      for (int count = in.read(buffer); count >= 0 && wanted; count = in.read(buffer)) {
        wanted = count == 0 || ahead.put(Arrays.copyOf(buffer, count));
      }
    } catch (IOException gone) {
      // As good as a client that has said goodbye.
    } finally {
      ahead.complete();
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

  // ---- the thread that finds requests

  private void readRequests() {
    try {
      JsonStream stream = new JsonStream(this);
      for (byte[] piece = ahead.take(); piece.length > 0; piece = ahead.take()) {
        stream.feed(piece, 0, piece.length);
      }
    } finally {
      ahead.refuse();
      lock.lock();
      try {
        inputEnded = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

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
      if (workEnded) {
        return;
      }
      queue.add(entry);
      changed.signalAll();
      while (isFull() && !workEnded) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    return oob ? queue.size() >= QUEUE_LENGTH_MAX : executing || !queue.isEmpty();
  }

  // ---- the executing thread

  private void work() {
    try {
      for (Optional<Entry> entry = take(); entry.isPresent(); entry = take()) {
        switch (entry.get()) {
          case Entry.Value(JsonValue value) -> execute(value);
          case Entry.Mistake(UsageException mistake) -> send(error(mistake), Optional.empty());
        }
      }
    } finally {
      ahead.refuse();
      lock.lock();
      try {
        workEnded = true;
        queue.clear();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      protocol.events().remove(this);
      over.run();
    }
  }

  /** The one before is done, if there was one. */
  private Optional<Entry> take() {
    lock.lock();
    try {
      executing = false;
      changed.signalAll();
      while (queue.isEmpty() && !inputEnded) {
        changed.awaitUninterruptibly();
      }
      executing = !queue.isEmpty();
      changed.signalAll();
      return Optional.ofNullable(queue.poll());
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
