/** Apache Lucene. */
@NullMarked
package io.faultdisk.suites.lucene;

import org.jspecify.annotations.NullMarked;
