"""Reelroom: where a micro-drama is written, shot and delivered."""
