import InterlockJSON

/// The shape of a value that one schema states: its type and its maximum size.
struct SchemaShape {
    /// The maximum number of kinds in a union. A larger union is dyn, because conditions of several unions
    /// multiply.
    static let mostKinds = 16

    let type: CELType
    let extent: CELExtent
    /// True if the shape states what an object has and nothing about other values: `properties` without
    /// `type`, as in many parts of `allOf`.
    let isConditional: Bool

    init(_ type: CELType, _ extent: CELExtent, isConditional: Bool = false) {
        self.type = type
        self.extent = extent
        self.isConditional = isConditional
    }

    static let unknown = SchemaShape(.dyn, .unstated)

    /// The shape of a value that is written in the schema.
    init(constant: JSONValue) {
        switch constant {
        case .null: self.init(.null, .fixed)
        case .bool: self.init(.bool, .fixed)
        // The argument may use the other spelling of the same number.
        case .integer, .number: self.init(.number, .fixed)
        case .string(let text): self.init(.string, .text(bytes: text.utf8.count))
        case .array(let items): self.init(.list(.dyn), .list(items: items.count, .unstated))
        case .object(let object):
            self.init(
                .map(.string, .dyn), .map(items: object.count, fields: [:], others: .unstated))
        }
    }

    /// The shape of a value that one of these shapes describes.
    static func any(of shapes: [SchemaShape]) -> SchemaShape {
        let shapes = shapes.map(\.settled)
        guard let first = shapes.first else { return .unknown }
        let type = CELType.any(of: shapes.map(\.type))
        guard type.kinds.count <= mostKinds else { return .unknown }
        return SchemaShape(
            type, shapes.dropFirst().reduce(first.extent) { $0.joined(with: $1.extent) })
    }

    /// The shape of a value that both shapes describe.
    func and(_ other: SchemaShape) -> SchemaShape {
        switch (isConditional, other.isConditional) {
        case (true, false): return other.type == .dyn ? self : other.and(self)
        case (false, true):
            if type == .dyn { return other }
            let refined = type.kinds.map { Self.common($0, other.type) ?? $0 }
            let isObject = refined.allSatisfy { if case .object = $0 { true } else { false } }
            return SchemaShape(
                .any(of: refined), isObject ? extent.narrowed(by: other.extent) : extent)
        case (true, true), (false, false):
            return SchemaShape(
                Self.both(type, other.type), extent.narrowed(by: other.extent),
                isConditional: isConditional)
        }
    }

    /// The shape that is certain for any value.
    var settled: SchemaShape { isConditional ? .unknown : self }

    /// The shape that is certain for a value that is an object.
    var ofObject: SchemaShape { SchemaShape(type, extent) }

    /// The type of a value that is of both types, or dyn if they cannot be merged.
    private static func both(_ a: CELType, _ b: CELType) -> CELType {
        if a == .dyn || a == b { return b }
        if b == .dyn { return a }
        guard a.kinds.count * b.kinds.count <= mostKinds * mostKinds else { return .dyn }
        let shared = a.kinds.flatMap { a in b.kinds.compactMap { common(a, $0) } }
        let type = CELType.any(of: shared)
        return type.kinds.count <= mostKinds ? type : .dyn
    }

    private static func common(_ a: CELType, _ b: CELType) -> CELType? {
        switch (a, b) {
        case (.object(let a), .object(let b)): .object(a.merged(with: b))
        case (.object, .map(.string, .dyn)): a
        case (.map(.string, .dyn), .object): b
        case (.map(_, let a), .map(_, let b)): .map(.string, both(a, b))
        case (.list(let a), .list(let b)): .list(both(a, b))
        default: a == b ? a : nil
        }
    }
}

extension CELObjectType {
    fileprivate func merged(with other: CELObjectType) -> CELObjectType {
        var merged: [Field] = []
        for field in fields {
            guard let twin = other.field(named: field.name) else {
                merged.append(field)
                continue
            }
            let type = SchemaShape(field.type, .unstated).and(SchemaShape(twin.type, .unstated))
            merged.append(
                Field(
                    name: field.name, type: type.type,
                    isRequired: field.isRequired || twin.isRequired))
        }
        merged += other.fields.filter { field(named: $0.name) == nil }
        return CELObjectType(fields: merged, isOpen: isOpen && other.isOpen)
    }
}

extension CELExtent {
    /// The extent of a value that both describe: the smaller limits apply.
    fileprivate func narrowed(by other: CELExtent) -> CELExtent {
        switch (self, other) {
        case (.unstated, let known), (let known, .unstated): known
        case (.text(let a), .text(let b)): .text(bytes: Self.smaller(a, b))
        case (.list(let a, let element), .list(let b, let other)):
            .list(items: Self.smaller(a, b), element.narrowed(by: other))
        case (.map(let a, let fields, let others), .map(let b, let otherFields, let otherOthers)):
            .map(
                items: Self.smaller(a, b),
                fields: fields.merging(otherFields) { $0.narrowed(by: $1) },
                others: others.narrowed(by: otherOthers))
        default: self
        }
    }

    private static func smaller(_ a: Int?, _ b: Int?) -> Int? {
        a.map { a in b.map { min(a, $0) } ?? a } ?? b
    }
}
