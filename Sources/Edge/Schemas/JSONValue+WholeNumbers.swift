package import InterlockJSON

extension JSONValue {
    /// A copy in which numbers such as `122.0` are integers, since JSON Schema counts both as integers. Numbers outside
    /// ±(2^53 - 1) are unchanged.
    package var inWholeNumbers: JSONValue {
        switch self {
        case .number(let number):
            Self.isWhole(number.text)
                ? Int64(exactly: number.double).flatMap {
                    Self.exact.contains($0) ? .integer($0) : nil
                } ?? self : self
        case .array(let elements): .array(elements.map(\.inWholeNumbers))
        case .object(let object):
            .object(JSONObject(distinct: object.members.map { ($0.key, $0.value.inWholeNumbers) }))
        case .null, .bool, .integer, .string: self
        }
    }

    /// Decides by the text, because a fraction can round to a whole double.
    private static func isWhole(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1].allSatisfy { $0 == UInt8(ascii: "0") }
    }

    /// The integers that a double represents without loss.
    private static let exact: ClosedRange<Int64> = -(1 << 53) + 1...(1 << 53) - 1
}
