import InterlockJSON
import InterlockModel

/// Converts YAML to typed values, by shape. Whatever does not fit is reported and omitted, so that one
/// reading reports everything.
package struct Typing {
    let file: String
    package private(set) var findings = Findings()

    package init(file: String) { self.file = file }

    /// - Parameters:
    ///   - path: the path of the value in the merged policy.
    ///   - label: the beginning of messages, which is the key.
    package mutating func type(
        _ node: YAMLNode, as shape: Shape, path: String, label: String
    ) -> TypedValue? {
        switch shape {
        case .scalar(let type): return scalar(node, type, path, label)
        case .list(let element, _, let single): return list(node, element, single, path, label)
        case .map(let keys, let value): return map(node, keys, value, path, label)
        case .record(let record): return self.record(node, record, path, label)
        case .json:
            let place = place(node)
            guard let json = freeJSON(node, label, path) else { return nil }
            return TypedValue(kind: .json(json), place: place, path: path)
        case .shorthand(let shorthand, let inner):
            do throws(ScalarError) {
                let full = try shorthand.expand(node)
                if case .egress = shorthand, case .mapping = full.content {
                    return type(
                        full, as: .record(PolicySchema.egressRule), path: path, label: label)
                }
                return type(full, as: inner, path: path, label: label)
            } catch {
                report(error, place(node), label, path)
                return nil
            }
        }
    }

    private mutating func scalar(
        _ node: YAMLNode, _ type: ScalarType, _ path: String, _ label: String
    ) -> TypedValue? {
        guard case .scalar(let scalar) = node.content else {
            if case .ownClass = type {
                findings.add(
                    .classMissing, at: place(node), path: path, "class: a tool has exactly one")
                return nil
            }
            return wrongShape(node, "one value", path, label)
        }
        guard !scalar.isAbsent else { return wrongShape(node, "a value", path, label) }
        do throws(ScalarError) {
            let kind = try type.read(scalar, at: place(node))
            return TypedValue(kind: kind, place: place(node), path: path)
        } catch {
            report(error, place(node), label, path)
            return nil
        }
    }

    private mutating func list(
        _ node: YAMLNode, _ element: Shape, _ single: Bool, _ path: String, _ label: String
    ) -> TypedValue? {
        var nodes = [node]
        if case .sequence(let items) = node.content {
            nodes = items
        } else if !single || isAbsent(node) {
            return wrongShape(node, "a list", path, label)
        }
        var items: [TypedValue] = []
        for (index, item) in nodes.enumerated() {
            let inner = "\(path)[\(index)]"
            if let value = type(item, as: element, path: inner, label: label) {
                items.append(value)
            }
        }
        return TypedValue(kind: .list(items), place: place(node), path: path)
    }

    private mutating func map(
        _ node: YAMLNode, _ keys: NameKind, _ shape: Shape, _ path: String, _ label: String
    ) -> TypedValue? {
        guard case .mapping(let entries) = node.content else {
            return wrongShape(node, "a mapping", path, label)
        }
        var members: [TypedValue.Member] = []
        for entry in entries {
            let inner = joined(path, entry.key)
            let place = PolicyLocation(file: file, line: entry.keyLine, column: entry.keyColumn)
            do throws(ScalarError) {
                let key = try keys.read(entry.key)
                if let value = type(entry.value, as: shape, path: inner, label: entry.key) {
                    members.append(.init(key: key, keyPlace: place, value: value))
                }
            } catch {
                report(error, place, label, inner)
            }
        }
        return TypedValue(kind: .record(members), place: place(node), path: path)
    }

    mutating func record(
        _ node: YAMLNode, _ record: Record, _ path: String, _ label: String
    ) -> TypedValue? {
        guard case .mapping(let entries) = node.content else {
            return wrongShape(node, "a mapping", path, label)
        }
        var members: [TypedValue.Member] = []
        for entry in entries {
            let inner = joined(path, entry.key)
            let place = PolicyLocation(file: file, line: entry.keyLine, column: entry.keyColumn)
            guard let shape = shape(of: entry, in: record, at: place, path: inner) else { continue }
            if let value = type(entry.value, as: shape, path: inner, label: entry.key) {
                members.append(.init(key: entry.key, keyPlace: place, value: value))
            }
        }
        if !record.oneOf.isEmpty,
            entries.count(where: { record.oneOf.contains($0.key) }) != 1
        {
            let keys = record.oneOf.map { "`\($0)`" }.joined(separator: " and ")
            findings.add(
                .wrongShape, at: place(node), path: path,
                "\(label): \(record.name) has exactly one of \(keys)")
        }
        for field in record.required
        where !entries.contains(where: { $0.key == field.key }) {
            let code: FindingCode = field.key == "class" ? .classMissing : .missingKey
            findings.add(code, at: place(node), path: path, "\(label): `\(field.key)` is missing")
        }
        return TypedValue(kind: .record(members), place: place(node), path: path)
    }

    private mutating func shape(
        of entry: YAMLEntry, in record: Record, at place: PolicyLocation, path: String
    ) -> Shape? {
        if let field = record.field(entry.key) { return field.shape }
        if let others = record.others, entry.key.contains(".") {
            do throws(ScalarError) {
                _ = try others.keys.read(entry.key)
                return others.shape
            } catch {
                report(error, place, record.name, path)
                return nil
            }
        }
        findings.add(
            .unknownKey, at: place, path: path, "`\(entry.key)` is not a key of \(record.name)",
            help: didYouMean(entry.key, among: record.fields.map(\.key)))
        return nil
    }

    /// Converts YAML to JSON. Numbers, booleans and null are recognised only in exact JSON spelling. Text
    /// that merely looks like a number is rejected, because another YAML reader would take it for one.
    private mutating func freeJSON(
        _ node: YAMLNode, _ label: String, _ path: String
    ) -> JSONValue? {
        switch node.content {
        case .sequence(let items):
            // All items are converted before giving up, so that each problem is reported.
            let values = items.map { freeJSON($0, label, path) }
            return values.contains(nil) ? nil : .array(values.compactMap { $0 })
        case .mapping(let entries):
            var object = JSONObject()
            for entry in entries { object[entry.key] = freeJSON(entry.value, entry.key, path) }
            return object.count == entries.count ? .object(object) : nil
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.text) }
            switch scalar.text {
            case "":
                _ = wrongShape(node, "a value", path, label)
                return nil
            case "true": return true
            case "false": return false
            case "null": return .null
            default: break
            }
            if let integer = readInteger(scalar.text) { return .integer(integer) }
            if isJSONNumber(scalar.text), let double = Double(scalar.text), double.isFinite {
                return .number(JSONNumber(text: scalar.text, double: double))
            }
            let first = scalar.text.utf8.first ?? 0
            if (0x30...0x39).contains(first) || "+-.".utf8.contains(first) {
                let error = ScalarError(
                    .wrongType, "`\(scalar.text)` looks like a number but is not one",
                    help: "quote it if it is text")
                report(error, place(node), label, path)
                return nil
            }
            return .string(scalar.text)
        }
    }

    private mutating func wrongShape(
        _ node: YAMLNode, _ wanted: String, _ path: String, _ label: String
    ) -> TypedValue? {
        let found =
            switch node.content {
            case .scalar(let scalar): scalar.isAbsent ? "nothing" : "`\(scalar.text)`"
            case .sequence: "a list"
            case .mapping: "a mapping"
            }
        findings.add(
            .wrongShape, at: place(node), path: path, "\(label): expected \(wanted), found \(found)"
        )
        return nil
    }

    private mutating func report(
        _ error: ScalarError, _ place: PolicyLocation, _ label: String, _ path: String
    ) {
        findings.add(
            error.code, at: place, path: path, "\(label): \(error.message)", help: error.help)
    }

    private func isAbsent(_ node: YAMLNode) -> Bool {
        if case .scalar(let scalar) = node.content { scalar.isAbsent } else { false }
    }

    private func place(_ node: YAMLNode) -> PolicyLocation {
        PolicyLocation(file: file, line: node.line, column: node.column)
    }
}

/// The path of a member. It is made for each value of a policy, so it takes one allocation.
private func joined(_ path: String, _ key: String) -> String {
    guard !path.isEmpty else { return key }
    var text = ""
    text.reserveCapacity(path.utf8.count + 1 + key.utf8.count)
    text += path
    text += "."
    text += key
    return text
}

/// Returns true if the text fits the grammar of JSON numbers (RFC 8259, section 6).
private func isJSONNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    guard isDigit(rest.first) else { return false }
    if rest.first == UInt8(ascii: "0") {
        rest.removeFirst()
    } else {
        rest = rest.drop(while: isDigit)
    }
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        guard isDigit(rest.first) else { return false }
        rest = rest.drop(while: isDigit)
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest.removeFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
            rest.removeFirst()
        }
        guard isDigit(rest.first) else { return false }
        rest = rest.drop(while: isDigit)
    }
    return rest.isEmpty
}
