// Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
class GateLocked extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "GateLocked";
  }
}

function read(text) {
  return JSON.parse(text);
}

function open() {
  try {
    read("gate seven");
  } catch (error) {
    throw new RangeError("no number", { cause: error });
  }
}

function enter(message) {
  try {
    open();
  } catch (error) {
    throw new GateLocked(message, { cause: error });
  }
}

try {
  enter(process.argv[2] === "lines" ? "gate 7\nis locked: for good" : "gate 7 is locked");
} catch (error) {
  const links = [];
  for (let link = error; link; link = link.cause) links.push([link.name, link.message]);
  console.log(JSON.stringify(links));
  if (process.argv[2] === "crash") throw error;
  console.error(error);
}
