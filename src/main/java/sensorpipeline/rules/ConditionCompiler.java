package sensorpipeline.rules;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.SimpleType;
import java.util.List;
import sensorpipeline.rules.Condition.Quantity;
import sensorpipeline.rules.Condition.Truth;

/**
 * Makes code of a checked expression. The runtime of CEL would put each value and each result into an object, and look each function up; as there are only numbers and truths, and nothing can fail, a part
 * costs a call here.
 */
final class ConditionCompiler {

    private final CelAbstractSyntaxTree expression;

    ConditionCompiler(CelAbstractSyntaxTree expression) {
        this.expression = expression;
    }

    Truth compile() {
        return truth(expression.getExpr());
    }

    private Truth truth(CelExpr part) {
        if (part.getKind() == CelExpr.ExprKind.Kind.CONSTANT) {
            boolean constant = part.constant().booleanValue();
            return (values, places) -> constant;
        }
        List<CelExpr> of = part.call().args();
        return switch (part.call().function()) {
            case "_&&_" -> and(truth(of.get(0)), truth(of.get(1)));
            case "_||_" -> or(truth(of.get(0)), truth(of.get(1)));
            case "!_" -> not(truth(of.get(0)));
            case "_?_:_" -> choiceOfTruths(truth(of.get(0)), truth(of.get(1)), truth(of.get(2)));
            case "_==_" -> equality(of.get(0), of.get(1));
            case "_!=_" -> not(equality(of.get(0), of.get(1)));
            case "@in" -> in(quantity(of.get(0)), of.get(1).list().elements().stream().map(this::quantity).toArray(Quantity[]::new));
            default -> comparison(part.call().function(), quantity(of.get(0)), quantity(of.get(1)));
        };
    }

    private static Truth and(Truth left, Truth right) {
        return (values, places) -> left.of(values, places) && right.of(values, places);
    }

    private static Truth or(Truth left, Truth right) {
        return (values, places) -> left.of(values, places) || right.of(values, places);
    }

    private static Truth not(Truth truth) {
        return (values, places) -> !truth.of(values, places);
    }

    private static Truth choiceOfTruths(Truth condition, Truth yes, Truth no) {
        return (values, places) -> condition.of(values, places) ? yes.of(values, places) : no.of(values, places);
    }

    private Truth equality(CelExpr left, CelExpr right) {
        boolean isOfTruths = expression.getType(left.id()).orElseThrow().equals(SimpleType.BOOL);
        return isOfTruths ? equalTruths(truth(left), truth(right)) : equalNumbers(quantity(left), quantity(right));
    }

    private static Truth equalTruths(Truth left, Truth right) {
        return (values, places) -> left.of(values, places) == right.of(values, places);
    }

    private static Truth equalNumbers(Quantity left, Quantity right) {
        return (values, places) -> left.of(values, places) == right.of(values, places);
    }

    private static Truth in(Quantity quantity, Quantity[] list) {
        return (values, places) -> {
            double number = quantity.of(values, places);
            for (Quantity element : list) {
                if (number == element.of(values, places)) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Truth comparison(String function, Quantity left, Quantity right) {
        return switch (function) {
            case "_<_" -> (values, places) -> left.of(values, places) < right.of(values, places);
            case "_<=_" -> (values, places) -> left.of(values, places) <= right.of(values, places);
            case "_>_" -> (values, places) -> left.of(values, places) > right.of(values, places);
            case "_>=_" -> (values, places) -> left.of(values, places) >= right.of(values, places);
            default -> throw new IllegalStateException(function);
        };
    }

    private Quantity quantity(CelExpr part) {
        return switch (part.getKind()) {
            case CONSTANT -> constant(part.constant());
            case IDENT -> metric(Integer.parseInt(part.ident().name().substring(ConditionText.variable(0).length() - 1)));
            default -> function(part.call().function(), part.call().args());
        };
    }

    private static Quantity constant(CelConstant constant) {
        double number = constant.doubleValue();
        return (values, places) -> number;
    }

    private static Quantity metric(int index) {
        return (values, places) -> values[places[index]];
    }

    private Quantity function(String function, List<CelExpr> of) {
        return switch (function) {
            case "_?_:_" -> choiceOfNumbers(truth(of.get(0)), quantity(of.get(1)), quantity(of.get(2)));
            case "math.least" -> of.stream().map(this::quantity).reduce(ConditionCompiler::least).orElseThrow();
            case "math.greatest" -> of.stream().map(this::quantity).reduce(ConditionCompiler::greatest).orElseThrow();
            case "_+_", "_-_", "_*_", "_/_" -> arithmetic(function, quantity(of.get(0)), quantity(of.get(1)));
            default -> ofOne(function, quantity(of.get(0)));
        };
    }

    private static Quantity choiceOfNumbers(Truth condition, Quantity yes, Quantity no) {
        return (values, places) -> condition.of(values, places) ? yes.of(values, places) : no.of(values, places);
    }

    private static Quantity least(Quantity left, Quantity right) {
        return (values, places) -> Math.min(left.of(values, places), right.of(values, places));
    }

    private static Quantity greatest(Quantity left, Quantity right) {
        return (values, places) -> Math.max(left.of(values, places), right.of(values, places));
    }

    private static Quantity arithmetic(String function, Quantity left, Quantity right) {
        return switch (function) {
            case "_+_" -> (values, places) -> left.of(values, places) + right.of(values, places);
            case "_-_" -> (values, places) -> left.of(values, places) - right.of(values, places);
            case "_*_" -> (values, places) -> left.of(values, places) * right.of(values, places);
            default -> (values, places) -> left.of(values, places) / right.of(values, places);
        };
    }

    private static Quantity ofOne(String function, Quantity of) {
        return switch (function) {
            case "-_" -> (values, places) -> -of.of(values, places);
            case "math.abs" -> (values, places) -> Math.abs(of.of(values, places));
            case "math.ceil" -> (values, places) -> Math.ceil(of.of(values, places));
            case "math.floor" -> (values, places) -> Math.floor(of.of(values, places));
            case "math.sqrt" -> (values, places) -> Math.sqrt(of.of(values, places));
            default -> throw new IllegalStateException(function);
        };
    }
}
