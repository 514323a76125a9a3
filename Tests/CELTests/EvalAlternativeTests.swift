import InterlockPolicy
import InterlockPolicyCEL
import Testing

/// `or` and `orValue` evaluate their alternative only if the optional is empty.
@Suite struct EvalAlternativeTests {
    @Test(arguments: [
        ("optional.of(1).orValue(1 / 0)", "1"),
        ("optional.of(1).or(optional.of(1 / 0)).value()", "1"),
        ("optional.none().orValue(2)", "2"),
        ("{'a': 1}.?a.orValue({}.b)", "1"),
        ("{}.?a.or(optional.of(3)).orValue(1 / 0)", "3"),
    ])
    func `an alternative that is not needed is no error`(text: String, result: String) throws {
        #expect(try "\(valueOf(text))" == "\(valueOf(result))")
    }

    @Test(arguments: [
        ("optional.none().orValue(1 / 0)", CELFault.Kind.divideByZero),
        ("optional.of(1 / 0).orValue(1)", .divideByZero),
        ("dyn(1).orValue(2)", .noSuchOverload), ("dyn(1).or(optional.none())", .noSuchOverload),
        ("optional.none().or(dyn(1))", .noSuchOverload),
    ])
    func `one that is needed is evaluated, and what is no optional is refused`(
        text: String, kind: CELFault.Kind
    ) {
        #expect { try valueOf(text) } throws: { ($0 as? CELFault)?.kind == kind }
    }
}
