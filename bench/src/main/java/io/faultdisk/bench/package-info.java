/**
 * JMH benchmarks of what must be fast: {@link io.faultdisk.bench.EventBenchmark} and {@link
 * io.faultdisk.bench.CheckBenchmark} measure the rule engine on the path of every request.
 *
 * <p>Run: {@code java -cp 'bench/target/lib/*:bench/target/classes' org.openjdk.jmh.Main Check}
 * after {@code mvn package -pl bench -am -DskipTests}.
 */
@NullMarked
package io.faultdisk.bench;

import org.jspecify.annotations.NullMarked;
