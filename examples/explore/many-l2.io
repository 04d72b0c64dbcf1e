# One write in each of several L2 tables, flushed together.
write -P 1 0 64k
write -P 2 512M 64k
write -P 3 1G 64k
write -P 4 1536M 64k
flush
write -P 5 0 4k
flush
