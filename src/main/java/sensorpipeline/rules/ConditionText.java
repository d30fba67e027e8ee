package sensorpipeline.rules;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSource;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.CelVarDecl;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.PlainText;
import sensorpipeline.reading.Quoted;
import sensorpipeline.reading.RefusedReading;

/**
 * Reads a condition: CEL, of which only what {@link ConditionFunctions} lists is allowed. Every name is a metric, and every number a double, with or without a decimal point: values of readings are. Not
 * thread-safe.
 */
final class ConditionText {

    private static final int MOST_PARTS = 100;
    private static final int MOST_NESTING = 100;
    private static final int LONGEST = 1000;
    private static final Map<String, CelFunctionDecl> FUNCTIONS = ConditionFunctions.declarations();
    private static final CelCompiler CEL = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(CelOptions.current().maxExpressionCodePointSize(LONGEST).maxParseRecursionDepth(MOST_NESTING).build())
            .setStandardEnvironmentEnabled(false).addFunctionDeclarations(FUNCTIONS.values())
            // Each metric is a part.
            .addVarDeclarations(IntStream.range(0, MOST_PARTS).mapToObj(metric -> CelVarDecl.newVarDeclaration(variable(metric), SimpleType.DOUBLE)).toList()).build();
    private static final Pattern NO_OVERLOAD = Pattern.compile("found no matching overload for '(.+?)' applied to '(.+?)'.*");
    private static final Pattern UNEXPECTED = Pattern.compile("(?s)(?:mismatched input|extraneous input|no viable alternative at input|token recognition error at:) ('.*?')(?: expecting .*)?");

    private final String text;
    private final List<String> metrics = new ArrayList<>();
    private CelSource source;
    private int parts;

    private ConditionText(String text) {
        this.text = text;
    }

    /**
     * @param text an expression
     * @return the condition that it is
     * @throws RequestError (400) if it is none, with what is wrong, and where
     */
    static Condition read(String text) {
        return new ConditionText(text).read();
    }

    private Condition read() {
        CelAbstractSyntaxTree parsed = valid(CEL.parse(text));
        source = parsed.getSource();
        CelExpr expression = numbersAndMetrics(parsed.getExpr());
        CelAbstractSyntaxTree checked = valid(CEL.check(CelAbstractSyntaxTree.newParsedAst(expression, source)));
        if (!checked.getResultType().equals(SimpleType.BOOL)) {
            throw AlertRule.invalid("when must be true or false of a reading, such as heart_rate > 120; got " + Quoted.of(text) + ", which is a number");
        }
        if (metrics.isEmpty()) {
            throw AlertRule.invalid("when must name a metric, such as heart_rate > 120; got " + Quoted.of(text));
        }
        return new Condition(text, metrics, new ConditionCompiler(checked).compile());
    }

    /** Metrics have variables of their own, because names of metrics can mean something else in CEL. */
    static String variable(int metric) {
        return "metric_" + metric;
    }

