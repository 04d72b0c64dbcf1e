package io.faultdisk.cli.io;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.SuspendedRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the commands of one run share: the open image, the loop its requests run in, and where to
 * print.
 *
 * <p>For the thread that made it, except that reports of asynchronous requests read the {@link
 * #clock()}.
 */
final class Session implements AutoCloseable {
  private final Program program;
  private final Console console;
  private final Signals signals;
  private final boolean imageOptions;
  private final Buffers buffers;
  private final Loop loop = new Loop(this::suspendedTags);
  private final BlockGraph graph;
  private @Nullable BlockBackend image;
  private @Nullable FaultEngine watched;
  private Observer.@Nullable Registration announcing;
  private boolean quitting;
  private boolean otherUsers;

  /**
   * A session without image.
   *
   * @param imageOptions names of images are option strings ({@code --image-opts})
   * @param objects what images may refer to by name
   */
  Session(
      Program program,
      Console console,
      Signals signals,
      boolean imageOptions,
      Buffers buffers,
      UserObjects objects) {
    this(program, console, signals, imageOptions, buffers, Drivers.all(program.dialect(), objects));
  }

  /** The same with other drivers. */
  Session(
      Program program,
      Console console,
      Signals signals,
      boolean imageOptions,
      Buffers buffers,
      List<DriverType> drivers) {
    this.program = program;
    this.console = console;
    this.signals = signals;
    this.imageOptions = imageOptions;
    this.buffers = buffers;
    this.graph = new BlockGraph(drivers, loop, new ConsoleMessages(console));
  }

  /** One with an image that somebody else has opened, in a graph of their own. */
  Session(Program program, Console console, BlockBackend image) {
    this(program, console, Signals.simulated(), false, new Buffers(false), List.of());
    this.image = image;
    this.otherUsers = true;
  }

  /** Whether requests come to the image from elsewhere, too. */
  boolean hasOtherUsers() {
    return otherUsers;
  }

  /** Where the session's images are open. */
  BlockGraph graph() {
    return graph;
  }

  Console console() {
    return console;
  }

  Dialect dialect() {
    return program.dialect();
  }

  Signals signals() {
    return signals;
  }

  Buffers buffers() {
    return buffers;
  }

  Loop loop() {
    return loop;
  }

  Clock clock() {
    return Clock.system();
  }

  Sleeper sleeper() {
    return Sleeper.system();
  }

  boolean imageOptions() {
    return imageOptions;
  }

  boolean hasImage() {
    return image != null;
  }

  /** The open image; only for commands that need one. */
  BlockBackend image() {
    if (image == null) {
      throw new IllegalStateException("no image is open");
    }
    return image;
  }

  /** The rules engine of the open image, if it has one. */
  Optional<FaultEngine> engine() {
    return image == null ? Optional.empty() : image.engine();
  }

  /** Prints from now on when the engine stops a request at a breakpoint and when it goes on. */
  void announceStops(FaultEngine engine) {
    if (watched == engine) {
      return;
    }
    watched = engine;
    stopAnnouncing();
    announcing =
        engine.observe(
            observation -> {
              if (observation instanceof Observation.RequestSuspended suspended) {
                console.line("blkdebug: Suspended request '" + suspended.request().tag() + "'");
              } else if (observation instanceof Observation.RequestResumed resumed) {
                console.line("blkdebug: Resuming request '" + resumed.request().tag() + "'");
              }
            });
  }

  private void stopAnnouncing() {
    Observer.Registration registration = announcing;
    if (registration != null) {
      registration.close();
    }
  }

  boolean quitting() {
    return quitting;
  }

  void quit() {
    quitting = true;
  }

  /**
   * Opens an image.
   *
   * @param filename what the user called it; empty if the options say all
   * @param forceShare whether to open it even if others write to it ({@code -U})
   * @throws Refusal if it cannot be opened; the reason has been printed
   */
  void open(Optional<String> filename, OpenFlags flags, Options options, boolean forceShare)
      throws Refusal {
    if (image != null) {
      console.report("file open already, try 'help close'");
      throw new Refusal();
    }
    if (forceShare) {
      if (options.has("force-share") && !options.string("force-share").equals(Optional.of("on"))) {
        console.report("-U conflicts with image options");
        throw new Refusal();
      }
      options.put("force-share", "on");
    }
    try {
      image = graph.open(filename, options, flags);
    } catch (UsageException refused) {
      console.report(
          "can't open"
              + (filename.isPresent() ? " device " + filename.get() : "")
              + ": "
              + refused.getMessage(),
          refused.hints());
      throw new Refusal();
    }
  }

  /** Lets all requests finish and closes the image. */
  void closeImage() {
    loop.drain();
    release();
  }

  /** A request that the caller waits for. */
  interface Request {
    void send() throws BlockIoException;
  }

  /** Sends a request and waits for it; others go on meanwhile, if it has to wait for the device. */
  void synchronous(Request request) throws BlockIoException {
    loop.beginSynchronous();
    try {
      request.send();
    } finally {
      loop.endSynchronous();
    }
  }

  /**
   * The same for commands that wait as if their request were asynchronous: others go on in any
   * case.
   */
  void synchronousLikeAio(Request request) throws BlockIoException {
    loop.beginSynchronous();
    try {
      request.send();
    } finally {
      if (!loop.endSynchronous()) {
        loop.runOnce();
      }
    }
  }

  /** Gives up what is still running and closes the image. */
  @Override
  public void close() {
    loop.close();
    stopAnnouncing();
    release();
    graph.close();
  }

  private void release() {
    BlockBackend open = image;
    if (open != null) {
      try {
        open.close();
      } finally {
        image = null;
      }
    }
  }

  /** {@code 'A', 'B'}: the tags of all requests that stand at a breakpoint. */
  private String suspendedTags() {
    Optional<FaultEngine> engine = engine();
    if (engine.isEmpty()) {
      return "";
    }
    StringBuilder tags = new StringBuilder();
    for (SuspendedRequest request : engine.get().snapshot().suspended()) {
      tags.append(tags.isEmpty() ? "'" : ", '").append(request.tag()).append('\'');
    }
    return tags.toString();
  }
}
