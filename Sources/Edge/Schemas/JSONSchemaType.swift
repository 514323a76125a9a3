package import InterlockJSON
import InterlockMarkup
package import InterlockModel

/// A kind of JSON value. The API's documentation and its validation are both derived from it.
package indirect enum JSONSchemaType: Sendable {
    case text(TextShape)
    case choice([String])
    case whole(ClosedRange<Int64>)
    case truth
    case list(JSONSchemaType, count: ClosedRange<Int>)
    /// - Parameter name: the key of the schema under `components/schemas`.
    case record(name: String, [Member])
    /// The value must match one of these types; their members distinguish them.
    case either([JSONSchemaType])
    /// An object whose form is documented elsewhere.
    case object

    package struct Member: Sendable {
        package let name: String
        package let shape: JSONSchemaType
        package let note: String
        package let isOptional: Bool

        package init(
            _ name: String, _ shape: JSONSchemaType, _ note: String, isOptional: Bool = false
        ) {
            self.name = name
            self.shape = shape
            self.note = note
            self.isOptional = isOptional
        }

        package static func maybe(_ name: String, _ shape: JSONSchemaType, _ note: String) -> Member
        {
            Member(name, shape, note, isOptional: true)
        }
    }

    /// A number of items.
    package static let count = JSONSchemaType.whole(0...JSONValue.largestInteger)

    package static func choice<Names: CaseIterable & RawRepresentable<String>>(
        of names: Names.Type
    ) -> JSONSchemaType { .choice(names.allCases.map(\.rawValue)) }

    package static func list<Row: ResponseRecord>(
        of row: Row.Type, _ count: ClosedRange<Int>
    ) -> JSONSchemaType { .list(row.form.shape, count: count) }

    package static func record(_ name: String, _ members: Member...) -> JSONSchemaType {
        .record(name: name, members)
    }

    /// - Throws: an error with the path of the first part that does not match.
    package func check(_ value: JSONValue, at path: String = "") throws(FormError) {
        switch self {
        case .text(let text):
            guard let written = value.string, text.passes(written) else {
                throw .badMember(path, text.expected)
            }
        case .choice(let names):
            guard let name = value.string, names.contains(where: { sameBytes($0, name) }) else {
                throw .badMember(path, names.map { "`\($0)`" }.joined(separator: " or "))
            }
        case .whole(let range):
            guard let number = value.integer, range.contains(number) else {
                throw .badMember(
                    path, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
        case .truth:
            guard value.bool != nil else { throw .badMember(path, "true or false") }
        case .list(let element, let count):
            guard let elements = value.array, count.contains(elements.count) else {
                throw .badMember(path, "a list of \(count.lowerBound) to \(count.upperBound)")
            }
            for (place, one) in elements.enumerated() {
                try element.check(one, at: "\(path)[\(place)]")
            }
        case .record(_, let members): try Self.check(value, members, path)
        case .either(let shapes): try Self.check(value, either: shapes, path)
        case .object:
            guard value.object != nil else { throw .notObject(path) }
        }
    }

    private static func check(
        _ value: JSONValue, _ members: [Member], _ path: String
    ) throws(FormError) {
        let fields = try StrictFields(
            value, at: path, required: members.filter { !$0.isOptional }.map(\.name),
            optional: members.filter(\.isOptional).map(\.name))
        for member in members where fields.has(member.name) {
            let place = path.isEmpty ? member.name : "\(path).\(member.name)"
            try member.shape.check(try fields.value(member.name), at: place)
        }
    }

    /// Throws the error of the last alternative, which is the one with the most members.
    private static func check(
        _ value: JSONValue, either shapes: [JSONSchemaType], _ path: String
    ) throws(FormError) {
        var fault: FormError?
        for shape in shapes {
            do throws(FormError) {
                return try shape.check(value, at: path)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
    }
}
