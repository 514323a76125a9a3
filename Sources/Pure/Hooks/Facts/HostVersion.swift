import InterlockModel

/// A version of a host as numbers, such as 2.1.332; missing ones count as 0.
package struct HostVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let numbers: [Int]

    /// - Parameter text: 1 to 4 decimal numbers with points between them, at most 9 digits each.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard (1...9).contains(part.count), part.allSatisfy(isDigit),
                let number = Int(String(decoding: part, as: UTF8.self))
            else { return nil }
            numbers.append(number)
        }
        self.numbers = numbers
    }

    /// Reads the output of a program's `--version`: its first word.
    package init?(output: [UInt8]) {
        let word = output.prefix { $0 > 0x20 && $0 < 0x7f }
        guard word.count <= 64 else { return nil }
        self.init(String(decoding: word, as: UTF8.self))
    }

    package static func < (a: HostVersion, b: HostVersion) -> Bool {
        a.padded.lexicographicallyPrecedes(b.padded)
    }

    package static func == (a: HostVersion, b: HostVersion) -> Bool { a.padded == b.padded }

    package func hash(into hasher: inout Hasher) { hasher.combine(padded) }

    private var padded: [Int] { numbers + [Int](repeating: 0, count: 4 - numbers.count) }

    package var description: String { numbers.map(String.init).joined(separator: ".") }
}
