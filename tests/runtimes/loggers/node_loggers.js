// What Node's JSON loggers print of one scenario: `node node_loggers.js DIR` writes DIR/<logger>.log each.
// The scenario is that of python_loggers.py. A logger that is not installed is named and left out.
"use strict";
const fs = require("fs");
const path = require("path");
const { Writable } = require("stream");

const IDS = { reqId: "req-7f3a", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" };

class OrderError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "OrderError";
    this.code = "E_ORDER";
  }
}

function charge(prices) {
  try {
    return prices.sku.amount;
  } catch (error) {
    throw new OrderError("order 42 failed", { cause: error });
  }
}

function failure() {
  try {
    charge({});
  } catch (error) {
    return error;
  }
}

function collector() {
  const parts = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      parts.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => parts.join("") };
}

// Loggers that take (fields, message).
function sayAll(log, wrap) {
  log.info({}, "started");
  log.error(wrap(failure()), "charge failed");
  log.error({}, "no price for sku 7");
  log.info({}, "retrying after ERROR 503");
  log.warn(wrap(failure()), "charge is late");
}

const loggers = {
  pino() {
    const pino = require("pino");
    const out = collector();
    const log = pino({ name: "shop.order", base: { service: "order" } }, out.stream).child(IDS);
    sayAll(log, (err) => ({ err }));
    return out.text;
  },
  pino_custom_key() {
    const pino = require("pino");
    const out = collector();
    const log = pino(
      { name: "shop.order", base: { service: "order" }, errorKey: "failure", serializers: { failure: pino.stdSerializers.err } },
      out.stream,
    ).child(IDS);
    sayAll(log, (failure) => ({ failure }));
    return out.text;
  },
  pino_error_with_cause() {
    const pino = require("pino");
    const out = collector();
    const log = pino(
      { name: "shop.order", base: { service: "order" }, serializers: { err: pino.stdSerializers.errWithCause } },
      out.stream,
    ).child(IDS);
    sayAll(log, (err) => ({ err }));
    return out.text;
  },
  pino_labels() {
    const pino = require("pino");
    const out = collector();
    const log = pino(
      {
        name: "shop.order",
        base: { service: "order" },
        messageKey: "message",
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      out.stream,
    ).child(IDS);
    sayAll(log, (err) => ({ err }));
    return out.text;
  },
  pino_ecs() {
    const pino = require("pino");
    const { ecsFormat } = require("@elastic/ecs-pino-format");
    const out = collector();
    const log = pino({ ...ecsFormat({ serviceName: "order" }), name: "shop.order" }, out.stream).child({
      "trace.id": IDS.trace_id,
      "http.request.id": IDS.reqId,
    });
    sayAll(log, (err) => ({ err }));
    return out.text;
  },
  bunyan() {
    const bunyan = require("bunyan");
    const out = collector();
    const log = bunyan.createLogger({ name: "shop.order", service: "order", ...IDS, stream: out.stream, serializers: bunyan.stdSerializers });
    sayAll(log, (err) => ({ err }));
    return out.text;
  },
  winston() {
    const winston = require("winston");
    const { format } = winston;
    const out = collector();
    const log = winston.createLogger({
      defaultMeta: { service: "order", logger: "shop.order", ...IDS },
      format: format.combine(format.errors({ stack: true, cause: true }), format.timestamp(), format.json()),
      transports: [new winston.transports.Stream({ stream: out.stream })],
    });
    log.info("started");
    log.error("charge failed", failure());
    log.error("no price for sku 7");
    log.info("retrying after ERROR 503");
    log.warn("charge is late", failure());
    return out.text;
  },
  winston_ecs() {
    const winston = require("winston");
    const { ecsFormat } = require("@elastic/ecs-winston-format");
    const out = collector();
    const log = winston.createLogger({
      defaultMeta: { "trace.id": IDS.trace_id, "http.request.id": IDS.reqId, "log.logger": "shop.order" },
      format: ecsFormat({ serviceName: "order" }),
      transports: [new winston.transports.Stream({ stream: out.stream })],
    });
    log.info("started");
    log.error("charge failed", { err: failure() });
    log.error("no price for sku 7");
    log.info("retrying after ERROR 503");
    log.warn("charge is late", { err: failure() });
    return out.text;
  },
  powertools() {
    const { Logger } = require("@aws-lambda-powertools/logger");
    const out = collector();
    const { Console } = require("console");
    const log = new Logger({ serviceName: "order" });
    log.console = new Console({ stdout: out.stream, stderr: out.stream });
    log.appendKeys({ function_request_id: IDS.reqId, xray_trace_id: IDS.trace_id });
    log.info("started");
    log.error("charge failed", failure());
    log.error("no price for sku 7");
    log.info("retrying after ERROR 503");
    log.warn("charge is late", failure());
    return out.text;
  },
};

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
for (const [name, run] of Object.entries(loggers)) {
  try {
    const text = run();
    setTimeout(() => fs.writeFileSync(path.join(folder, `node_${name}.log`), text()), 200);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.error(`${name}: left out, ${error.message.split("\n")[0]}`);
  }
}
