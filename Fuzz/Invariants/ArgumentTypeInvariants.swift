import InterlockJSON
import InterlockPolicy
import InterlockPolicyCEL

extension Invariants {
    /// Arguments that are valid for a schema have the type that guards are checked against.
    static func argumentTypes(_ schema: JSONObject, _ arguments: JSONObject) {
        guard let type = try? CELSchema.argumentsType(of: schema) else { return }
        precondition(JSONValue.object(arguments).fits(type), "valid arguments have their type")
    }
}

extension JSONValue {
    fileprivate func fits(_ type: CELType) -> Bool {
        switch (type, self) {
        case (.dyn, _), (.null, .null), (.bool, .bool), (.string, .string), (.int, .integer): true
        // A schema accepts `500.0` as an integer, and the value is converted to one before guards read it.
        case (.int, .number(let number)): number.double == number.double.rounded()
        case (.double, .integer), (.double, .number): true
        case (.list(let element), .array(let items)): items.allSatisfy { $0.fits(element) }
        case (.map(_, let value), .object(let object)):
            object.members.allSatisfy { $0.value.fits(value) }
        case (.object(let described), .object(let object)): object.fits(described)
        case (.union(let kinds), _): kinds.contains { fits($0) }
        default: false
        }
    }
}

extension JSONObject {
    fileprivate func fits(_ described: CELObjectType) -> Bool {
        let isKnown = members.allSatisfy { key, value in
            guard let field = described.fields.first(where: { sameBytes($0.name, key) }) else {
                return described.isOpen
            }
            return value.fits(field.type)
        }
        return isKnown && described.fields.allSatisfy { !$0.isRequired || self[$0.name] != nil }
    }
}
