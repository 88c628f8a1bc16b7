"""What keeps work safe between saves: autosave, recovery after a crash, backups, the crash log."""
