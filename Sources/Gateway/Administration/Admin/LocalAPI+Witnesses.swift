import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockPorts

extension LocalAPI {
    /// The one way to change whom to believe while the gateway runs.
    func addWitness(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let witnesses = try witnessing
        guard let text = body["vkey"]?.string,
            let key = CosignerKey(text, hashing: witnesses.hashing)
        else { throw LocalRefusal(400, "`vkey` is no witness's key") }
        try await change { () throws(WitnessClient.ChangeFailure) in
            try await witnesses.desk.add(
                key, url: body["url"]?.string, isNow: body["now"]?.bool ?? false,
                ledger: gateway.ledger, store: witnesses.store)
        }
        return witnesses.desk.status
    }

    func removeWitness(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let witnesses = try witnessing
        guard let name = body["name"]?.string else { throw LocalRefusal(400, "`name` is missing") }
        try await change { () throws(WitnessClient.ChangeFailure) in
            try await witnesses.desk.remove(
                name, ledger: gateway.ledger, store: witnesses.store)
        }
        return witnesses.desk.status
    }

    func witnessStatus() throws(LocalRefusal) -> JSONValue { try witnessing.desk.status }

    private var witnessing: WitnessAdministration {
        get throws(LocalRefusal) {
            guard let witnesses else { throw .noSuchRequest }
            return witnesses
        }
    }

    private func change(
        _ body: () async throws(WitnessClient.ChangeFailure) -> Void
    ) async throws(LocalRefusal) {
        do throws(WitnessClient.ChangeFailure) { try await body() } catch {
            switch error {
            case .refused(let error): throw LocalRefusal(422, "\(error)")
            case .unknown(let name): throw LocalRefusal(404, "there is no witness `\(name)`")
            case .unrecorded(let refusal):
                throw LocalRefusal(
                    503, "the change cannot be recorded, so it was not made (\(refusal.code))")
            case .unsaved(let reason):
                throw LocalRefusal(500, "the trust file cannot be written: \(reason)")
            }
        }
    }
}
