/** Apache Kafka's log, without its server. */
@NullMarked
package io.faultdisk.suites.kafka;

import org.jspecify.annotations.NullMarked;
