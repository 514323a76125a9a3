package import InterlockJSON
import InterlockModel

/// The file as one value. Members without a value are null, so that each file has one form.
///
/// - Parameter signatures: the signatures, or nil for the form that is signed.
func lockJSON(_ servers: [ServerName: LockedServer], _ signatures: [LockSignature]?) -> JSONValue {
    var object: JSONObject = [
        "interlockLock": 1,
        "servers": .object(keyed(servers.map { ($0.key.text, .object($0.value.json)) })),
    ]
    object["signatures"] = signatures.map { signatures in
        .array(
            signatures.map {
                ["key": .string($0.key.base64), "sig": .string(Base64.encode($0.bytes))]
            })
    }
    return .object(object)
}

extension LockedServer {
    fileprivate var json: JSONObject {
        var object = members
        object["tools"] = .object(keyed(tools.map { ($0.key.text, $0.value.json) }))
        object["prompts"] = .object(keyed(prompts.map { ($0.key, $0.value.json) }))
        return object
    }

    /// All members except tools and prompts.
    package var entry: JSONValue { .object(members) }

    private var members: JSONObject {
        var object: JSONObject = [
            "name": text(name), "version": text(version),
            "protocolVersion": .string(protocolVersion), "capabilities": texts(capabilities),
        ]
        switch origin {
        case .program(let program):
            object["package"] = program.installed?.json ?? .null
            object["argv"] = texts(program.argv)
            object["env"] = texts(program.environment)
            object["sandbox"] = .string(program.sandbox)
            // Omitted for the default network and for code that was not reviewed: a lock of an earlier
            // version keeps the bytes that were signed.
            object["network"] = program.network == .own ? nil : .string(program.network.rawValue)
            object["code"] = program.code?.json
        case .remote(let remote): object["remote"] = remote.json
        }
        object["elicitationHosts"] = texts(elicitationHosts)
        object["instructions"] = text(instructions?.prefixed)
        return object
    }
}

extension ProgramCode {
    fileprivate var json: JSONValue {
        .array(
            parts.map {
                [
                    "kind": .string($0.kind.rawValue), "path": .string($0.path),
                    "sha256": .string($0.digest.hex),
                ]
            })
    }
}

extension LockedPackage {
    fileprivate var json: JSONValue {
        [
            "registryType": .string(registry.rawValue), "identifier": .string(identifier),
            "sha256": .string(digest.hex),
        ]
    }
}

extension LockedRemote {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "type": .string(Self.type), "url": .string(url), "tlsName": text(tlsName),
            "tlsKey": text(tlsKey?.prefixed),
        ]
        // Omitted if the value is nil, for the same reason as the network of a program.
        object["uid"] = uid.map { .integer(Int64($0)) }
        return .object(object)
    }
}

extension LockedTool {
    fileprivate var json: JSONValue {
        [
            "pin": .string(pin.prefixed), "floor": text(floor?.rawValue), "alias": text(alias),
            "override": override?.json ?? .null, "definition": .object(definition),
            "reviewed": reviewed.json,
        ]
    }
}

extension LockedPrompt {
    fileprivate var json: JSONValue {
        [
            "pin": .string(pin.prefixed), "alias": text(alias),
            "definition": .object(definition), "reviewed": reviewed.json,
        ]
    }
}

extension FloorOverride {
    var json: JSONValue {
        [
            "class": .string(toolClass.rawValue), "by": .string(by.address),
            "reason": .string(reason),
        ]
    }
}

extension LockReview {
    fileprivate var json: JSONValue {
        ["by": .string(by.address), "at": .string(at.rfc3339(fractionDigits: 0))]
    }
}

private func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
private func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

/// An object with distinct keys. Adding the members one by one would compare each with all others.
private func keyed(_ members: [(key: String, value: JSONValue)]) -> JSONObject {
    JSONObject(distinct: members.sorted { $0.key < $1.key })
}
