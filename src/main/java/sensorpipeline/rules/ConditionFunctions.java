package sensorpipeline.rules;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a condition may consist of: all of it costs a bounded number of steps for a reading, and cannot fail. Stateless. */
final class ConditionFunctions {

    /** For people, in place of a list of names as CEL has them inside. */
    static final String ALLOWED = "+ - * / < <= > >= == != && || ! ?: in, math.abs, math.ceil, math.floor, math.sqrt, math.least and math.greatest";

    /** Of {@code math.least} and {@code math.greatest}. */
    static final int MOST_ARGUMENTS = 10;

    private static final CelType NUMBER = SimpleType.DOUBLE;
    private static final CelType TRUTH = SimpleType.BOOL;

    private ConditionFunctions() {
    }

    /** @return the declarations, by the names that the parser gives them */
    static Map<String, CelFunctionDecl> declarations() {
        Map<String, CelFunctionDecl> declarations = new LinkedHashMap<>();
        List<CelFunctionDecl> all = new ArrayList<>();
        Stream.of("_+_", "_-_", "_*_", "_/_").forEach(name -> all.add(function(name, overload(name, NUMBER, NUMBER, NUMBER))));
        Stream.of("_<_", "_<=_", "_>_", "_>=_").forEach(name -> all.add(function(name, overload(name, TRUTH, NUMBER, NUMBER))));
        Stream.of("_==_", "_!=_").forEach(name -> all.add(function(name, overload(name + " of numbers", TRUTH, NUMBER, NUMBER), overload(name + " of truths", TRUTH, TRUTH, TRUTH))));
        Stream.of("_&&_", "_||_").forEach(name -> all.add(function(name, overload(name, TRUTH, TRUTH, TRUTH))));
        all.add(function("!_", overload("!_", TRUTH, TRUTH)));
        all.add(function("-_", overload("-_", NUMBER, NUMBER)));
        all.add(function("_?_:_", overload("choice of numbers", NUMBER, TRUTH, NUMBER, NUMBER), overload("choice of truths", TRUTH, TRUTH, TRUTH, TRUTH)));
        all.add(function("@in", overload("@in", TRUTH, NUMBER, ListType.create(NUMBER))));
        Stream.of("math.abs", "math.ceil", "math.floor", "math.sqrt").forEach(name -> all.add(function(name, overload(name, NUMBER, NUMBER))));
        Stream.of("math.least", "math.greatest").forEach(name -> all.add(function(name, extremes(name))));
        all.forEach(function -> declarations.put(function.name(), function));
        return declarations;
    }

    private static CelOverloadDecl[] extremes(String name) {
        return Stream.iterate(1, number -> number <= MOST_ARGUMENTS, number -> number + 1)
                .map(number -> overload(name + " of " + number, NUMBER, Stream.generate(() -> NUMBER).limit(number).toArray(CelType[]::new))).toArray(CelOverloadDecl[]::new);
    }

    private static CelFunctionDecl function(String name, CelOverloadDecl... overloads) {
        return CelFunctionDecl.newFunctionDeclaration(name, overloads);
    }

    private static CelOverloadDecl overload(String id, CelType result, CelType... parameters) {
        return CelOverloadDecl.newGlobalOverload(id, result, parameters);
    }
}
