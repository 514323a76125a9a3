import Glibc
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite struct FunctionsFormatTests {
    @Test(
        arguments: [
            ("'%d'.format([-9223372036854775807 - 1])", "\"-9223372036854775808\""),
            ("'%x %X %o %b'.format([-30, 30u, -8, -5])", "\"-1e 1E -10 -101\""),
            ("'%x'.format([b'\\000\\377'])", "\"00ff\""), ("'%x'.format(['ä'])", "\"c3a4\""),
            ("'%s'.format([2.0])", "\"2\""), ("'%s'.format([optional.of(1)])", "!format"),
            ("'%s'.format([[1, [b'\\377']]])", "!format"), ("'%s'.format([{}])", "\"{}\""),
            ("'%s'.format([{'b': [], 'a': {2u: null}}])", "\"{a: {2: null}, b: []}\""),
            ("'%.0e %e'.format([9.5, 0.0])", "\"1e+01 0.000000e+00\""),
            ("'%.0e'.format([8.5])", "\"8e+00\""), ("'%.2f'.format([-0.001])", "\"-0.00\""),
            ("'%.2f'.format([0.005])", "\"0.01\""), ("'%.1f'.format([0.25])", "\"0.2\""),
            ("'%.1f'.format([99.95])", "\"100.0\""),
            ("'%f'.format([1e20])", "\"100000000000000000000.000000\""),
            ("'%'.format([])", "!format"), ("'%.f'.format([1.0])", "!format"),
            ("'%.101f'.format([1.0])", "!format"), ("'%.2d'.format([1])", "!format"),
            ("'%5d'.format([1])", "!format"), ("'%é'.format([1])", "!format"),
            ("'%d'.format([1, 2])", "!format"), ("'%d'.format([1.0])", "!format"),
            ("'%s'.format(1)", "refused"), ("'%s'.format(x)", "!no_such_overload"),
        ])
    func `each clause writes what it can`(text: String, expected: String) {
        #expect(outcome(text, x: .int(1)) == expected)
    }

    @Test func `a fault names the argument`() throws {
        for (text, place) in [("'%d %d'.format([1])", "1"), ("'%d%o'.format([1, 'a'])", "1")] {
            let fault = try #require(self.fault(of: text))
            #expect(fault.kind == .format)
            #expect(fault.subject?.hasPrefix("argument \(place) ") == true)
        }
    }

    @Test func `doubles are written as the C library writes them`() {
        var generator = SeededGenerator.announced()
        for round in 0..<1500 {
            let bits = UInt64.random(in: 0...UInt64.max, using: &generator)
            // Numbers of any magnitude alternate with common ones.
            let any = Double(bitPattern: bits)
            let double = round % 2 == 0 ? any : Double(Int32(truncatingIfNeeded: bits)) / 1024
            guard double.isFinite else { continue }
            let precision = Int.random(in: 0...20, using: &generator)
            for verb in ["f", "e"] {
                let clause = "%.\(precision)\(verb)"
                let written = value("'\(clause)'.format([x])", x: .double(double))
                #expect(written == printed(clause, double), "\(clause) \(double)")
            }
        }
    }

    @Test func `lists within lists end at a depth`() {
        var nested = CELValue.int(1)
        for _ in 0..<200 { nested = .list(.values([nested])) }
        #expect(outcome("'%s'.format([x])", x: nested) == "!depth")
    }

    private func fault(of text: String) -> CELFault? {
        var budget = CELBudget()
        let environment = functionsEnvironment
        guard let tree = try? CELParser.parse(text),
            let program = try? CELProgram(
                tree, CELNames.resolve(tree, in: environment), in: environment)
        else { return nil }
        do throws(CELFault) {
            _ = try program.evaluate(OneVariable(value: nil), budget: &budget)
            return nil
        } catch {
            return error
        }
    }

    private func printed(_ clause: String, _ value: Double) -> String {
        unsafe withVaList([value]) { arguments in
            var output = [CChar](repeating: 0, count: 512)
            unsafe vsnprintf(&output, output.count, clause, arguments)
            return String(
                decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
