// Calls the official SDK as it is told: one JSON line in, { uri, key, call, args }; one JSON line out.
// JSON has no undefined: "<undefined>" stands for it.
import { createInterface } from "node:readline";
import Nylas from "nylas";

function revived(value) {
  if (value === "<undefined>") return undefined;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revived);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]));
}

async function answer({ uri, key, call, args }) {
  const path = call.split(".");
  const method = path.pop();
  const resource = path.reduce((owner, name) => owner[name], new Nylas({ apiKey: key, apiUri: uri, timeout: 20 }));
  try {
    const result = await resource[method](revived(args));
    return { result, headers: result.rawHeaders };
  } catch (error) {
    const { type, statusCode, requestId, providerError } = error;
    return { error: { name: error.constructor.name, message: error.message, type, statusCode, requestId, providerError } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
