/**
 * Coverage-guided fuzzing. {@code fuzz/run} hands bytes to {@link io.faultdisk.fuzz.Fuzzing}, made
 * by Jazzer, which has libFuzzer in it and knows which code they have reached; {@code
 * SavedInputsTest} hands it those that once found something.
 *
 * <pre>
 *   Fuzzing      Jazzer's entry; picks a Target
 *     Target     image, metadata, rules, options, nbd: bytes in, an error if something is wrong
 *       ImageTrial   what is done with an image, and what must hold, whatever is in it
 *         Session    one opening of it, over Disk: bytes in memory that know whether they changed
 * </pre>
 */
@NullMarked
package io.faultdisk.fuzz;

import org.jspecify.annotations.NullMarked;
