import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;

/**
 * Runs one Debezium engine for each *.properties file of a folder, in one JVM, over the same PostgreSQL, and writes each
 * record, through each converter that its file names, as one line of JSON to standard output.
 *
 * Lines of standard input are its orders: "sql FILE" runs a file's statements, each a transaction of its own unless BEGIN
 * and COMMIT stand around some, "start" starts the engines, "end" ends the program.
 */
public final class Recorder {
    /** Standard output belongs to the records: what libraries print there goes to standard error. */
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    public static void main(String[] arguments) throws Exception {
        System.setOut(System.err);
        List<DebeziumEngine<?>> engines = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Connection database = DriverManager.getConnection(arguments[1], "postgres", "");
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in))) {
            for (String order = orders.readLine(); order != null && !order.equals("end"); order = orders.readLine()) {
                if (order.startsWith("sql ")) {
                    run(database, Files.readString(Path.of(order.substring(4))));
                } else {
                    try (var files = Files.newDirectoryStream(Path.of(arguments[0]), "*.properties")) {
                        for (Path file : files) {
                            DebeziumEngine<?> engine = engine(file);
                            engines.add(engine);
                            threads.execute(engine);
                        }
                    }
                }
            }
        }
        Runtime.getRuntime().halt(0); // what the engines would do on their way out is of no use to anybody
    }

    private static void run(Connection database, String script) throws Exception {
        try (Statement statement = database.createStatement()) {
            for (String each : script.split(";\\s*\n")) {
                if (!each.isBlank()) {
                    statement.execute(each);
                }
            }
        }
    }

    private static DebeziumEngine<?> engine(Path file) throws Exception {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        String name = properties.getProperty("name");
        Map<String, Converter[]> converters = converters(properties);
        SimpleHeaderConverter texts = new SimpleHeaderConverter();
        return DebeziumEngine.create(Connect.class)
                .using(properties)
                .notifying(event -> write(name, converters, texts, event))
                .using((success, message, error) -> {
                    System.err.println("The engine " + name + " ended: " + message);
                    if (error != null) {
                        error.printStackTrace();
                    }
                    Runtime.getRuntime().halt(1);
                })
                .build();
    }

    /** Key and value converter by name: all "converter.NAME.key.*" and "converter.NAME.value.*", each with its "class". */
    private static Map<String, Converter[]> converters(Properties properties) throws Exception {
        Map<String, Converter[]> found = new LinkedHashMap<>();
        for (String name : properties.getProperty("recorder.converters").split(",")) {
            Converter[] pair = new Converter[2];
            for (int part = 0; part < 2; part++) {
                String prefix = "converter." + name + (part == 0 ? ".key." : ".value.");
                Map<String, Object> settings = new HashMap<>();
                properties.stringPropertyNames().stream().filter(each -> each.startsWith(prefix))
                        .forEach(each -> settings.put(each.substring(prefix.length()), properties.getProperty(each)));
                pair[part] = (Converter) Class.forName((String) settings.remove("class")).getDeclaredConstructor().newInstance();
                pair[part].configure(settings, part == 0);
            }
            found.put(name, pair);
        }
        return found;
    }

    private static void write(
            String engine,
            Map<String, Converter[]> converters,
            SimpleHeaderConverter texts,
            ChangeEvent<SourceRecord, SourceRecord> event) {
        SourceRecord record = event.value();
        converters.forEach((name, pair) -> {
            RecordHeaders headers = new RecordHeaders();
            for (Header each : record.headers()) {
                headers.add(each.key(), texts.fromConnectHeader(record.topic(), each.key(), each.schema(), each.value()));
            }
            byte[] key = pair[0].fromConnectData(record.topic(), headers, record.keySchema(), record.key());
            byte[] value = pair[1].fromConnectData(record.topic(), headers, record.valueSchema(), record.value());
            StringBuilder line = new StringBuilder("{\"engine\":\"" + engine + "\",\"converter\":\"" + name + "\",\"topic\":\"");
            line.append(record.topic()).append("\",\"timestamp\":").append(record.timestamp());
            line.append(",\"key\":").append(base64(key)).append(",\"value\":").append(base64(value)).append(",\"headers\":[");
            String comma = "";
            for (org.apache.kafka.common.header.Header each : headers) {
                line.append(comma).append("[\"").append(each.key()).append("\",").append(base64(each.value())).append("]");
                comma = ",";
            }
            synchronized (OUT) {
                OUT.println(line.append("]}"));
            }
        });
    }

    private static String base64(byte[] bytes) {
        return bytes == null ? "null" : "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
    }

    private Recorder() {}
}
