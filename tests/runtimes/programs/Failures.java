/** Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first. */
public class Failures {
    static class GateLocked extends RuntimeException {
        GateLocked(String message, Throwable cause) { super(message, cause); }
    }

    static int read(String text) { return Integer.parseInt(text); }

    static void open(String message) {
        try { read("gate seven"); } catch (NumberFormatException error) { throw new IllegalStateException("no number", error); }
    }

    static void enter(String message) {
        try { open(message); } catch (IllegalStateException error) { throw new GateLocked(message, error); }
    }

    static String quoted(String text) { return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"'; }

    static void tell(Throwable error) {
        StringBuilder told = new StringBuilder("[");
        for (Throwable link = error; link != null; link = link.getCause()) {
            told.append(told.length() > 1 ? "," : "").append('[').append(quoted(link.getClass().getName())).append(',');
            told.append(quoted(link.getMessage())).append(']');
        }
        System.out.println(told.append(']'));
    }

    public static void main(String[] arguments) {
        boolean isCrash = arguments[0].equals("crash");
        try {
            enter(arguments[0].equals("lines") ? "gate 7\nis locked: for good" : "gate 7 is locked");
        } catch (RuntimeException error) {
            tell(error);
            if (isCrash) { throw error; }
            error.printStackTrace();
        }
    }
}
