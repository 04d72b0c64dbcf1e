# Requests on their way at the same time.
aio_write -P 1 0 64k
aio_write -P 2 64k 64k
aio_write -P 3 1M 4k
aio_flush
aio_write -P 4 32k 64k
aio_write -P 5 2M 128k
aio_flush
