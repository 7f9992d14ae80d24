import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

/**
 * For each schema of the input, a line each, so many random values as Java's Avro writes them: base64, a tab, and JSON
 * of what they are. Each second one is written in blocks, lists and maps with their length in bytes.
 */
public final class RandomBodies {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        StringBuilder out = new StringBuilder();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            Schema schema = new Schema.Parser().parse(line);
            int number = 0;
            for (Object value : new RandomData(schema, count, 17L)) {
                out.append(Base64.getEncoder().encodeToString(body(schema, value, number++ % 2 == 1))).append('\t');
                show(schema, value, null, out);
                out.append('\n');
            }
        }
        System.out.write(out.toString().getBytes("UTF-8"));
        System.out.flush();
    }

    private static byte[] body(Schema schema, Object value, boolean inBlocks) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        EncoderFactory factory = new EncoderFactory().configureBlockSize(64);
        BinaryEncoder encoder = inBlocks ? factory.blockingBinaryEncoder(body, null) : factory.binaryEncoder(body, null);
        new GenericDatumWriter<Object>(schema).write(value, encoder);
        encoder.flush();
        return body.toByteArray();
    }

    private static void show(Schema schema, Object value, String type, StringBuilder out) {
        switch (schema.getType()) {
            case UNION:
                Schema branch = schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
                long records = schema.getTypes().stream().filter(each -> each.getType() == Schema.Type.RECORD).count();
                show(branch, value, records > 1 ? branch.getFullName() : null, out);
                break;
            case RECORD:
                String comma = "{";
                if (type != null) {
                    out.append("{\"@type\":\"text:").append(type).append('"');
                    comma = ",";
                }
                for (Schema.Field field : schema.getFields()) {
                    out.append(comma).append('"').append(field.name()).append("\":");
                    show(field.schema(), ((GenericRecord) value).get(field.pos()), null, out);
                    comma = ",";
                }
                out.append(comma.equals("{") ? "{}" : "}");
                break;
            case ARRAY:
                String before = "[";
                for (Object item : (Collection<?>) value) {
                    show(schema.getElementType(), item, null, out.append(before));
                    before = ",";
                }
                out.append(before.equals("[") ? "[]" : "]");
                break;
            case MAP:
                String first = "{";
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    out.append(first).append(text("", entry.getKey().toString())).append(':');
                    show(schema.getValueType(), entry.getValue(), null, out);
                    first = ",";
                }
                out.append(first.equals("{") ? "{}" : "}");
                break;
            case BYTES:
                ByteBuffer buffer = ((ByteBuffer) value).duplicate();
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                out.append(text("text:", Base64.getEncoder().encodeToString(bytes)));
                break;
            case FIXED:
                out.append(text("text:", Base64.getEncoder().encodeToString(((GenericFixed) value).bytes())));
                break;
            case FLOAT:
                out.append(text("single:", Integer.toUnsignedString(Float.floatToRawIntBits((Float) value))));
                break;
            case DOUBLE:
                out.append(text("double:", Long.toUnsignedString(Double.doubleToRawLongBits((Double) value))));
                break;
            case STRING:
            case ENUM:
                out.append(text("text:", value.toString()));
                break;
            default:
                out.append(value);
        }
    }

    private static String text(String kind, String value) {
        StringBuilder text = new StringBuilder("\"" + kind);
        for (char each : value.toCharArray()) {
            text.append(String.format("\\u%04x", (int) each));
        }
        return text.append('"').toString();
    }
}
