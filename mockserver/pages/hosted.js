// Mounts the scheduling component on a hosted page. What it is to show stands in the page, as data attributes.
const place = document.getElementById("scheduling");
const { component, now, session, ...properties } = place.dataset;

function tell(text) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = text;
  trouble.hidden = false;
}

// The component asks for slots from the browser's now on; this makes it the sandbox's, whose clock is another.
function shiftClock(seconds) {
  const ahead = seconds * 1000 - Date.now();
  globalThis.Date = new Proxy(Date, {
    construct: (genuine, parts, target) =>
      Reflect.construct(genuine, parts.length ? parts : [genuine.now() + ahead], target),
    get: (genuine, key) => (key === "now" ? () => genuine.now() + ahead : Reflect.get(genuine, key)),
  });
}

// A private configuration needs a session: one given as #session=ID, else one that this server opens.
async function sessionId() {
  const given = new URLSearchParams(location.hash.slice(1)).get("session");
  if (given || session !== "open") return given;
  const answer = await fetch(location.pathname, { method: "POST" });
  if (!answer.ok) throw new Error(`The server opened no session: status ${answer.status}.`);
  return (await answer.json()).session_id;
}

async function mount() {
  if (now) shiftClock(Number(now));
  let define;
  try {
    ({ defineCustomElement: define } = await import(new URL(component, location.href)));
  } catch {
    tell(`The component could not be loaded from ${component}. Without a network, start the server with --web-elements.`);
    return;
  }
  define();
  const element = document.createElement("nylas-scheduling");
  const id = session ? await sessionId() : null;
  if (session && !id) {
    tell("This configuration is private: open a session with your API key and add #session=ID to this address.");
    return;
  }
  Object.assign(element, { schedulerApiUrl: location.origin, enableUserFeedback: false, ...properties });
  if (id) element.sessionId = id;
  place.replaceChildren(element);
}

mount().catch((error) => tell(error.message));
