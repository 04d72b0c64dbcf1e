package io.faultdisk.daemon.disk;

import io.faultdisk.block.Unsynced;
import java.util.Optional;

/**
 * The power of a disk. Immutable.
 *
 * @param on whether requests are served
 * @param unsynced what a cut would take now; empty if there is no volatile cache, so that nothing
 *     would be lost
 */
public record PowerState(boolean on, Optional<Unsynced> unsynced) {}
