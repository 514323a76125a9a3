package import InterlockJSON
package import InterlockModel

/// The labels of the key values of one call.
package struct KeyLabels: Sendable {
    /// The worst label; that of a value that the model made if the call has no key value.
    package let worst: ValueLabel
    /// The first values, in the order of the arguments.
    package let values: [KeyValue]
    /// The number of all values.
    package let count: Int
    /// True if the user's request named every value, and at least one of them.
    package let isOfRequest: Bool

    package struct KeyValue: Sendable, Hashable {
        /// The JSON Pointer of the value; for the name of a member that the schema does not have, with ` (name)`.
        package let pointer: String
        package let label: ValueLabel
        /// The source of an untrusted value, or nil if it is not known.
        package let source: String?
    }

    package static let most = 16

    package init(worst: ValueLabel, values: [KeyValue], count: Int, isOfRequest: Bool) {
        self.worst = worst
        self.values = values
        self.count = count
        self.isOfRequest = isOfRequest
    }
}

/// The constants of a policy that an agent's calls may use: the hosts that its `egress` allows, in lower case.
package struct LabelConstants: Sendable {
    private let hosts: [[UInt8]]
    /// The names below which every host is allowed, with a dot in front.
    private let suffixes: [[UInt8]]

    /// - Parameter egress: rules of the form `HOST:PORTS` or `*.HOST:PORTS`.
    package init(egress: [String]) {
        let names = egress.map { rule in
            Array(
                (rule.utf8.lastIndex(of: UInt8(ascii: ":")).map { rule.utf8[..<$0] }
                    ?? rule.utf8[...]))
        }
        hosts = names.filter { $0.first != UInt8(ascii: "*") }
        suffixes = names.filter { $0.starts(with: "*.".utf8) }.map { Array($0.dropFirst()) }
    }

    func hasHost(_ host: ArraySlice<UInt8>) -> Bool {
        hosts.contains { $0.elementsEqual(host) }
            || suffixes.contains { host.count > $0.count && host.suffix($0.count) == $0[...] }
    }
}

extension LabelIndex {
    /// Returns the labels of the key values of a call: every string and number in its arguments, and every URL, host,
    /// address and number inside a text. Values that the tool's schema enumerates, and booleans, are no key values.
    ///
    /// - Parameter schema: the tool's input schema, which the arguments fit, or nil if there is none.
    package func labels(
        of arguments: JSONValue, schema: JSONValue?, _ constants: LabelConstants
    ) -> KeyLabels {
        guard Self.isShort(arguments) else {
            return KeyLabels(worst: .untrusted, values: [], count: 0, isOfRequest: false)
        }
        var walk = KeyWalk(index: self, constants: constants)
        walk.add(arguments, schema, [])
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

    mutating func add(_ value: JSONValue, _ schema: JSONValue?, _ path: [String]) {
        if schema?["enum"] != nil || schema?["const"] != nil { return }
        switch value {
        case .null, .bool: break
        case .integer(let number): note(index.labelled(number: .integer(number)), path)
        case .number(let number): note(index.labelled(number: .number(number)), path)
        case .string(let text):
            if let found = index.labelled(text, constants) { note(found, path) }
        case .array(let items):
            let schema = schema?["items"]
            for (place, item) in items.enumerated() { add(item, schema, step(path, "\(place)")) }
        case .object(let object):
            let known = schema?["properties"]
            for (key, value) in object.members {
                // A name that the schema does not have is chosen like a value.
                if schema != nil, known?[key] == nil,
                    let found = index.labelled(key, constants)
                {
                    note(found, step(path, key), isName: true)
                }
                add(value, known?[key], step(path, key))
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
