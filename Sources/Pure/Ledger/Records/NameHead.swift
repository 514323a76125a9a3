/// The first eight bytes of a field's name as a number. Most names differ in them, so numbers are searched and sorted
/// faster than strings. Names contain no zeros, so the order of numbers equals that of the bytes.
struct NameHead: Comparable, Sendable {
    private let number: UInt64

    init(_ name: String) {
        let bytes = name.utf8.span
        var number: UInt64 = 0
        for place in 0..<min(8, bytes.count) {
            number |= UInt64(bytes[place]) << UInt64(56 - 8 * place)
        }
        self.number = number
    }

    static func < (a: NameHead, b: NameHead) -> Bool { a.number < b.number }
}
