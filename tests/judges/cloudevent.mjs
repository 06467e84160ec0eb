// Reads {events: […]} and answers what the official CloudEvents SDK makes of each; a bad event is an error.
import { readFileSync } from "node:fs";
import { CloudEvent } from "cloudevents";

const { events } = JSON.parse(readFileSync(0, "utf8"));
const read = events.map((event) => new CloudEvent(event, true));
process.stdout.write(JSON.stringify(read.map(({ id, type, subject, source }) => ({ id, type, subject, source }))));
