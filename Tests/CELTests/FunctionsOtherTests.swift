import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct FunctionsOtherTests {
    @Test(
        arguments: [
            ("sets.contains([1, 2], [2, 2, 1])", "true"), ("sets.contains([1], [1, 2])", "false"),
            ("sets.contains([], [])", "true"), ("sets.contains([], [1])", "false"),
            ("sets.contains([dyn(1)], [dyn(1u), dyn(1.0)])", "true"),
            ("sets.intersects([1, 2], [3, 2])", "true"), ("sets.intersects([1], [])", "false"),
            ("sets.intersects([[1]], [[1]])", "true"),
            ("sets.intersects(['\\u00e9'], ['e\\u0301'])", "false"),
            ("sets.contains([1], ['a'])", "refused"),
            ("sets.contains(x, [1])", "!no_such_overload"),
        ])
    func `lists are compared as sets`(text: String, expected: String) {
        #expect(outcome(text, x: .int(1)) == expected)
    }

    @Test func `comparing two lists as sets costs each pair`() {
        let list = CELValue.list(.values((0..<200).map { .int($0) }))
        let other = "sets.intersects(x, [-1, -2, -3])"
        #expect(outcome(other, x: list, steps: 650) == "false")
        #expect(outcome(other, x: list, steps: 599) == "!budget")
    }

    @Test(
        arguments: [
            ("optional.none().value()", "!invalid_argument"),
            ("optional.of(optional.none()).hasValue()", "true"),
            ("optional.ofNonZeroValue(optional.none()).hasValue()", "false"),
            ("optional.ofNonZeroValue(duration('0s')).hasValue()", "false"),
            ("optional.ofNonZeroValue(timestamp(0)).hasValue()", "false"),
            ("optional.ofNonZeroValue(-0.0).hasValue()", "false"),
            ("optional.ofNonZeroValue(ip('::')).hasValue()", "true"),
            ("optional.ofNonZeroValue(b'').hasValue()", "false"),
            ("optional.of(1).or(optional.of(2))", "optional.of(1)"),
            ("optional.of(1).orValue('a')", "refused"), ("1.hasValue()", "refused"),
            ("x.value()", "!no_such_overload"),
        ])
    func `an optional holds a value or none`(text: String, expected: String) {
        #expect(outcome(text, x: .int(1)) == expected)
    }

    @Test(
        arguments: [
            ("base64.encode(b'')", "\"\""), ("base64.decode('')", "b\"\""),
            ("base64.decode('YQ')", "b\"a\""),
            ("base64.decode('YQ=')", "!conversion"), ("base64.decode('YQ==')", "b\"a\""),
            ("base64.decode('YR==')", "!conversion"), ("base64.decode('Y')", "!conversion"),
            ("base64.decode('Y Q=')", "!conversion"), ("base64.decode('_-==')", "!conversion"),
            ("base64.decode('=')", "!conversion"), ("base64.encode('a')", "refused"),
        ])
    func `base64 is read strictly, save the padding`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }
}
