import InterlockPolicy
import Testing

@Suite struct FunctionsMathTests {
    @Test(
        arguments: [
            ("math.greatest(1u, 1)", "1u"), ("math.least(2, 1.5, 3u)", "1.5"),
            ("math.greatest([])", "!invalid_argument"),
            ("math.greatest(dyn('a'))", "!no_such_overload"),
            ("math.greatest(1, dyn('a'))", "!no_such_overload"),
            ("math.greatest('a', 'b')", "refused"),
            ("math.greatest([1, dyn(null)])", "!no_such_overload"), ("math.least()", "refused"),
            ("math.greatest(1, 2, 3) + 1", "4"), ("math.least([1u, 2u]) + 1u", "2u"),
            ("math.greatest(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16)", "16"),
            ("math.greatest(-1, 18446744073709551615u)", "18446744073709551615u"),
        ])
    func `the greatest and the least keep their kind`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    @Test(
        arguments: [
            ("math.round(-0.5)", "-1.0"), ("math.round(2.5)", "3.0"), ("math.trunc(-0.5)", "-0.0"),
            ("math.ceil(1e300)", "1e+300"), ("math.sqrt(81)", "9.0"),
            ("math.sqrt(2u) > 1.414", "true"),
            ("math.isNaN(math.sqrt(-1.0))", "true"), ("math.sqrt(dyn('4'))", "!no_such_overload"),
            ("math.isNaN(math.sign(0.0 / 0.0))", "true"),
            ("math.abs(-9223372036854775807)", "9223372036854775807"),
            ("math.ceil(1)", "refused"), ("math.abs('1')", "refused"),
        ])
    func `numbers are rounded and compared with zero`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    @Test(
        arguments: [
            ("math.bitShiftLeft(1, 63)", "-9223372036854775808"), ("math.bitShiftLeft(1, 64)", "0"),
            ("math.bitShiftRight(-1, 63)", "1"),
            ("math.bitShiftRight(1, 9223372036854775807)", "0"),
            ("math.bitShiftLeft(1, -9223372036854775807)", "!invalid_argument"),
            ("math.bitAnd(1, 1u)", "refused"),
            ("math.bitAnd(dyn(1), dyn(1u))", "!no_such_overload"),
            ("math.bitXor(-1, 5)", "-6"),
        ])
    func `bits are those of 64`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }
}
