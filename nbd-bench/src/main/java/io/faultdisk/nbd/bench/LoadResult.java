package io.faultdisk.nbd.bench;

import java.time.Duration;
import java.util.Optional;

/**
 * What was measured.
 *
 * @param exportBytes the size of the export
 * @param elapsedNanos how long it was measured, at least 1
 * @param reads empty if the plan had none
 * @param writes empty if the plan had none
 * @param serverCpu processor time that the plan's server spent meanwhile, in steps of some
 *     milliseconds; empty if there was none, or the system does not tell
 */
public record LoadResult(
    long exportBytes,
    long elapsedNanos,
    Optional<Answers> reads,
    Optional<Answers> writes,
    Optional<Duration> serverCpu) {}
