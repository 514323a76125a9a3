import InterlockJSON
import InterlockModel

extension CheckRun {
    /// The type of `operand.field`; for an optional operand it is an optional.
    mutating func field(_ field: String, of operand: CELTree.ID, at id: CELTree.ID) -> CELType {
        self.field(field, in: known(operand), of: operand, at: id)
    }

    mutating func optionalField(
        _ field: String, of operand: CELTree.ID, at id: CELTree.ID
    ) -> CELType {
        if resolution.references[id] != nil { return .optional(reference(id)) }
        let type = self.field(field, of: operand, at: id)
        if case .optional = known(operand) { return type }
        return .optional(type)
    }

    mutating func has(_ field: String, of operand: CELTree.ID, at id: CELTree.ID) -> CELType {
        if resolution.references[id] == nil { _ = self.field(field, of: operand, at: id) }
        return .bool
    }

    private mutating func field(
        _ field: String, in type: CELType, of operand: CELTree.ID, at id: CELTree.ID
    ) -> CELType {
        switch type {
        case .dyn: return .dyn
        case .parameter:
            // The parameter is bound to dyn, so that nothing can narrow it later.
            _ = substitution.accepts(.dyn, as: type)
            return .dyn
        case .map(_, let value): return value
        case .optional(let value):
            let inner = self.field(field, in: value, of: operand, at: id)
            if case .optional = inner { return inner }
            return .optional(inner)
        case .object(let object):
            return object.type(of: field) ?? unknownField(field, among: [object], of: operand, id)
        case .union(let kinds): return self.field(field, inAnyOf: kinds, of: operand, at: id)
        default:
            let path = CELPath.text(of: operand, in: tree).map { " `\($0)`" } ?? ""
            return refused(.noOverload, id, "\(type.text)\(path) has no fields")
        }
    }

    private mutating func field(
        _ field: String, inAnyOf kinds: [CELType], of operand: CELTree.ID, at id: CELTree.ID
    ) -> CELType {
        var found: [CELType] = []
        var objects: [CELObjectType] = []
        for kind in kinds {
            switch kind {
            case .map(_, let value): found.append(value)
            case .object(let object):
                objects.append(object)
                if let type = object.type(of: field) { found.append(type) }
            default: break
            }
        }
        if !found.isEmpty { return .any(of: found) }
        if !objects.isEmpty { return unknownField(field, among: objects, of: operand, id) }
        let path = CELPath.text(of: operand, in: tree).map { " `\($0)`" } ?? ""
        return refused(.noOverload, id, "\(CELType.union(kinds).text)\(path) has no fields")
    }

    /// The type of an element. For `args['amount']`, the schema states the type of the field.
    mutating func element(
        of operand: CELTree.ID, at key: CELTree.ID, isOptional: Bool, _ id: CELTree.ID
    ) -> CELType {
        if case .object(let object) = known(operand),
            case .literal(.string(let name)) = tree[key].kind
        {
            let type =
                object.type(of: name)
                ?? (object.isOpen ? .dyn : unknownField(name, among: [object], of: operand, id))
            return isOptional ? .optional(type) : type
        }
        let overloads = isOptional ? CELOperators.optionalIndex : CELOperators.index
        return apply(overloads, "[]", to: [operand, key], id)
    }

    private mutating func unknownField(
        _ field: String, among objects: [CELObjectType], of operand: CELTree.ID, _ id: CELTree.ID
    ) -> CELType {
        let whole = CELPath.text(of: operand, in: tree).map { $0 + "." + field } ?? field
        let fields = objects.flatMap(\.fields).map(\.name)
        return refused(
            .unknownField, id, "`\(whole)` is not in \(environment.schemaName)",
            help: didYouMean(field, among: fields))
    }
}

extension CELObjectType {
    func field(named name: String) -> Field? { fields.first { sameBytes($0.name, name) } }
    func type(of name: String) -> CELType? { field(named: name)?.type }
}
