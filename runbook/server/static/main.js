// What the server adds to a page of the guide. The page is complete without it.
import { Connection } from "./connection.js";
import { Bar } from "./bar.js";
import { Cards } from "./cards.js";
import { Controls } from "./controls.js";
import { markProven } from "./proven.js";
import { Seat } from "./seat.js";
import { Terminals } from "./terminals.js";

const cards = [...document.querySelectorAll("article.runbook-step[data-step]")];
const connection = new Connection(cards.map((card) => card.dataset.step));
const terminals = new Terminals(connection);
const bar = new Bar(connection, terminals, new Seat(connection, terminals));
new Cards(connection, cards);
new Controls(connection, terminals, cards);
markProven(connection);
document.body.append(bar.element);
connection.open();
