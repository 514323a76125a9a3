import InterlockJSON
import InterlockTesting
import Testing

@Suite struct `JSON properties` {
    @Test func `what is written is read back as the same value`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<500 {
            let value = randomValue(&random, depth: 5)
            let bytes = value.serialized()
            #expect(try JSONValue(parsing: bytes, limits: .upstream) == value)
        }
    }

    @Test func `the canonical form does not depend on order or spelling`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<300 {
            let value = randomValue(&random, depth: 4)
            let canonical = try value.canonical()
            #expect(try shuffled(value, &random).canonical() == canonical)
            let again = try JSONValue(parsing: canonical, limits: .upstream)
            #expect(try again.canonical() == canonical)
            #expect(JSONValue.isCanonical(canonical))
        }
    }

    @Test func `keys are ordered as their UTF-16 units are`() {
        var random = SeededGenerator.announced()
        for _ in 0..<3000 {
            let a = randomText(&random)
            let b = randomText(&random)
            #expect(precedesInUTF16(a, b) == a.utf16.lexicographicallyPrecedes(b.utf16))
        }
    }

    @Test func `damaged text never breaks the parser, and what passes can be written again`() throws
    {
        var random = SeededGenerator.announced()
        for _ in 0..<2000 {
            var bytes = randomValue(&random, depth: 4).serialized()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard let value = try? JSONValue(parsing: bytes, limits: .agent) else { continue }
            #expect(try JSONValue(parsing: value.serialized(), limits: .agent) == value)
        }
    }

    private func shuffled(
        _ value: JSONValue, _ random: inout SeededGenerator
    ) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { shuffled($0, &random) })
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object.members.shuffled(using: &random) {
                result[key] = shuffled(value, &random)
            }
            return .object(result)
        default: return value
        }
    }
}

func randomValue(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return Bool.random(using: &random) ? .null : .bool(Bool.random(using: &random))
    case 1:
        return .integer(
            Int64.random(in: -9_007_199_254_740_991...9_007_199_254_740_991, using: &random))
    case 2:
        // The value stays below 2^53, so that the canonical form may be read as a small integer.
        let double = Double.random(in: -1e9...1e9, using: &random) / 1024
        return JSONNumber(double).map(JSONValue.number) ?? .null
    case 3, 4: return .string(randomText(&random))
    case 5, 6:
        return .array(
            (0..<Int.random(in: 0...4, using: &random)).map { _ in
                randomValue(&random, depth: depth - 1)
            })
    default:
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            object[randomText(&random)] = randomValue(&random, depth: depth - 1)
        }
        return .object(object)
    }
}

func randomText(_ random: inout SeededGenerator) -> String {
    let ranges: [ClosedRange<UInt32>] = [
        0...0x1f, 0x20...0x7f, 0x80...0x7ff, 0xd7f0...0xd7ff, 0xe000...0xffff, 0x10000...0x10ffff,
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &random) {
        let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
        if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) {
            text.unicodeScalars.append(scalar)
        }
    }
    return text
}
