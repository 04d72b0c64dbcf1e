# The image grows, and is written to behind its old end.
write -P 1 0 64k
flush
truncate 128M
write -P 2 100M 64k
flush
truncate 1G
write -P 3 900M 4k
flush
