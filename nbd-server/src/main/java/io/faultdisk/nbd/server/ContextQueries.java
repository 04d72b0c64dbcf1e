package io.faultdisk.nbd.server;

import io.faultdisk.nbd.MetaContextName;
import java.util.ArrayList;
import java.util.List;

/**
 * Which contexts of an export a client means. What nobody knows is not an error: there is just
 * nothing to select.
 *
 * <p>Source: the behaviour of QEMU 7.2, nbd/server.c.
 */
final class ContextQueries {
  private ContextQueries() {}

  /**
   * The export's contexts that one of the queries selects, in the order of their ids.
   *
   * @param listing to list them: then a query may leave out what comes after a colon, and no query
   *     at all means everything
   */
  static List<MetaContext> select(Export export, List<String> queries, boolean listing) {
    if (listing && queries.isEmpty()) {
      return export.contexts();
    }
    List<MetaContext> selected = new ArrayList<>();
    for (MetaContext context : export.contexts()) {
      for (String query : queries) {
        if (selects(query, context.name(), listing, selected)) {
          selected.add(context);
          break;
        }
      }
    }
    return selected;
  }

  /** A whole name selects one context, even if a bitmap is offered twice. */
  private static boolean selects(
      String query, String name, boolean listing, List<MetaContext> selected) {
    if (query.equals(name)) {
      return selected.stream().noneMatch(context -> context.name().equals(name));
    }
    return listing && isNamespace(query) && name.startsWith(query);
  }

  private static boolean isNamespace(String query) {
    return query.equals(MetaContextName.BASE_NAMESPACE)
        || query.equals(MetaContextName.QEMU_NAMESPACE)
        || query.equals(MetaContextName.DIRTY_BITMAP_PREFIX);
  }
}
