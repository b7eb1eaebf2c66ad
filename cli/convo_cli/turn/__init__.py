"""The choices and the events of a turn: records that load nothing slow."""
