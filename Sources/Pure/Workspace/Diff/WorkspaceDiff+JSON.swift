package import InterlockJSON
import InterlockModel

extension WorkspaceDiff {
    /// The form of docs/specs/sandbox.md, section 6: members and entries in a fixed order, names escaped.
    package var json: JSONValue {
        [
            "run": .string(run.text), "base": .string(base.prefixed),
            "entries": .array(changes.map(\.json)),
        ]
    }
}

extension WorkspaceChange {
    package var json: JSONValue {
        var object: JSONObject = [
            "path": .string(path.escaped), "kind": .string(kind.rawValue),
            "op": .string(operation.rawValue),
            "flags": .array(flags.map { .string($0.rawValue) }),
        ]
        switch after {
        case .file(let size, let mode, let digest, _):
            object["size"] = .integer(size)
            object["mode"] = .string(octal(mode))
            object["sha256"] = .string(digest.hex)
        case .directory(let mode, _, _): object["mode"] = .string(octal(mode))
        case .link(let target): object["target"] = .string(EscapedBytes.text(target))
        case .special(let kind): object["reason"] = .string(kind.rawValue)
        case .hidden, .whiteout, nil: break
        }
        if let kindBefore, operation == .replace || operation == .delete {
            object["was"] = .string(kindBefore.rawValue)
        }
        if let lowerDigest { object["lower_sha256"] = .string(lowerDigest.hex) }
        return .object(object)
    }
}
