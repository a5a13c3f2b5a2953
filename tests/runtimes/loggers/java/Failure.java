import java.util.Map;

/** What every scenario throws: an exception of its own caused by one of the JVM's. */
class Failure {
    static class OrderException extends RuntimeException {
        OrderException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static int charge(Map<String, Integer> prices) {
        try {
            return prices.get("sku");
        } catch (NullPointerException error) {
            throw new OrderException("order 42 failed", error);
        }
    }

    static Throwable get() {
        try {
            charge(Map.of());
            return null;
        } catch (OrderException error) {
            return error;
        }
    }
}
