import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditKeyList = Command(
        "audit key list", "the keys of this log, and those that its records list",
        example: "interlock audit key list",
        options: [.directory, .json],
        exits: [.data, .notFound, .io],
        notes:
            "A key that signs no more is named all the same: what it signed is good. Give every `signs` line to auditors, and as a `log` line to witnesses."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let keys = try NodeKeys.opened(deployment)
        let setup = try LedgerSetup(deployment, keys)
        for key in try ListedKey.all(keys.logKeys, setup) {
            invocation.print(key.json, key.text)
        }
        return .ok
    }

    static let auditKeyRotate = Command(
        "audit key rotate", "put a new key in the place of the log's",
        example: "interlock audit key rotate",
        options: [
            .directory,
            Option(
                "--compromise",
                "the key was stolen: it signs nothing more, and the epoch that `ledger.origin` names now begins"
            ),
        ],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain],
        notes: """
            The gateway must not run. Both keys sign every checkpoint for 30 days; give auditors and \
            witnesses the new key in that time. The first start after it destroys the old one. Run it \
            again when it was broken off: it goes on where it stood.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let rotation = LogKeyChange(deployment)
        if invocation.has("compromise") {
            try await rotation.runAfterTheft()
        } else {
            try await rotation.run()
        }
        let keys = try NodeKeys.opened(deployment)
        let key = try LedgerSetup(deployment, keys).verifierKey()
        Output.line("log \(key)")
        if let end = keys.logKeys.overlapEnd {
            let until = end.rfc3339(fractionDigits: 0)
            Output.line("both keys sign until \(until); give this line to auditors and witnesses")
        }
        return .ok
    }
}

/// One line of `audit key list`.
private struct ListedKey {
    let use: String
    let key: String
    let since: Timestamp?
    let until: Timestamp?
    /// Is nil for keys of others, which do not sign this log.
    let signs: Bool?

    static func all(_ keys: LogPublicKeys, _ setup: LedgerSetup) throws -> [ListedKey] {
        let origin = setup.configuration.origin
        func name(_ key: PublicKey) -> String {
            VerifierKey(name: origin, publicKey: key.bytes, hashing: setup.tools.hashing)?
                .description ?? key.base64
        }
        var began: Timestamp?
        var others: [ListedKey] = []
        try reading {
            try setup.reader.scan { entry in
                guard let record = entry.record else { return true }
                let moment = record["ts"]?.integer.map { Timestamp(microseconds: $0) }
                if record.type == RecordType.logGenesis.rawValue { began = moment }
                if record.type == RecordType.keyListed.rawValue, let key = record.text("vkey"),
                    let use = record.text("use")
                {
                    others.append(
                        ListedKey(use: use, key: key, since: moment, until: nil, signs: nil))
                }
                return true
            }
        }
        let now = setup.tools.clock.wall
        let gone = keys.rotations.enumerated().map { place, rotation in
            ListedKey(
                use: "log", key: name(rotation.old),
                since: place == 0 ? began : keys.rotations[place - 1].at, until: rotation.until,
                signs: now < rotation.until && keys.former == rotation.old)
        }
        let present = ListedKey(
            use: "log", key: name(keys.current), since: keys.rotations.last?.at ?? began,
            until: nil, signs: true)
        let pending = keys.pending.map {
            ListedKey(use: "log", key: name($0), since: nil, until: nil, signs: false)
        }
        return gone + [present] + [pending].compactMap(\.self) + others
    }

    var text: String {
        var parts = [use, key]
        if let since { parts.append("since \(since.rfc3339(fractionDigits: 0))") }
        if let until { parts.append("until \(until.rfc3339(fractionDigits: 0))") }
        if let signs { parts.append(signs ? "signs" : "does not sign") }
        return parts.joined(separator: "  ")
    }

    var json: JSONValue {
        var object = JSONObject()
        object["use"] = .string(use)
        object["vkey"] = .string(key)
        object["since"] = since.map { .string($0.rfc3339(fractionDigits: 0)) }
        object["until"] = until.map { .string($0.rfc3339(fractionDigits: 0)) }
        object["signs"] = signs.map { .bool($0) }
        return .object(object)
    }
}
