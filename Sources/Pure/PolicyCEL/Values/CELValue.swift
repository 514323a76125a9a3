package import InterlockJSON

/// A value of CEL. Numbers of different kinds are different values; `CELValue.equals` is the `==` of the
/// language, which compares them across kinds.
package enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case type(CELTypeName)
    case duration(CELDuration)
    case timestamp(CELTimestamp)
    case optional(CELOptional)
    case ip(CELAddress)
    case cidr(CELNetwork)
}

/// A list. One that came as JSON is converted only when an element is requested.
package enum CELList: Sendable {
    case values([CELValue])
    case json([JSONValue])

    package var count: Int {
        switch self {
        case .values(let values): values.count
        case .json(let values): values.count
        }
    }

    /// - Precondition: `index` is within `0..<count`.
    package subscript(index: Int) -> CELValue {
        switch self {
        case .values(let values): values[index]
        case .json(let values): CELValue(values[index])
        }
    }
}

/// A map with distinct keys (`1`, `1u` and `1.0` are one key), in the order of adding.
package enum CELMap: Sendable {
    case entries([(key: CELValue, value: CELValue)])
    case json(JSONObject)

    package var count: Int {
        switch self {
        case .entries(let entries): entries.count
        case .json(let object): object.count
        }
    }
}

/// An optional value. It is a class, because a value cannot contain itself.
package final class CELOptional: Sendable {
    /// The content, or nil for `optional.none()`.
    package let value: CELValue?
    package init(_ value: CELValue?) { self.value = value }
}

/// Seconds and nanoseconds of the same sign, with |nanoseconds| < 10^9. Together they fit in 64 bits of
/// nanoseconds, about 292 years, as the language's conformance tests require; google.protobuf.Duration
/// allows 10,000 years.
package struct CELDuration: Sendable, Hashable {
    package let seconds: Int64
    package let nanoseconds: Int32
}

/// Seconds since 1970-01-01T00:00:00Z, and nanoseconds in 0..<10^9, in the years 1 to 9999.
package struct CELTimestamp: Sendable, Hashable {
    package let seconds: Int64
    package let nanoseconds: Int32
    package init(seconds: Int64, nanoseconds: Int32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// An IP address of 4 or 16 bytes. An IPv4-mapped IPv6 address in hexadecimal groups is represented as its
/// IPv4 address.
package struct CELAddress: Sendable, Hashable {
    package let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// A network: an address and the length of its prefix in bits. Host bits may be set.
package struct CELNetwork: Sendable, Hashable {
    package let address: CELAddress
    package let prefix: Int
}

/// The name of a type as a value: `type(1) == int`.
package struct CELTypeName: Sendable, Hashable {
    package let name: String
    package init(_ name: String) { self.name = name }
}

extension CELValue {
    /// Converts an integer within ±(2^53 - 1) to int, and any other number to double. Lists and objects
    /// keep their JSON form.
    package init(_ json: JSONValue) {
        self =
            switch json {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .int(value)
            case .number(let number): .double(number.double)
            case .string(let text): .string(text)
            case .array(let items): .list(.json(items))
            case .object(let object): .map(.json(object))
            }
    }
}
