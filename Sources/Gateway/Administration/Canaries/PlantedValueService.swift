package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts
package import InterlockSafety

/// Adds and removes canaries for the operator. Each change is in the audit log and in the control log before it is in
/// force; the value itself is in neither.
package final class PlantedValueService: Sendable {
    private let gate = AsyncGate()
    private let gateway: Gateway
    private let log: any ControlLog
    private let registry: PlantedValueRegistry

    package init(gateway: Gateway, log: any ControlLog, registry: PlantedValueRegistry) {
        self.gateway = gateway
        self.log = log
        self.registry = registry
    }

    /// The canaries in force, by name.
    package var all: [PlantedValueRegistry.Planted] { registry.all }

    /// Makes a canary. It is durable on return, and searched for within a second.
    ///
    /// - Returns: the value, which cannot be had again.
    package func add(
        _ name: PlantedValueName, _ form: PlantedValueForm, by: Pseudonym
    ) async throws(PlantedValueRefusal) -> PlantedValue {
        await gate.enter()
        defer { gate.leave() }
        guard registry[name] == nil else { throw .known(name) }
        guard registry.count < PlantedValueEntry.most else { throw .full }
        let entry = PlantedValueEntry(
            name: name, form: form,
            salt: gateway.ports.entropy.bytes(PlantedValueEntry.saltBytes),
            digest: registry.digest)
        try await record(Self.added(entry, by))
        let kept: [ControlEntry]
        do throws(StoreFailure) {
            kept = try await log.append([ControlDraft(.canary, name.description, entry.body)])
        } catch {
            gateway.ledger.note(Self.removed(name, by, "addition.unkept"))
            throw .unkept(error.reason)
        }
        registry.add(
            PlantedValueRegistry.Planted(
                entry: entry, since: gateway.clock.wall, number: kept[0].number))
        gateway.ports.results.refresh()
        return entry.value(registry.digest)
    }

    /// Ends a canary. After an error it is still searched for.
    package func remove(
        _ name: PlantedValueName, by: Pseudonym
    ) async throws(PlantedValueRefusal) {
        await gate.enter()
        defer { gate.leave() }
        guard let planted = registry[name] else { throw .unknown(name) }
        try await record(Self.removed(name, by))
        do throws(StoreFailure) {
            let end = planted.entry.end(of: planted.number, registry.digest)
            try await log.append([ControlDraft(.canaryEnd, name.description, end)])
        } catch {
            // The last record counts.
            gateway.ledger.note(Self.added(planted.entry, by, "removal.unkept"))
            throw .unkept(error.reason)
        }
        registry.remove(name)
        gateway.ports.results.refresh()
    }

    private func record(_ draft: RecordDraft) async throws(PlantedValueRefusal) {
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(draft) } catch {
            throw .unrecorded(error.code)
        }
    }

    private static func added(
        _ entry: PlantedValueEntry, _ by: Pseudonym, _ code: String? = nil
    ) -> RecordDraft {
        var fields: JSONObject = [
            "cny": .string(entry.name.description), "kind": .string(entry.form.rawValue),
            "h": .string(entry.sum.base64), "by": .string(by.text),
        ]
        fields["code"] = code.map(JSONValue.string)
        return RecordDraft(.canaryAdded, run: nil, fields: fields)
    }

    private static func removed(
        _ name: PlantedValueName, _ by: Pseudonym, _ code: String? = nil
    ) -> RecordDraft {
        var fields: JSONObject = ["cny": .string(name.description), "by": .string(by.text)]
        fields["code"] = code.map(JSONValue.string)
        return RecordDraft(.canaryRemoved, run: nil, fields: fields)
    }
}

/// The reason why a change of canaries was not made.
package enum PlantedValueRefusal: Error, Equatable, Sendable {
    case known(PlantedValueName)
    case unknown(PlantedValueName)
    case full
    case unrecorded(String)
    case unkept(String)
}

extension Problem {
    package init(_ refusal: PlantedValueRefusal) {
        switch refusal {
        case .known(let name):
            self.init(
                .otherState, "duplicate canary name `\(name)`",
                help: "its value cannot be shown again; remove it first, or choose another name")
        case .unknown(let name):
            self.init(
                .noSuchName, "unknown canary `\(name)`", help: "interlock safety canary list")
        case .full:
            self.init(.otherState, "there are \(PlantedValueEntry.most) canaries already")
        case .unrecorded(let code):
            self.init(.notRecorded, "the change cannot be recorded, so it was not made (\(code))")
        case .unkept(let reason):
            self.init(.notRecorded, "the store did not take the change: \(reason)")
        }
    }
}
