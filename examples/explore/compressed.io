# Compressed clusters share host clusters; one of them is overwritten.
write -c -P 1 0 64k
write -c -P 2 64k 64k
write -c -P 3 128k 64k
flush
write -P 4 64k 4k
flush
discard 0 64k
flush
