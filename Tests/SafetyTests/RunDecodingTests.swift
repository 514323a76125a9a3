import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSafety

/// The search for runs and their decoding, compared with a plain one of a byte at a time.
@Suite(.requirement("R082")) struct RunDecodingTests {
    /// Notes what it gets, and unpacks nothing.
    private final class Recorder: Inflater {
        private(set) var inputs: [[UInt8]] = []

        func inflate(
            _ packed: Span<UInt8>, _ form: PackedForm, most: Int, to output: inout [UInt8]
        ) -> InflateEnd {
            var copy: [UInt8] = []
            for index in packed.indices { copy.append(packed[index]) }
            inputs.append(copy)
            return .broken
        }
    }

    private static func isOfRun(_ byte: UInt8) -> Bool {
        ByteClass.all[Int(byte)] & ByteClass.ofRun != 0
    }

    /// Returns the start of the first run that begins in a range.
    private static func plainStart(_ text: [UInt8], _ range: Range<Int>, _ limit: Int) -> Int? {
        for start in range where isOfRun(text[start]) {
            if start > range.lowerBound, isOfRun(text[start - 1]) { continue }
            var (count, end, isFirst) = (0, start, true)
            while true {
                let line = end
                while end < limit, isOfRun(text[end]) { end += 1 }
                count += end - line
                if count >= EncodedRun.shortest { return start }
                if !isFirst, end - line < EncodedRun.shortestLine { break }
                isFirst = false
                if end < limit, text[end] == UInt8(ascii: "\r") { end += 1 }
                guard end + 1 < limit, text[end] == UInt8(ascii: "\n"), isOfRun(text[end + 1])
                else { break }
                end += 1
            }
        }
        return nil
    }

    @Test func `the next run is the first that a plain search finds`() {
        var chance = SeededGenerator.announced()
        let alphabets = [
            "a\n", "ab \n", "abc\r\n", "abcd\n\n (", "aaaaaaaaa\n", "abcdefghé :\n\r",
            "aaaaaaaaaaaaaaa \n", "ab\"cdefgh,", "+-/_=\t\u{b}\u{1f}*", "abcdefghijklmnop\u{7f}",
        ].map { Array($0.utf8) }
        for _ in 0..<rounds(40_000) {
            let alphabet = alphabets[Int.random(in: 0..<alphabets.count, using: &chance)]
            let count = Int.random(in: 0...70, using: &chance)
            let text = (0..<count).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            }
            var start = Int.random(in: 0...min(count, 20), using: &chance)
            while start > 0, Self.isOfRun(text[start - 1]) { start -= 1 }
            let end = Int.random(in: start...count, using: &chance)
            let limit = Int.random(in: end...count, using: &chance)
            let run = EncodedRun(in: text.span, startingIn: start..<end, limit: limit)
            let plain = Self.plainStart(text, start..<end, limit)
            #expect(run?.start == plain, "\(text) \(start)..<\(end) \(limit)")
        }
    }

    @Test func `the first of two bytes is found wherever it is`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<rounds(5_000) {
            let text = (0..<Int.random(in: 0...40, using: &chance)).map { _ in
                UInt8.random(in: 0x76...0x7a, using: &chance)
                    &+ (Bool.random(using: &chance) ? 0x80 : 0)
            }
            let start = Int.random(in: 0...text.count, using: &chance)
            let plain = text[start...].firstIndex { $0 == 0x78 || $0 == 0xf9 } ?? text.count
            let found = text.span.first(0x78, or: 0xf9, in: start..<text.count)
            #expect(found == plain, "\(text)")
        }
    }

    @Test func `sixteen hexadecimal digits and single bytes are found as by a plain search`() {
        var chance = SeededGenerator.announced()
        let alphabets = [
            "afAF09gG@`/:", "afAF09afAF09g", "afAF09afAF09afAF09afAF09afAF09afAF09g", "\n\u{b}é*",
        ].map { Array($0.utf8) }
        for _ in 0..<rounds(10_000) {
            let alphabet = alphabets[Int.random(in: 0..<alphabets.count, using: &chance)]
            let text = (0..<Int.random(in: 0...300, using: &chance)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            }
            let start = Int.random(in: 0...text.count, using: &chance)
            let plain = (start...text.count).first { place in
                text[place..<min(text.count, place + 16)].allSatisfy {
                    ByteClass.nibble($0) != nil
                }
            }
            #expect(text.span.hexDigits(in: start..<text.count) == plain, "\(text) \(start)")
            let byte = alphabet[0]
            #expect(text.span.count(of: byte) == text.filter { $0 == byte }.count)
        }
    }

    /// Digits of one kind and others, values in both encodings, headers of packed data at each alignment.
    private static func pieces(_ chance: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 1...50, using: &chance)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
        let letters = bytes.map { 0x20 + $0 % 0x5f }
        let headers: [[UInt8]] = [
            [0x1f, 0x8b, 8, 8], [0x78, 0x9c], [0x78, 0x01], [0x78, 0xda], [0x78, 0x5e],
            [0x48, 0x89],
        ]
        let header = headers[Int.random(in: 0..<headers.count, using: &chance)]
        let whole: [UInt8] =
            switch Int.random(in: 0..<8, using: &chance) {
            case 7: Array(String(UInt64.random(in: 0 ... .max, using: &chance)).utf8)
            case 0: Array(Hex.encode(bytes).utf8)
            case 1: Array(Hex.encode(letters).uppercased().utf8)
            case 2: Array(Hex.encode(header + bytes).utf8)
            case 3: Array(Base64.encode(bytes).utf8)
            case 4: Array(Base64.encode(letters).utf8)
            case 5: Array(Base64.encode(header + bytes).utf8)
            default: Array(Base64.encodeURL(letters + header + letters).utf8)
            }
        let digits = whole.filter(isOfRun)
        return Array(digits.dropFirst(Int.random(in: 0...4, using: &chance)))
    }

    /// Returns a text that is one run, in lines of some length or in one.
    private static func run(_ chance: inout SeededGenerator) -> [UInt8] {
        var digits: [UInt8] = []
        let least = Int.random(in: EncodedRun.shortest...300, using: &chance)
        while digits.count < least { digits += pieces(&chance) }
        let longest = [digits.count, 5, 12, 20, 40][Int.random(in: 0..<5, using: &chance)]
        var text: [UInt8] = []
        var start = 0
        while start < digits.count {
            let count = Int.random(in: EncodedRun.shortestLine...longest, using: &chance)
            let end = longest == digits.count ? digits.count : min(digits.count, start + count)
            if start > 0 { text.append(UInt8(ascii: "\n")) }
            text += digits[start..<end]
            start = end
        }
        return text
    }

    @Test(arguments: [RunDigits.base64, .hexadecimal])
    func `a run is decoded as by a plain loop`(digits: RunDigits) throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            let text = Self.run(&chance)
            let found = EncodedRun(in: text.span, startingIn: 0..<text.count, limit: text.count)
            let run = try #require(found)
            var plain = PlainRunDecoder(run, digits, of: text)
            plain.decode()
            let recorder = Recorder()
            var decoder = ViewDecoder(.full)
            var layer = DecodedLayer()
            decoder.decode(run, digits, of: text.span, to: &layer, by: recorder)
            let shown = String(decoding: text, as: UTF8.self)
            #expect(layer.bytes == plain.kept, "\(shown)")
            #expect(recorder.inputs == plain.offered, "\(shown)")
            #expect(!decoder.isUndecodable)
            // Numbers are not decoded as base64, in which they are nothing.
            let isDecimal = run.isDecimal(in: text.span)
            #expect(!isDecimal || digits != .base64 || plain.kept.isEmpty)
        }
    }

    @Test func `a number that is left out has nothing encoded by a plain loop either`() throws {
        var chance = SeededGenerator.announced()
        var left = 0
        for round in 0..<rounds(20_000) {
            // Letters and spaces in hexadecimal digits, headers of zlib, and numbers.
            let alphabets = ["0123456789", "234567", "09", "0178", "48"].map { Array($0.utf8) }
            let alphabet = alphabets[round % alphabets.count]
            let count = Int.random(in: EncodedRun.shortest...40, using: &chance)
            var text = (0..<count).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            }
            if round % 7 == 0 { text[Int.random(in: 0..<count, using: &chance)] = 0x61 }
            if round % 3 == 0 { text.insert(UInt8(ascii: "-"), at: 0) }
            let found = EncodedRun(in: text.span, startingIn: 0..<text.count, limit: text.count)
            let run = try #require(found)
            guard run.isPlainNumber(in: text.span) else { continue }
            left += 1
            for digits in [RunDigits.base64, .hexadecimal] {
                var plain = PlainRunDecoder(run, digits, of: text)
                plain.decode()
                let shown = String(decoding: text, as: UTF8.self)
                #expect(plain.kept.isEmpty && plain.offered.isEmpty, "\(shown)")
            }
        }
        #expect(left > 100)
        let number = Array("4382379283749823741".utf8)
        let run = EncodedRun(in: number.span, startingIn: 0..<number.count, limit: number.count)
        let isLeft = run?.isPlainNumber(in: number.span)
        #expect(isLeft == true)
    }
}
