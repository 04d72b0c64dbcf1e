package io.faultdisk.daemon;

import java.util.Optional;

/**
 * An export as it is now.
 *
 * @param id how the daemon calls it
 * @param type {@code nbd}
 * @param nodeName the node that is served
 * @param shuttingDown it takes no clients any more, and goes with the last request in flight
 * @param name what clients ask for
 * @param description a text for people
 * @param writable whether clients may write
 * @param clients that use it
 */
public record ExportInfo(
    String id,
    String type,
    String nodeName,
    boolean shuttingDown,
    String name,
    Optional<String> description,
    boolean writable,
    int clients) {}
