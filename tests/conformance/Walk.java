// Takes random walks over forms with JavaRosa and prints each as a line of JSON, in the shape that walk_cases reads.
// Usage: java -cp ODK_Validate.jar Walk.java FOLDER SEED WALKS_PER_FORM

import java.io.File;
import java.io.FileInputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.AnswerDataFactory;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.UncastData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;
import org.opendatakit.validate.StubPropertyManager;

public class Walk {
    static final String[] TEXTS = {"hello world", "X1", "0712345678", "abc", "yes", "小明", "5"};
    static final String[] WHOLE = {"0", "1", "2", "3", "7", "12", "40", "99"};
    static final String[] DECIMAL = {"0.5", "1", "3.25", "36.6", "100"};
    static final String[] DATES = {"2026-01-01", "2020-02-29", "2026-11-23", "1990-07-15"};

    final Random random;
    final Map<String, String> answers = new LinkedHashMap<>();
    final Map<String, Integer> repeats = new LinkedHashMap<>();
    final List<String> asked = new ArrayList<>();
    final List<String> prompts = new ArrayList<>();

    Walk(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        System.setOut(new PrintStream(java.io.OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(java.io.OutputStream.nullOutputStream()));
        new XFormsModule().registerModule();
        org.javarosa.core.util.JavaRosaCoreModule core = new org.javarosa.core.util.JavaRosaCoreModule();
        core.registerModule();
        PropertyManager.setPropertyManager(new StubPropertyManager());
        File[] files = new File(args[0]).listFiles((folder, name) -> name.endsWith(".xml"));
        Arrays.sort(files);
        for (File file : files) {
            for (int n = 0; n < Integer.parseInt(args[2]); n++) {
                try {
                    out.println(new Walk(Long.parseLong(args[1]) * 1000 + n + file.getName().hashCode()).run(file));
                } catch (Throwable error) {
                    out.println("{\"form\":" + quote(file.getName()) + ",\"error\":" + quote("" + error) + "}");
                }
            }
        }
    }

    String run(File file) throws Exception {
        FormDef form = XFormUtils.getFormFromInputStream(new FileInputStream(file));
        FormEntryModel model = new FormEntryModel(form);
        FormEntryController controller = new FormEntryController(model);
        form.initialize(true, new InstanceInitializationFactory());
        for (int step = 0; step < 3000; step++) {
            int event = controller.stepToNextEvent();
            if (event == FormEntryController.EVENT_END_OF_FORM) {
                break;
            }
            if (event == FormEntryController.EVENT_QUESTION) {
                ask(controller, model.getQuestionPrompt());
            } else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
                offer(controller, model.getFormIndex().getReference());
            }
        }
        Map<String, String> values = new TreeMap<>();
        gather(form.getMainInstance().getRoot(), values);
        StringBuilder text = new StringBuilder("{\"form\":" + quote(file.getName()) + ",\"error\":null,\"answers\":{");
        text.append(joined(answers, true)).append("},\"repeats\":{").append(joined(repeats, false));
        text.append("},\"asked\":[").append(String.join(",", asked)).append("],\"values\":{");
        text.append(joined(values, false)).append("},\"repeat_prompts\":[");
        text.append(String.join(",", prompts)).append("],\"xml\":");
        byte[] xml = new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
        return text.append(quote(new String(xml, "UTF-8"))).append("}").toString();
    }

    void offer(FormEntryController controller, TreeReference reference) {
        String ref = path(reference);
        prompts.add(quote(ref));
        String series = ref.replaceAll("\\[\\d+\\]$", "");
        int have = reference.getMultLast();
        if (have < 3 && random.nextDouble() < 0.5) {
            controller.newRepeat();
            have++;
        }
        repeats.put(series, have);
    }

    void ask(FormEntryController controller, FormEntryPrompt prompt) {
        String ref = path(prompt.getIndex().getReference());
        List<SelectChoice> choices = choices(prompt);
        List<String> values = new ArrayList<>();
        if (choices != null) {
            for (SelectChoice choice : choices) {
                values.add(quote(choice.getValue()));
            }
        }
        boolean required = prompt.isRequired();
        String label = prompt.getLongText();
        String code = "-";
        String text = prompt.isReadOnly() || random.nextDouble() < 0.05 ? null : make(prompt, choices);
        if (text != null) {
            IAnswerData data = AnswerDataFactory.template(prompt.getControlType(), prompt.getDataType());
            data = data.cast(new UncastData(text));
            answers.put(ref, text);
            code = "" + controller.answerQuestion(data, true);
        }
        asked.add("{\"ref\":" + quote(ref) + ",\"readonly\":" + prompt.isReadOnly() + ",\"required\":" + required
            + ",\"answer_code\":\"" + code + "\",\"choices\":[" + String.join(",", values)
            + "],\"label\":" + quote(label == null ? "" : label) + "}");
    }

    static List<SelectChoice> choices(FormEntryPrompt prompt) {
        int control = prompt.getControlType();
        boolean selects = control == Constants.CONTROL_SELECT_ONE || control == Constants.CONTROL_SELECT_MULTI
            || control == Constants.CONTROL_RANK;
        return selects ? prompt.getSelectChoices() : null;
    }

    String make(FormEntryPrompt prompt, List<SelectChoice> choices) {
        if (choices != null) {
            return select(prompt, choices);
        }
        if (prompt.getControlType() == Constants.CONTROL_TRIGGER) {
            return "OK";
        }
        switch (prompt.getDataType()) {
            case Constants.DATATYPE_TEXT: return pick(TEXTS);
            case Constants.DATATYPE_INTEGER: return pick(WHOLE);
            case Constants.DATATYPE_DECIMAL: return pick(DECIMAL);
            case Constants.DATATYPE_DATE: return pick(DATES);
            case Constants.DATATYPE_GEOPOINT: return "39.9 116.4 0 0";
            default: return null;
        }
    }

    String select(FormEntryPrompt prompt, List<SelectChoice> choices) {
        if (choices.isEmpty() || prompt.getControlType() == Constants.CONTROL_RANK) {
            return null;
        }
        String first = choices.get(random.nextInt(choices.size())).getValue();
        String second = choices.get(random.nextInt(choices.size())).getValue();
        boolean many = prompt.getControlType() == Constants.CONTROL_SELECT_MULTI && !first.equals(second);
        return many && random.nextBoolean() ? first + " " + second : first;
    }

    String pick(String[] pool) {
        return pool[random.nextInt(pool.length)];
    }

    static String path(TreeReference reference) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < reference.size(); i++) {
            int place = reference.getMultiplicity(i);
            text.append("/").append(reference.getName(i)).append(place > 0 ? "[" + (place + 1) + "]" : "");
        }
        return text.toString();
    }

    static void gather(TreeElement element, Map<String, String> values) {
        if (element.getMult() == TreeReference.INDEX_TEMPLATE) {
            return;
        }
        if (element.getNumChildren() == 0) {
            IAnswerData data = element.getValue();
            String text = data == null ? "" : data.uncast().getString();
            String fact = "[" + (element.isRelevant() ? 1 : 0) + "," + quote(text) + "]";
            values.put(path(element.getRef()), fact);
        }
        for (int i = 0; i < element.getNumChildren(); i++) {
            gather(element.getChildAt(i), values);
        }
    }

    static String joined(Map<String, ?> map, boolean quoted) {
        List<String> parts = new ArrayList<>();
        map.forEach((key, value) -> parts.add(quote(key) + ":" + (quoted ? quote("" + value) : value)));
        return String.join(",", parts);
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < ' ') {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        return out.append('"').toString();
    }
}
