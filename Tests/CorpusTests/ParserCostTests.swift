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
        // A few dozen keys collide by chance more often than twice as many, so several sets of them count together.
        let sets = input.count < 1000 ? 16 : 1
        let keys = CollidingKeys.first(2 * input.count * sets)
        var (steps, more, bytes) = (0, 0, 0)
        for set in 0..<sets {
            let window = keys[(2 * input.count * set)...].prefix(2 * input.count)
            let once = input.made(Array(window.prefix(input.count)))
            let twice = input.made(Array(window))
            let found = reader.steps(for: twice)
            #expect(found <= CostedReader.most(for: twice.count))
            more += found
            steps += reader.steps(for: once)
            bytes += once.count
        }
        #expect(steps >= bytes / 2, "the input is read: \(steps) steps, \(bytes) bytes")
        #expect(2 * more <= 5 * steps, "\(more) steps for twice the input of \(steps)")
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
