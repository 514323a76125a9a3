/// A comparison in a guard that bounds an argument from above, such as `args.amount_cents <= 50000`.
///
/// It is found in the text alone, so a change of it must be compared by meaning: `!` before it would turn it around.
package struct GuardCap: Sendable, Hashable {
    package let argument: String
    /// The largest value that the comparison admits.
    package let most: Int64
    /// True for `<`.
    let isStrict: Bool
    /// The position of the number in the UTF-8 of the guard.
    let digits: Range<Int>

    /// The bounds of a guard, one for each argument that is bounded once.
    package static func caps(of text: String) -> [GuardCap] {
        let bytes = Array(text.utf8)
        var scan = Scan(bytes)
        var found: [GuardCap] = []
        while let cap = scan.next() { found.append(cap) }
        return found.filter { cap in
            found.count(where: { $0.argument.utf8.elementsEqual(cap.argument.utf8) }) == 1
        }
    }

    /// Returns the guard with another number in this place.
    package func changing(_ text: String, to most: Int64) -> String {
        let bytes = Array(text.utf8)
        let number = isStrict ? most + 1 : most
        var changed = Array(bytes[..<digits.lowerBound])
        changed += Array("\(number)".utf8)
        changed += bytes[digits.upperBound...]
        return String(decoding: changed, as: UTF8.self)
    }

    private struct Scan {
        private let bytes: [UInt8]
        private var place = 0

        private static let head = Array("args.".utf8)
        private static let operators = Array("+-*/%.".utf8)
        /// Digits of a number that fits, also if one is added.
        private static let mostDigits = 18

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> GuardCap? {
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "'"), UInt8(ascii: "\""): passText()
                case Self.head[0] where bytes[place...].starts(with: Self.head):
                    let start = place
                    place += Self.head.count
                    if isAlone(before: start), let cap = cap() { return cap }
                default: place += 1
                }
            }
            return nil
        }

        /// Passes a text between quotes, with escapes.
        private mutating func passText() {
            let quote = bytes[place]
            place += 1
            while place < bytes.count, bytes[place] != quote {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            place += 1
        }

        /// Reads the comparison after `args.`.
        private mutating func cap() -> GuardCap? {
            let name = passing { Self.isName($0) }
            passSpaces()
            guard !name.isEmpty, take("<") else { return nil }
            let isStrict = !take("=")
            passSpaces()
            let digits = passing { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...Self.mostDigits).contains(digits.count), isComplete,
                let number = Int64(String(decoding: bytes[digits], as: UTF8.self)),
                number > 0 || !isStrict
            else { return nil }
            return GuardCap(
                argument: String(decoding: bytes[name], as: UTF8.self),
                most: isStrict ? number - 1 : number, isStrict: isStrict, digits: digits)
        }

        /// False if the argument is a part of another expression.
        private func isAlone(before start: Int) -> Bool {
            if start > 0, Self.isName(bytes[start - 1]) { return false }
            let before = bytes[..<start].last { $0 != UInt8(ascii: " ") }
            return before.map { !Self.operators.contains($0) } ?? true
        }

        /// False if the number is a part of a larger expression, or of another kind.
        private var isComplete: Bool {
            guard place < bytes.count else { return true }
            if Self.isName(bytes[place]) { return false }
            let after = bytes[place...].first { $0 != UInt8(ascii: " ") }
            return after.map { !Self.operators.contains($0) } ?? true
        }

        private mutating func passing(_ fits: (UInt8) -> Bool) -> Range<Int> {
            let start = place
            while place < bytes.count, fits(bytes[place]) { place += 1 }
            return start..<place
        }

        private mutating func passSpaces() { _ = passing { $0 == UInt8(ascii: " ") } }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        private static func isName(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        }
    }
}
