// What a board needs beside the behaviours of every page.
import { startBoard } from "../board/live_cards.js";

startBoard();
