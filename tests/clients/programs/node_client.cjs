// A program that fails in several ways and tells its tracker; prints the id of each event by the name of the case.
//     NODE_PATH=FOLDER/node_modules node node_client.cjs DSN
const Sentry = require("@sentry/node");

Sentry.init({
  dsn: process.argv[2],
  environment: "acme-prod",
  release: "order@1.42.0",
  initialScope: { tags: { service: "order", carrier: "cat-express" }, user: { id: "7", username: "hanako" } },
});

function pay(amount) {
  throw new RangeError(`gateway did not answer for ${amount}`);
}

function charge(order) {
  try {
    pay(4200);
  } catch (error) {
    throw new Error(`order ${order} was not charged`, { cause: error });
  }
}

function caught(fail) {
  try {
    fail();
  } catch (error) {
    return Sentry.captureException(error);
  }
}

async function main() {
  Sentry.addBreadcrumb({ category: "gateway", message: "connecting", data: { host: "gw-1" } });
  const sent = {
    chained: caught(() => charge(118)),
    aggregate: caught(() => {
      throw new AggregateError([new TypeError("no currency"), new Error("no stock")], "2 of 9 jobs failed");
    }),
    message: Sentry.captureMessage("stock is low", "warning"),
  };
  await Sentry.flush(10000);
  console.log(JSON.stringify(sent));
}

main();
