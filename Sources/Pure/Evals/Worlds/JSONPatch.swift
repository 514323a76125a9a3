package import InterlockJSON

/// A change of a document (RFC 6902). It is applied whole or not at all.
package struct JSONPatch: Sendable, Hashable {
    package enum Operation: Sendable, Hashable {
        case add(JSONPath, JSONValue)
        case remove(JSONPath)
        case replace(JSONPath, JSONValue)
        case move(from: JSONPath, to: JSONPath)
        case copy(from: JSONPath, to: JSONPath)
        case test(JSONPath, JSONValue)
    }

    /// The reason for which a patch was not applied; the operations are counted from 0.
    package enum Fault: Error, Sendable, Hashable {
        case notThere(operation: Int)
        case testFailed(operation: Int)
        /// The document would have more than `mostSize`, or be nested more than `deepest`.
        case tooLarge(operation: Int)
    }

    package let operations: [Operation]

    package init(_ operations: [Operation]) { self.operations = operations }

    package static let mostOperations = 100
    /// The largest document, in bytes of its texts and 4 for each value.
    package static let mostSize = 4 << 20
    package static let deepest = 64

    /// Returns the changed document.
    package func applied(to document: JSONValue) throws(Fault) -> JSONValue {
        var changed = PatchedDocument(document)
        for (number, operation) in operations.enumerated() {
            try changed.apply(operation, number)
        }
        return changed.value
    }
}

/// A document and its size, which is known without measuring it again after each operation.
private struct PatchedDocument {
    var value: JSONValue
    var size: Int

    init(_ value: JSONValue) {
        self.value = value
        size = value.patchSize
    }

    mutating func apply(
        _ operation: JSONPatch.Operation, _ number: Int
    ) throws(JSONPatch.Fault) {
        switch operation {
        case .add(let path, let new): try add(new, at: path, number)
        case .remove(let path): try remove(path, number)
        case .replace(let path, let new):
            let old = try found(path, number)
            try change(path, .replace(new), new, number)
            size -= old.patchSize
        case .move(let from, let path):
            // RFC 6902, section 4.4: a value is not moved into itself.
            guard !path.isBelow(from) else { throw .notThere(operation: number) }
            let moved = try found(from, number)
            guard from != path else { return }
            try remove(from, number)
            try add(moved, at: path, number)
        case .copy(let from, let path):
            try add(try found(from, number), at: path, number)
        case .test(let path, let expected):
            guard try found(path, number).hasSameValue(as: expected) else {
                throw .testFailed(operation: number)
            }
        }
    }

    private func found(_ path: JSONPath, _ number: Int) throws(JSONPatch.Fault) -> JSONValue {
        guard case .value(let found) = value.target(of: path) else {
            throw .notThere(operation: number)
        }
        return found
    }

    private mutating func add(
        _ new: JSONValue, at path: JSONPath, _ number: Int
    ) throws(JSONPatch.Fault) {
        // A member that is there, or the whole document, is replaced.
        var old = 0
        if case .value(let found) = value.target(of: path), !isElement(path) {
            old = found.patchSize
        }
        try change(path, .add(new), new, number)
        size -= old
    }

    private mutating func remove(_ path: JSONPath, _ number: Int) throws(JSONPatch.Fault) {
        let old = try found(path, number)
        guard let made = value.edited(path.tokens[...], .remove) else {
            throw .notThere(operation: number)
        }
        value = made
        size -= old.patchSize
    }

    /// Returns true if the path leads to an element of an array, before which another one is inserted.
    private func isElement(_ path: JSONPath) -> Bool {
        guard let parent = path.parent, case .value(.array) = value.target(of: parent) else {
            return false
        }
        return true
    }

    private mutating func change(
        _ path: JSONPath, _ edit: JSONEditing, _ new: JSONValue, _ number: Int
    ) throws(JSONPatch.Fault) {
        let more = new.patchSize
        guard size + more <= JSONPatch.mostSize,
            !new.isDeeper(than: JSONPatch.deepest - path.tokens.count)
        else { throw .tooLarge(operation: number) }
        guard let made = value.edited(path.tokens[...], edit) else {
            throw .notThere(operation: number)
        }
        value = made
        size += more
    }
}

/// The change of one place of a document.
private enum JSONEditing {
    case add(JSONValue)
    case replace(JSONValue)
    case remove
}

extension JSONValue {
    fileprivate var patchSize: Int {
        switch self {
        case .null, .bool, .integer: 4
        case .number(let number): 4 + number.text.utf8.count
        case .string(let text): 4 + text.utf8.count
        case .array(let items): items.reduce(4) { $0 + $1.patchSize }
        case .object(let object):
            object.members.reduce(4) { $0 + $1.key.utf8.count + $1.value.patchSize }
        }
    }

    /// Returns nil if there is no such place. The whole document cannot be removed.
    fileprivate func edited(_ path: ArraySlice<String>, _ edit: JSONEditing) -> JSONValue? {
        guard let token = path.first else {
            switch edit {
            case .add(let new), .replace(let new): return new
            case .remove: return nil
            }
        }
        let rest = path.dropFirst()
        switch self {
        case .object(let object): return object.edited(token, rest, edit).map { .object($0) }
        case .array(let items): return Self.edited(items, token, rest, edit).map { .array($0) }
        case .null, .bool, .integer, .number, .string: return nil
        }
    }

    private static func edited(
        _ items: [JSONValue], _ token: String, _ rest: ArraySlice<String>, _ edit: JSONEditing
    ) -> [JSONValue]? {
        var items = items
        if rest.isEmpty, case .add(let new) = edit {
            guard let index = sameBytes(token, "-") ? items.count : arrayIndex(token),
                index <= items.count
            else { return nil }
            items.insert(new, at: index)
            return items
        }
        guard let index = arrayIndex(token), index < items.count else { return nil }
        if rest.isEmpty, case .remove = edit {
            items.remove(at: index)
            return items
        }
        guard let made = items[index].edited(rest, edit) else { return nil }
        items[index] = made
        return items
    }
}

extension JSONObject {
    fileprivate func edited(
        _ key: String, _ rest: ArraySlice<String>, _ edit: JSONEditing
    ) -> JSONObject? {
        var object = self
        if rest.isEmpty, case .add(let new) = edit {
            object[key] = new
            return object
        }
        guard let inner = object[key] else { return nil }
        if rest.isEmpty, case .remove = edit {
            object[key] = nil
            return object
        }
        guard let made = inner.edited(rest, edit) else { return nil }
        object[key] = made
        return object
    }
}
