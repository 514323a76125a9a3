import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite struct ValuesNumberTests {
    private static func equal(_ a: CELValue, _ b: CELValue) throws -> Bool {
        var budget = CELBudget()
        return try CELValue.equals(a, b, budget: &budget)
    }

    @Test func `numbers are equal across kinds when their exact values are`() throws {
        let beyond = 9_007_199_254_740_993  // 2^53 + 1, which no double represents
        #expect(try !Self.equal(.int(Int64(beyond)), .double(0x1p53)))
        #expect(try !Self.equal(.uint(UInt64(beyond)), .double(0x1p53)))
        #expect(try !Self.equal(.int(.max), .double(0x1p63)))
        #expect(try !Self.equal(.uint(.max), .double(0x1p64)))
        #expect(try Self.equal(.uint(1 << 63), .double(0x1p63)))
        #expect(try Self.equal(.int(.min), .double(-0x1p63)))
        #expect(try !Self.equal(.int(-1), .uint(.max)))
        #expect(try Self.equal(.double(0.0), .double(-0.0)))
        #expect(try Self.equal(.int(0), .double(-0.0)))
        #expect(try !Self.equal(.double(.nan), .double(.nan)))
        #expect(try !Self.equal(.int(0), .double(.nan)))
        #expect(try !Self.equal(.int(.max), .double(.infinity)))
    }

    @Test func `equality is symmetrical and transitive, and keys agree with it`() throws {
        var random = SeededGenerator.announced()
        let edges: [Double] = [0, 1, 0x1p53, 0x1p63, 0x1p64, -0x1p63, 0.5, .infinity]
        func number() -> CELValue {
            let edge = edges.randomElement(using: &random) ?? 0
            let near = Double.random(in: -2...2, using: &random).rounded() + edge
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return Int64(exactly: near).map { .int($0) } ?? .int(.max)
            case 1: return UInt64(exactly: near).map { .uint($0) } ?? .uint(.max)
            default: return .double(near)
            }
        }
        for _ in 0..<5000 {
            let (a, b, c) = (number(), number(), number())
            let isEqual = try Self.equal(a, b)
            #expect(try isEqual == Self.equal(b, a), "\(a) \(b)")
            if try isEqual && Self.equal(b, c) { #expect(try Self.equal(a, c), "\(a) \(b) \(c)") }
            if let key = CELKey(a) { #expect(isEqual == (key == CELKey(b)), "\(a) \(b)") }
        }
    }

    @Test func `an order is the opposite of its reverse`() throws {
        var random = SeededGenerator.announced()
        let values: [CELValue] = [
            .int(.min), .int(-1), .int(0), .int(.max), .uint(0), .uint(.max), .double(-0x1p63),
            .double(0x1p63), .double(0x1p64), .double(.nan), .double(.infinity), .double(0.5),
        ]
        for _ in 0..<1000 {
            guard let a = values.randomElement(using: &random),
                let b = values.randomElement(using: &random)
            else { continue }
            var budget = CELBudget()
            let less = try CELComparison.less.holds(a, b, &budget)
            #expect(try less == CELComparison.greater.holds(b, a, &budget), "\(a) \(b)")
            #expect(try !(less && CELComparison.greaterEqual.holds(a, b, &budget)), "\(a) \(b)")
        }
    }

    @Test(
        arguments: [
            ("double('1e400')", "!range"), ("double('0x10')", "!conversion"),
            ("double('inf')", "!conversion"), ("double('')", "!conversion"),
            ("double('.')", "!conversion"), ("double('.5')", "0.5"), ("double('5.')", "5.0"),
            ("double('1e')", "!conversion"), ("double(' 1')", "!conversion"),
            ("double('Infinity') > 1.0", "true"), ("int('9223372036854775808')", "!range"),
            ("int('-9223372036854775808')", "-9223372036854775808"), ("int('1_0')", "!conversion"),
            ("int('')", "!conversion"), ("int('-')", "!conversion"), ("uint('-1')", "!range"),
            ("int(0.0 / 0.0)", "!range"), ("uint(-0.5)", "!range"), ("int(9.3e18)", "!range"),
            ("string(1e300)", #""1e+300""#), ("string(-0.0)", #""-0""#), ("string(1.0)", #""1""#),
            ("string(1e16)", #""10000000000000000""#), ("string(1e-7)", #""1e-7""#),
            ("string(0.0001)", #""0.0001""#), ("string(1.0 / 0.0)", #""Infinity""#),
            ("bool('yes')", "!conversion"), ("string(b'\\xff')", "!conversion"),
        ])
    func `numbers and texts are converted into each other`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    @Test func `a double's text gives the same double`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<5000 {
            let double = Double(bitPattern: random.next())
            guard double.isFinite else { continue }
            let text = CELDouble.text(double)
            #expect(try CELDouble.value(text).bitPattern == double.bitPattern, "\(text)")
            #expect(try valueOf(CELDouble.literal(double)).isIdentical(to: .double(double)))
        }
    }
}
