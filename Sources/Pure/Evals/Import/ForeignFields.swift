import InterlockJSON
import InterlockModel

/// Reads an object of another program: what it needs must be there with its type, and other members are left aside.
/// A member that is `null` counts as absent.
struct ForeignFields {
    let path: String
    private let object: JSONObject

    /// The last second of the year 9999.
    private static let latest: Int64 = 253_402_300_799

    init(_ value: JSONValue, at path: String) throws(ImportError) {
        guard let object = value.object else {
            throw .wrong(path.isEmpty ? "." : path, expected: "an object")
        }
        self.object = object
        self.path = path
    }

    var members: [(key: String, value: JSONValue)] { object.members }

    subscript(key: String) -> JSONValue? {
        guard let value = object[key], value != .null else { return nil }
        return value
    }

    func place(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    func value(_ key: String) throws(ImportError) -> JSONValue {
        guard let value = self[key] else { throw .missing(place(key)) }
        return value
    }

    func fields(_ key: String) throws(ImportError) -> ForeignFields {
        try ForeignFields(try value(key), at: place(key))
    }

    /// A name, as `ImportedRun.isName` has it.
    func name(_ key: String) throws(ImportError) -> String {
        guard let text = try value(key).string, ImportedRun.isName(text) else {
            throw .wrong(
                place(key), expected: "text of 1 to 128 bytes without control characters")
        }
        return text
    }

    func list(_ key: String) throws(ImportError) -> [JSONValue] {
        guard let list = try value(key).array else { throw .wrong(place(key), expected: "a list") }
        return list
    }

    func count(_ key: String, in range: ClosedRange<Int>) throws(ImportError) -> Int {
        guard let number = try value(key).integer, let count = Int(exactly: number),
            range.contains(count)
        else {
            throw .wrong(
                place(key),
                expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    func bool(_ key: String) throws(ImportError) -> Bool {
        guard let value = try value(key).bool else {
            throw .wrong(place(key), expected: "true or false")
        }
        return value
    }

    func time(_ key: String) throws(ImportError) -> Timestamp {
        guard let text = try value(key).string, let time = Timestamp(rfc3339: text),
            (0...Self.latest).contains(time.seconds)
        else { throw .wrong(place(key), expected: "a time as in RFC 3339, 1970 to 9999") }
        return time
    }

    /// The limits for files of other tools: large ones are common, and their numbers are anything.
    static func limits(bytes: Int) -> JSONLimits {
        JSONLimits(
            depth: 200, bytes: bytes, values: 4_000_000, members: 100_000, largeIntegers: .keep)
    }

    /// Parses a file or an entry.
    ///
    /// - Parameter name: the noun of the message, such as `the log`.
    static func parse(
        _ bytes: [UInt8], limit: Int, named name: String
    ) throws(ImportError) -> ForeignFields {
        let value: JSONValue
        do throws(JSONError) {
            guard bytes.count <= limit else { throw JSONError(.size, offset: limit) }
            value = try JSONValue(
                parsing: NonFiniteNumbers.asNull(bytes), limits: limits(bytes: limit))
        } catch { throw .json(name, error) }
        return try ForeignFields(value, at: "")
    }
}

extension JSONValue {
    /// A number as a double, which is finite; nil for another value.
    var finiteNumber: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number.double
        default: nil
        }
    }
}
