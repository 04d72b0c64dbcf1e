# So many small clusters that refcount blocks are added, and the refcount table moves.
write -P 1 0 200k
flush
write -P 2 400k 100k
flush
write -P 3 100k 4k
flush
