package io.faultdisk.daemon;

import java.util.Optional;

/**
 * A job as {@code query-jobs} shows it.
 *
 * @param type what it does, {@code create}
 * @param currentProgress how much is done, in no unit
 * @param totalProgress of how much
 * @param error why it has failed
 */
public record JobInfo(
    String id,
    String type,
    JobStatus status,
    long currentProgress,
    long totalProgress,
    Optional<String> error) {}
