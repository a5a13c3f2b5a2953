import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;

/** The scenario of Scenario.java through log4j2's own API. */
public class Log4jScenario {
    public static void main(String[] arguments) {
        Logger log = LogManager.getLogger("shop.order.Charge");
        ThreadContext.put("requestId", "req-7f3a");
        ThreadContext.put("traceId", "4bf92f3577b34da6a3ce929d0e0e4736");
        log.info("started");
        log.error("charge failed", Failure.get());
        log.error("no price for sku 7");
        log.info("retrying after ERROR 503");
        log.warn("charge is late", Failure.get());
    }
}
