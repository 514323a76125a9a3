int interlock_spawn_unused(void);