    private CelAbstractSyntaxTree valid(CelValidationResult result) {
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            CelIssue issue = e.getErrors().get(0);
            int offset = result.getSource().getLocationOffset(issue.getSourceLocation()).orElse(0);
            throw invalid(offset, told(issue.getMessage()));
        }
    }

    /** @return an error of CEL in the words of users, who know neither its names of operators nor its types */
    private static String told(String message) {
        Matcher noOverload = NO_OVERLOAD.matcher(message);
        if (noOverload.matches()) {
            return "%s cannot be applied to %s".formatted(sign(noOverload.group(1)), noOverload.group(2).replace("double", "number").replace("bool", "true or false"));
        }
        Matcher unexpected = UNEXPECTED.matcher(message);
        if (unexpected.matches()) {
            return unexpected.group(1).equals("'<EOF>'") ? "the expression is incomplete" : "unexpected " + unexpected.group(1);
        }
        if (message.startsWith("For input string")) {
            return "a number is too great, or is not one; write great numbers with a decimal point";
        }
        if (message.startsWith("Expression recursion limit")) {
            return "nested more than %d deep".formatted(MOST_NESTING);
        }
        return message.startsWith("reserved identifier: ") ? message + "; a metric of this name is written as metric[\"the name\"]" : message;
    }

    private static String sign(String function) {
        return function.equals("_?_:_") ? "?:" : function.replaceAll("^_|_$|^@", "");
    }

    private RequestError invalid(CelExpr part, String message) {
        return invalid(source.getPositionsMap().getOrDefault(part.id(), 0), message);
    }

    private static RequestError invalid(int offset, String message) {
        return AlertRule.invalid("when, character %d: %s".formatted(offset + 1, message));
    }

    /** @return the expression with variables for metrics, and numbers that are doubles */
    private CelExpr numbersAndMetrics(CelExpr part) {
        if (++parts > MOST_PARTS) {
            throw AlertRule.invalid("when must have at most %d numbers, names, operators and functions".formatted(MOST_PARTS));
        }
        return switch (part.getKind()) {
            case CONSTANT -> number(part);
            case IDENT -> metric(part, part.ident().name());
            case CALL -> call(part);
            case SELECT -> throw invalid(part, "a metric whose name is not made of letters, digits and underscores is written as metric[\"the name\"]");
            case LIST -> throw invalid(part, "a list can only follow in, such as status in [1, 2]");
            default -> throw invalid(part, "only numbers, metrics and " + ConditionFunctions.ALLOWED + " can be used");
        };
    }

    private CelExpr number(CelExpr part) {
        CelConstant constant = part.constant();
        return switch (constant.getKind()) {
            case DOUBLE_VALUE -> finite(part);
            case BOOLEAN_VALUE -> part;
            case INT64_VALUE -> CelExpr.ofConstant(part.id(), CelConstant.ofValue((double) constant.int64Value()));
            case STRING_VALUE -> throw invalid(part, "values are numbers; a text can only be the name of a metric: metric[\"the name\"]");
            default -> throw invalid(part, "only true, false and numbers such as 5 or 5.5 can be used");
        };
    }

    private CelExpr finite(CelExpr part) {
        if (Double.isInfinite(part.constant().doubleValue())) {
            throw invalid(part, "a number is too great");
        }
        return part;
    }

    private CelExpr metric(CelExpr part, String name) {
        try {
            PlainText.requireMetric(name);
        } catch (RefusedReading e) {
            throw invalid(part, e.getMessage());
        }
        if (!metrics.contains(name)) {
            metrics.add(name);
        }
        return CelExpr.ofIdent(part.id(), variable(metrics.indexOf(name)));
    }

    private CelExpr call(CelExpr part) {
        CelExpr.CelCall call = part.call();
        if (call.function().equals("_[_]")) {
            return namedMetric(part);
        }
        boolean isOfMath = call.target().isPresent() && call.target().get().identOrDefault().name().equals("math");
        String function = isOfMath ? "math." + call.function() : call.function();
        if (call.target().isPresent() && !isOfMath || !FUNCTIONS.containsKey(function)) {
            throw invalid(part, "%s cannot be used, only %s".formatted(sign(function), ConditionFunctions.ALLOWED));
        }
        CelExpr.CelCall.Builder rewritten = call.toBuilder().setTarget(Optional.empty()).setFunction(function);
        for (int i = 0; i < call.args().size(); i++) {
            CelExpr argument = call.args().get(i);
            rewritten.setArg(i, function.equals("@in") && i == 1 ? list(argument) : numbersAndMetrics(argument));
        }
        return part.toBuilder().setCall(rewritten.build()).build();
    }

    private CelExpr namedMetric(CelExpr part) {
        CelExpr of = part.call().args().get(0);
        CelExpr name = part.call().args().get(1);
        if (!of.identOrDefault().name().equals("metric") || name.constantOrDefault().getKind() != CelConstant.Kind.STRING_VALUE) {
            throw invalid(part, "[ can only follow metric, with the name of a metric, such as metric[\"flow-rate\"]");
        }
        return metric(part, name.constant().stringValue());
    }

    private CelExpr list(CelExpr part) {
        if (part.getKind() != CelExpr.ExprKind.Kind.LIST) {
            throw invalid(part, "in must be followed by a list of numbers, such as [1, 2]");
        }
        CelExpr.CelList.Builder rewritten = part.list().toBuilder();
        for (int i = 0; i < part.list().elements().size(); i++) {
            rewritten.setElement(i, numbersAndMetrics(part.list().elements().get(i)));
        }
        return part.toBuilder().setList(rewritten.build()).build();
    }
}
