package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides what a request gets, whatever it came on. Any thread.
 *
 * <p>First comes who is asking, then what for, then with what; nothing of a request's body is
 * looked at before the token is.
 */
final class FrontDesk {
  /** The longest body that is read. */
  static final int BODY_BYTES_MAX = 1 << 20;

  /** A request, as it came. */
  interface Incoming {
    String method();

    /** With its escapes; empty if there is none. */
    String path();

    /** What is behind the question mark; empty if there is none. */
    String query();

    /** The values of a header. */
    List<String> headers(String name);

    /** The first so many bytes of the body, all of them if there are fewer. */
    byte[] body(int bytesMax) throws IOException;
  }

  /** What a request gets: an answer, or a stream of events. */
  sealed interface Outcome {
    /** All there is to say. */
    record Whole(Answer answer) implements Outcome {}

    /** Events, perhaps of one disk only. */
    record Events(Optional<String> disk) implements Outcome {}
  }

  private final Gate gate;
  private final Router router;
  private final Storage storage;
  private final Pace pace;
  private final Consumer<String> complaints;

  FrontDesk(Gate gate, Router router, Storage storage, Pace pace, Consumer<String> complaints) {
    this.gate = gate;
    this.pace = pace;
    this.router = router;
    this.storage = storage;
    this.complaints = complaints;
  }

  /** What the request gets; what it asks for is done. */
  Outcome outcome(Incoming request) throws IOException {
    try {
      return outcomeOrThrow(request);
    } catch (ApiException e) {
      return new Outcome.Whole(e.answer());
    } catch (UsageException e) {
      return new Outcome.Whole(ApiException.mistake(e).answer());
    } catch (BlockIoException e) {
      return error(500, "the disk says: " + e.getMessage());
    } catch (RuntimeException e) {
      // A mistake of ours with one request is no reason to leave the others without an answer.
      complaints.accept("console: " + request.method() + " failed: " + e);
      return error(500, "this should not have happened: " + e);
    }
  }

  private static Outcome error(int status, String message) {
    return new Outcome.Whole(ApiException.of(status, message, "").answer());
  }

  private Outcome outcomeOrThrow(Incoming request)
      throws IOException, ApiException, UsageException {
    boolean head = request.method().equals("HEAD");
    String method = head ? "GET" : request.method();
    Optional<String> host = single(request, "Host");
    gate.checkHost(host);
    gate.checkOrigin(host, single(request, "Origin"));
    String path = request.path();
    if (!path.startsWith("/")) {
      throw ApiException.of(400, "the request has no path", "");
    }
    Optional<Answer> page = StaticPage.find(path);
    if (page.isPresent()) {
      if (!method.equals("GET")) {
        throw ApiException.notAllowed(method, path, List.of("GET"));
      }
      return new Outcome.Whole(page.get());
    }
    gate.checkSite(single(request, "Sec-Fetch-Site"));
    Map<String, String> query = Call.parameters(request.query());
    if (!path.equals(SystemRoutes.HEALTH)) {
      gate.checkToken(method, single(request, "Authorization"), query);
      pace.await();
    }
    Optional<Router.Match> match = router.find(method, path);
    if (match.isEmpty()) {
      throw ApiException.notFound("there is nothing at " + path);
    }
    Route route = match.get().route();
    if (route.path().equals(SystemRoutes.EVENTS)) {
      if (head) {
        throw ApiException.notAllowed("HEAD", path, List.of("GET"));
      }
      return events(Optional.ofNullable(query.get("disk")));
    }
    String type = type(single(request, "Content-Type"));
    checkType(route, type);
    Call call = new Call(match.get().place(), query, type, body(request));
    return new Outcome.Whole(route.handler().answer(call));
  }

  private Outcome events(Optional<String> disk) throws ApiException {
    if (disk.isPresent() && storage.disks().find(disk.get()).isEmpty()) {
      throw ApiException.notFound("there is no disk '" + disk.get() + "'");
    }
    return new Outcome.Events(disk);
  }

  /** A header that may be there once. */
  private static Optional<String> single(Incoming request, String name) throws ApiException {
    List<String> values = request.headers(name);
    if (values.size() > 1) {
      throw ApiException.of(400, "the header " + name + " is there twice", "");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0).strip());
  }

  private static String type(Optional<String> header) {
    String type = header.orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  private static void checkType(Route route, String type) throws ApiException {
    Route.Body body = route.body();
    if (body == Route.Body.NONE
        || (body.takesJson() && type.equals("application/json"))
        || (body.takesText() && type.equals("text/plain"))) {
      return;
    }
    String wanted =
        switch (body) {
          case NONE -> "";
          case JSON -> "application/json";
          case TEXT -> "text/plain";
          case JSON_OR_TEXT -> "application/json or text/plain";
        };
    throw ApiException.of(
        415,
        type.isEmpty() ? "the header Content-Type is missing" : "this takes no '" + type + "'",
        "send 'Content-Type: " + wanted + "'");
  }

  private static byte[] body(Incoming request) throws IOException, ApiException {
    byte[] body = request.body(BODY_BYTES_MAX + 1);
    if (body.length > BODY_BYTES_MAX) {
      throw ApiException.of(413, "the body is longer than 1 MiB", "");
    }
    return body;
  }
}
