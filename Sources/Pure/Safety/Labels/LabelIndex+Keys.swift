package import InterlockJSON
import InterlockModel

extension LabelIndex {
    /// Returns the labels of the key values of a call.
    ///
    /// The key values are those at the declared paths, whatever their type, and of every other text the URLs, hosts,
    /// addresses, mentions and numbers in it. If no keys are declared, they are every string and number in the arguments,
    /// and every URL, host, address and number inside a text; values that the tool's schema enumerates, and booleans, are
    /// none.
    ///
    /// - Parameters:
    ///   - schema: the tool's input schema, which the arguments fit, or nil if there is none.
    ///   - keys: the declared keys, or nil if none are declared.
    package func labels(
        of arguments: JSONValue, schema: JSONValue?, keys: ValuePaths? = nil,
        _ constants: LabelConstants
    ) -> KeyLabels {
        guard Self.isShort(arguments) else {
            return KeyLabels(worst: .untrusted, values: [], count: 0, isOfRequest: false)
        }
        var walk = KeyWalk(index: self, constants: constants)
        if let keys {
            walk.add(arguments, at: keys, schema, [])
        } else {
            walk.add(arguments, schema, [])
        }
        return KeyLabels(
            worst: walk.worst ?? .made, values: walk.values, count: walk.count,
            isOfRequest: walk.worst.map { $0.severity == 0 } ?? false && walk.hasRequest)
    }
}

/// One walk through arguments.
private struct KeyWalk {
    let index: LabelIndex
    let constants: LabelConstants
    var worst: ValueLabel?
    var values: [KeyLabels.KeyValue] = []
    var count = 0
    var hasRequest = false

    /// Notes every value.
    ///
    /// - Parameter isDeclared: true to note also booleans, members of an enumeration, and texts of signs alone.
    mutating func add(
        _ value: JSONValue, _ schema: JSONValue?, _ path: [String], isDeclared: Bool = false
    ) {
        if !isDeclared, schema?["enum"] != nil || schema?["const"] != nil { return }
        switch value {
        case .null: break
        case .bool(let flag):
            guard isDeclared else { return }
            note(index.labelled(flag ? "true" : "false", constants) ?? index.unknown(), path)
        case .integer, .number: note(index.labelled(number: value), path)
        case .string(let text):
            if let found = index.labelled(text, constants) {
                note(found, path)
            } else if isDeclared, text.utf8.contains(where: { $0 > 0x20 }) {
                note(index.unknown(), path)
            }
        case .array(let items):
            let schema = schema?["items"]
            for (place, item) in items.enumerated() {
                add(item, schema, step(path, "\(place)"), isDeclared: isDeclared)
            }
        case .object(let object):
            let known = schema?["properties"]
            for (key, value) in object.members {
                // A name that the schema does not have is chosen like a value.
                if schema != nil, known?[key] == nil,
                    let found = index.labelled(key, constants)
                {
                    note(found, step(path, key), isName: true)
                }
                add(value, known?[key], step(path, key), isDeclared: isDeclared)
            }
        }
    }

    /// Notes the values at declared keys, and of other texts and numbers what is a key in them.
    ///
    /// - Parameter keys: the rests of the declared paths from here on.
    mutating func add(
        _ value: JSONValue, at keys: ValuePaths, _ schema: JSONValue?, _ path: [String]
    ) {
        if keys.isHere { return add(value, schema, path, isDeclared: true) }
        switch value {
        case .null: break
        case .bool, .integer, .number, .string:
            // It is where an object with a key was declared, so it may be the key in another form.
            guard keys.isEmpty else { return add(value, schema, path, isDeclared: true) }
            if let found = index.labelledKey(in: value, constants) { note(found, path) }
        case .array(let items):
            let schema = schema?["items"]
            for (place, item) in items.enumerated() {
                add(item, at: keys, schema, step(path, "\(place)"))
            }
        case .object(let object):
            let known = schema?["properties"]
            for (key, value) in object.members {
                let below = keys.below(key)
                if schema != nil, known?[key] == nil, below.isEmpty,
                    let found = index.labelledKey(in: .string(key), constants)
                {
                    note(found, step(path, key), isName: true)
                }
                add(value, at: below, known?[key], step(path, key))
            }
        }
    }

    /// Returns a longer path, or none once no more values are noted.
    private func step(_ path: [String], _ token: String) -> [String] {
        values.count < KeyLabels.most ? path + [token] : []
    }

    private mutating func note(
        _ found: LabelIndex.Labelled, _ path: [String], isName: Bool = false
    ) {
        count += 1
        worst = worst.map { ValueLabel.worse($0, found.label) } ?? found.label
        if found.label == .request { hasRequest = true }
        guard values.count < KeyLabels.most else { return }
        let source = found.source.flatMap { $0 < index.sources.count ? index.sources[$0] : nil }
        values.append(
            KeyLabels.KeyValue(
                pointer: path.map { "/" + JSONPointer.escaped($0) }.joined()
                    + (isName ? " (name)" : ""), label: found.label,
                source: source))
    }
}
