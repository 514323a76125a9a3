import InterlockInvariants
import InterlockTesting
import Testing

/// Canonically equivalent keys cost each reader no more than other keys: counted in steps, not in time
/// (docs/decisions/0037).
@Suite struct `Cost of parsers` {
    struct Input: Sendable, CustomTestStringConvertible {
        let reader: String
        /// The number of keys of the smaller input; the larger has twice as many.
        let count: Int
        let made: @Sendable ([String]) -> [UInt8]
        var testDescription: String { reader }
    }

    static let inputs = [
        Input(reader: "JSON", count: 4000) { members($0) },
        Input(reader: "JSON", count: 30_000) { keys in
            let objects = stride(from: 0, to: keys.count, by: 10_000).map { start in
                String(
                    decoding: members(Array(keys[start...].prefix(10_000))), as: UTF8.self)
            }
            return Array("[\(objects.joined(separator: ","))]".utf8)
        },
        Input(reader: "YAML", count: 1000) { keys in
            Array(keys.map { "\($0): 0\n" }.joined().utf8)
        },
        Input(reader: "form", count: 4000) { keys in
            Array(keys.map { encoded($0) + "=0" }.joined(separator: "&").utf8)
        },
        Input(reader: "headers", count: 40) { keys in
            Array(keys.map { "x-\(encoded($0)): 0\r\n" }.joined().utf8) + Array("\r\n".utf8)
        },
        Input(reader: "SSE", count: 20_000) { keys in
            Array(keys.map { "\($0): 0\ndata: \($0)\n\n" }.joined().utf8)
        },
        Input(reader: "lines", count: 20_000) { keys in
            Array(keys.map { "{\"\($0)\":0}\n" }.joined().utf8)
        },
        Input(reader: "CBOR", count: 60) { keys in
            [0xb8, UInt8(keys.count)]
                + keys.flatMap { [0x78, UInt8($0.utf8.count)] + Array($0.utf8) + [0] }
        },
        Input(reader: "token", count: 90) { members($0) },
    ]

    @Test(.requirement("R151"), arguments: inputs)
    func `twice the input takes at most 2.5 times the steps`(input: Input) throws {
        let reader = try #require(CostedReader.all.first { $0.name == input.reader })
        let (once, twice) = (
            input.made(CollidingKeys.first(input.count)),
            input.made(CollidingKeys.first(2 * input.count))
        )
        let steps = try #require(reader.steps(for: once))
        let more = try #require(reader.steps(for: twice))
        #expect(steps >= once.count / 2, "the input is read: \(steps) steps, \(once.count) bytes")
        #expect(2 * more <= 5 * steps, "\(more) steps for twice the input of \(steps)")
        #expect(more <= CostedReader.most(for: twice.count))
    }

    @Test func `each reader has an input`() {
        #expect(Set(Self.inputs.map(\.reader)) == Set(CostedReader.all.map(\.name)))
    }

    private static func members(_ keys: [String]) -> [UInt8] {
        Array("{\(keys.map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { "%" + String($0, radix: 16) }.joined()
    }
}
