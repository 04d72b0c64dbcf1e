/**
 * Tests in which something goes wrong at every point where something can: {@link
 * io.faultdisk.nio.explore.Exploration} runs a test once to list the fault points, then once for
 * each of them and each fault of a {@link io.faultdisk.nio.explore.TrialPlan}. The test does its
 * work in {@link io.faultdisk.nio.explore.Attempt#run} and then checks what must hold.
 *
 * <p>Needs no test framework. One can be built on {@link io.faultdisk.nio.explore.TestDisk}, which
 * is what a test needs, and {@link io.faultdisk.nio.explore.AttemptSeries}, which says what is to
 * be tried next.
 */
@NullMarked
package io.faultdisk.nio.explore;

import org.jspecify.annotations.NullMarked;
