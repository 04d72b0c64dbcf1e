/**
 * What commands take and give, as data: read from text ({@link io.faultdisk.qmp.schema.Schema}),
 * used to check arguments ({@link io.faultdisk.qmp.schema.ArgumentChecker}) and to answer {@code
 * query-qmp-schema} ({@link io.faultdisk.qmp.schema.Introspection}).
 */
@NullMarked
package io.faultdisk.qmp.schema;

import org.jspecify.annotations.NullMarked;
