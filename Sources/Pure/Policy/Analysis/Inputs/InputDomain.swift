package import InterlockJSON
import InterlockPolicyCEL

/// The values that a tool's schema allows at each location, and the other variables of guards.
package struct InputDomain: Sendable {
    let arguments: CELType
    /// The enumerations and bounds that the schema states beyond types, by location.
    let refinements: [[String]: Constraint]

    init(arguments: CELType, refinements: [[String]: Constraint] = [:]) {
        self.arguments = arguments
        self.refinements = refinements
    }

    package static let untyped = InputDomain(arguments: .dyn)

    /// Leaves the arguments untyped if the schema has no type (E315).
    package init(schema: JSONObject) {
        guard let type = try? CELSchema.argumentsType(of: schema) else {
            self = .untyped
            return
        }
        self.init(arguments: type, refinements: Self.refinements(of: schema))
    }

    /// The constraint at a location, or nil if guards cannot use the name.
    package func constraint(at names: [String]) -> Constraint? {
        switch names.first {
        case "args":
            // The arguments are an object, with or without a schema.
            guard names.count > 1 else { return Constraint(.object) }
            let typed = Self.constraint(
                Location(type: arguments, isRequired: true), names.dropFirst())
            return refinements[names].map(typed.intersection) ?? typed
        case "now": return names.count == 1 ? Constraint(.number, numbers: .all(.time)) : nil
        case "call":
            switch names.dropFirst().joined(separator: ".") {
            case "": return Constraint(.object)
            case "tainted", "sandboxed": return Constraint(.bool)
            case "on_behalf_of": return Constraint([.absent, .string])
            default: return nil
            }
        default: return nil
        }
    }

    /// The fields of the location that every call has.
    func requiredFields(of names: [String]) -> [String] {
        guard names.first == "args" else { return [] }
        var place = Location(type: arguments, isRequired: true)
        for name in names.dropFirst() { place = Self.field(name, of: place.type) }
        guard case .object(let object) = place.type else { return [] }
        return object.fields.filter(\.isRequired).map(\.name)
    }

    private struct Location {
        let type: CELType
        let isRequired: Bool
    }

    private static func constraint(_ place: Location, _ names: ArraySlice<String>) -> Constraint {
        guard let name = names.first else {
            let kinds = kinds(of: place.type).union(place.isRequired ? [] : .absent)
            return Constraint(kinds, numbers: .all(grid(of: place.type)))
        }
        return constraint(field(name, of: place.type), names.dropFirst())
    }

    /// A field, given that the value that contains it is an object.
    private static func field(_ name: String, of type: CELType) -> Location {
        switch type {
        case .object(let object):
            if let field = object.fields.first(where: { $0.name == name }) {
                return Location(type: field.type, isRequired: field.isRequired)
            }
            return Location(type: object.isOpen ? .dyn : .union([]), isRequired: false)
        case .map(_, let value): return Location(type: value, isRequired: false)
        case .union(let members):
            let objects = members.filter { kinds(of: $0).contains(.object) }
            guard let only = objects.first, objects.count == 1 else {
                return Location(type: objects.isEmpty ? .union([]) : .dyn, isRequired: false)
            }
            return field(name, of: only)
        default: return Location(type: .dyn, isRequired: false)
        }
    }

    private static func kinds(of type: CELType) -> ValueKinds {
        switch type {
        case .null: .null
        case .bool: .bool
        case .int, .uint, .double: .number
        case .string: .string
        case .list: .list
        case .map, .object: .object
        case .union(let members): members.reduce(into: []) { $0.formUnion(kinds(of: $1)) }
        default: .present
        }
    }

    private static func grid(of type: CELType) -> NumberGrid {
        switch type {
        case .int: return .integer
        case .union(let members):
            let numeric = members.filter { kinds(of: $0).contains(.number) }
            return !numeric.isEmpty && numeric.allSatisfy { $0 == .int } ? .integer : .real
        default: return .real
        }
    }
}
