package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.console.Explorations.Exploration;
import java.util.List;

/** Explorations. */
final class ExplorationRoutes {
  /**
   * A report is a page with its scripts and styles in it. It may run them, but nothing else, and
   * not as a part of the console.
   */
  private static final String POLICY =
      "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
          + " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

  private final Explorations explorations;

  ExplorationRoutes(Explorations explorations) {
    this.explorations = explorations;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/explorations", call -> all()),
        Route.post("/explorations", this::start),
        Route.get("/explorations/{exploration}", call -> one(200, find(call))),
        Route.delete("/explorations/{exploration}", this::stop),
        Route.get("/explorations/{exploration}/report", this::report));
  }

  private Exploration find(Call call) throws ApiException {
    return call.number("exploration")
        .flatMap(explorations::find)
        .orElseThrow(
            () -> ApiException.notFound("there is no exploration " + call.place("exploration")));
  }

  private Answer all() {
    JsonText json = new JsonText().array();
    explorations.all().forEach(one -> Views.exploration(json, one));
    return Answer.json(json.end());
  }

  private static Answer one(int status, Exploration one) {
    JsonText json = new JsonText();
    Views.exploration(json, one);
    return Answer.json(status, json);
  }

  private Answer start(Call call) throws UsageException {
    JsonBody body = call.json();
    body.requireOnly("name", "script", "format", "size");
    Explorations.Plan plan =
        new Explorations.Plan(
            body.optional("name").orElse("script"),
            body.string("script"),
            body.optional("format"),
            body.optional("size"));
    return one(201, explorations.start(plan));
  }

  private Answer stop(Call call) throws ApiException {
    explorations.stop(find(call).id());
    return one(200, find(call));
  }

  private Answer report(Call call) throws ApiException {
    Exploration one = find(call);
    byte[] page =
        explorations
            .report(one.id())
            .orElseThrow(
                () -> ApiException.notFound("exploration " + one.id() + " has no report yet"));
    return Answer.of(200, "text/html; charset=utf-8", page).with("Content-Security-Policy", POLICY);
  }
}
