package io.faultdisk.nbd.bench;

import java.util.Optional;

/**
 * What was measured.
 *
 * @param exportBytes the size of the export
 * @param elapsedNanos how long it was measured, at least 1
 * @param reads empty if the plan had none
 * @param writes empty if the plan had none
 */
public record LoadResult(
    long exportBytes, long elapsedNanos, Optional<Answers> reads, Optional<Answers> writes) {}
