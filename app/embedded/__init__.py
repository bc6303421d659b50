"""What `reelroom up` brings along: PostgreSQL, Valkey, and the supervisor of the web server and the workers."""
