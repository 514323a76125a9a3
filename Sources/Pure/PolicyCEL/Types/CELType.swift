/// A type of CEL as the checker represents it.
package indirect enum CELType: Sendable, Hashable {
    case dyn, null, bool, int, uint, double, string, bytes, duration, timestamp
    case list(CELType)
    case map(CELType, CELType)
    case optional(CELType)
    /// The type of a type: `type(1)`.
    case type(CELType)
    case ip, cidr
    /// A parameter of an overload: `T` in `list(T)`.
    case parameter(String)
    /// An opaque type with parameters, which only tests declare: `tuple(int, string)`.
    case opaque(String, [CELType])
    /// An object of a JSON schema with known fields.
    case object(CELObjectType)
    /// One of these kinds at run time: `["string","null"]`, `anyOf`, and `number` (int or double).
    case union([CELType])
}

/// The fields of an object that a JSON schema describes.
package final class CELObjectType: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let type: CELType
        /// True if `required` lists the field, so that it is always present.
        package let isRequired: Bool
        package init(name: String, type: CELType, isRequired: Bool) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
        }
    }
    package let fields: [Field]
    /// True if keys other than `fields` can occur; they are dyn and can be reached only by index.
    package let isOpen: Bool

    package init(fields: [Field], isOpen: Bool) {
        self.fields = fields
        self.isOpen = isOpen
    }

    package static func == (a: CELObjectType, b: CELObjectType) -> Bool {
        a === b || (a.isOpen == b.isOpen && a.fields == b.fields)
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(isOpen)
        hasher.combine(fields)
    }
}
