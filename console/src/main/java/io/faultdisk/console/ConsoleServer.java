package io.faultdisk.console;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.tls.X509Credentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The console's server: HTTP API, events, metrics, the page. Any thread.
 *
 * <p>Each request has a virtual thread of its own. What a client can use up is limited: {@value
 * #CONNECTIONS_MAX} connections, {@value #REQUEST_SECONDS_MAX} seconds to send a request, as much
 * to begin one, bodies of 1 MiB, headers of {@value #HEADER_BYTES_MAX} bytes, fifty requests a
 * second in the long run. The data path shares nothing with it but the engine's lock, which is held
 * for moments.
 */
public final class ConsoleServer implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 1000;
  private static final int REQUEST_SECONDS_MAX = 10;
  private static final int HEADER_BYTES_MAX = 32 * 1024;
  private static final int BACKLOG = 128;

  /** How long closing waits for what is under way. */
  private static final int END_SECONDS_MAX = 2;

  static {
    // The JDK's server has its limits for the whole process, and reads them once. Whoever has set
    // one on the command line knows better.
    limit("jdk.httpserver.maxConnections", CONNECTIONS_MAX);
    limit("sun.net.httpserver.maxReqTime", REQUEST_SECONDS_MAX);
    limit("sun.net.httpserver.maxReqHeaderSize", HEADER_BYTES_MAX);
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      // An answer is sent in two parts; without this the second waits 40 ms for the first.
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final EventFeed feed;
  private final ConsoleSettings settings;
  private final Router router;

  private ConsoleServer(
      HttpServer server,
      ExecutorService threads,
      EventFeed feed,
      ConsoleSettings settings,
      Router router) {
    this.server = server;
    this.threads = threads;
    this.feed = feed;
    this.settings = settings;
    this.router = router;
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /**
   * Starts to listen.
   *
   * @param complaints is told, in one line each, of what should not have happened
   * @throws UsageException if it cannot listen on the address
   */
  public static ConsoleServer start(
      ConsoleSettings settings,
      Storage storage,
      Explorations explorations,
      Consumer<String> complaints)
      throws UsageException {
    HttpServer server = listen(settings);
    Clock clock = Clock.system();
    Watchdog watchdog = new Watchdog(clock);
    EventFeed feed =
        new EventFeed(storage, explorations, settings.version(), watchdog, complaints, clock);
    Router router = new Router(routes(storage, explorations, settings.version()));
    Gate gate =
        new Gate(
            settings.token(),
            settings.tls().isPresent(),
            server.getAddress(),
            settings.allowedHosts());
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    FrontDesk desk =
        new FrontDesk(gate, router, storage, new Pace(clock, Sleeper.system()), complaints);
    server.createContext("/", new ConsoleHandler(desk, feed, watchdog));
    feed.start();
    server.start();
    return new ConsoleServer(server, threads, feed, settings, router);
  }

  private static HttpServer listen(ConsoleSettings settings) throws UsageException {
    InetSocketAddress address = settings.address();
    if (address.isUnresolved()) {
      throw new UsageException("there is no host '" + address.getHostString() + "'");
    }
    try {
      if (settings.tls().isEmpty()) {
        return HttpServer.create(address, BACKLOG);
      }
      X509Credentials tls = settings.tls().get();
      HttpsServer server = HttpsServer.create(address, BACKLOG);
      server.setHttpsConfigurator(
          new HttpsConfigurator(tls.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
              parameters.setSSLParameters(tls.serverParameters());
            }
          });
      return server;
    } catch (IOException e) {
      throw new UsageException(
          "Could not listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " for HTTP: "
              + e.getMessage());
    }
  }

  static List<Route> routes(Storage storage, Explorations explorations, String version) {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new SystemRoutes(storage, version).routes());
    routes.addAll(new DiskRoutes(storage).routes());
    routes.addAll(new FaultRoutes(storage).routes());
    routes.addAll(new ControlRoutes(storage).routes());
    routes.addAll(new ExplorationRoutes(explorations).routes());
    return routes;
  }

  /** What can be asked for. */
  List<Route> routes() {
    return router.routes();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** {@code http://127.0.0.1:8080}, without the token. */
  public String base() {
    InetSocketAddress address = address();
    String host =
        address.getAddress().isAnyLocalAddress() ? "localhost" : Gate.literal(address.getAddress());
    return (settings.tls().isPresent() ? "https" : "http") + "://" + host + ":" + address.getPort();
  }

  /** What to open in the browser: the page, with the token. */
  public String url() {
    return base() + "/?token=" + settings.token();
  }

  /** The token. */
  public String token() {
    return settings.token();
  }

  /**
   * Ends the streams, then listening, then what is under way. A change that waits for a disk, which
   * may be held at a breakpoint, is waited for no longer than {@value #END_SECONDS_MAX} seconds.
   */
  @Override
  public void close() {
    feed.close();
    server.stop(0);
    threads.shutdownNow();
    try {
      var unused = threads.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
