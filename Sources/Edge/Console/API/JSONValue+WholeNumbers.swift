import InterlockJSON

extension JSONValue {
    /// With `122.0` as 122: to JSON Schema both are integers. A number that is no small integer stays as it is.
    var inWholeNumbers: JSONValue {
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

    /// As written: its double may be whole where it is not.
    private static func isWhole(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1].allSatisfy { $0 == UInt8(ascii: "0") }
    }

    /// All of them have a double of their own.
    private static let exact: ClosedRange<Int64> = -(1 << 53) + 1...(1 << 53) - 1
}
