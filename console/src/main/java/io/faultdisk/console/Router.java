package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out what a request is for. Immutable. */
final class Router {
  private final List<Route> routes;

  Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  List<Route> routes() {
    return routes;
  }

  /**
   * A route and the values of what is in braces in its path.
   *
   * @param place by name
   */
  record Match(Route route, Map<String, String> place) {}

  /**
   * The route for a request; empty if no route has that path, whatever the method.
   *
   * @param path as it came, with its escapes
   * @throws ApiException if the path has other methods only
   * @throws UsageException if an escape makes no sense
   */
  Optional<Match> find(String method, String path) throws ApiException, UsageException {
    List<String> parts = new ArrayList<>();
    for (String part : (path.startsWith("/") ? path.substring(1) : path).split("/", -1)) {
      parts.add(Percent.decode(part, false));
    }
    List<String> allowed = new ArrayList<>();
    for (Route route : routes) {
      Optional<Map<String, String>> place = route.match(parts);
      if (place.isPresent()) {
        if (route.method().equals(method)) {
          return Optional.of(new Match(route, place.get()));
        }
        allowed.add(route.method());
      }
    }
    if (!allowed.isEmpty()) {
      throw ApiException.notAllowed(method, path, allowed);
    }
    return Optional.empty();
  }
}
