// The player of a take: loaded by pages that show one.
import { startPlayers } from "../player/player.js";

startPlayers();
