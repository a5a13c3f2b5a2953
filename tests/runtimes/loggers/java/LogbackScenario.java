import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The scenario of ../python_loggers.py through SLF4J and logback; logback.xml says in which shapes. */
public class LogbackScenario {
    public static void main(String[] arguments) {
        Logger log = LoggerFactory.getLogger("shop.order.Charge");
        MDC.put("requestId", "req-7f3a");
        MDC.put("traceId", "4bf92f3577b34da6a3ce929d0e0e4736");
        log.info("started");
        log.error("charge failed", Failure.get());
        log.error("no price for sku 7");
        log.info("retrying after ERROR 503");
        log.warn("charge is late", Failure.get());
    }
}
