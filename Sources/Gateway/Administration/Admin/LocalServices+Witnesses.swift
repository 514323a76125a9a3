import InterlockGovernor
package import InterlockJSON
import InterlockLedger
import InterlockPorts
import InterlockWitness

extension LocalServices {
    /// Adds a witness while the gateway runs. The body is `{vkey, url?, now?}`.
    package func addWitness(_ call: LocalCall) async throws(Problem) -> JSONValue {
        guard let text = call.body["vkey"]?.string,
            let key = CosignerKey(text, hashing: witnesses.hashing)
        else { throw Problem(.malformed, "`vkey` is no witness's key") }
        try await change { () throws(WitnessClient.ChangeFailure) in
            try await witnesses.client.add(
                key, url: call.body["url"]?.string, isNow: call.body["now"]?.bool ?? false,
                ledger: gateway.ledger, store: witnesses.store)
        }
        return witnesses.client.status
    }

    package func removeWitness(_ call: LocalCall) async throws(Problem) -> JSONValue {
        guard let name = call.body["name"]?.string else {
            throw Problem(.malformed, "`name` is missing")
        }
        try await change { () throws(WitnessClient.ChangeFailure) in
            try await witnesses.client.remove(name, ledger: gateway.ledger, store: witnesses.store)
        }
        return witnesses.client.status
    }

    package func witnessStatus(_: LocalCall) -> JSONValue { witnesses.client.status }

    private func change(
        _ body: () async throws(WitnessClient.ChangeFailure) -> Void
    ) async throws(Problem) {
        do throws(WitnessClient.ChangeFailure) { try await body() } catch {
            switch error {
            case .refused(let error): throw Problem(.malformed, "\(error)")
            case .unknown(let name): throw Problem(.noSuchName, "there is no witness `\(name)`")
            case .unrecorded(let refusal):
                throw Problem(
                    .notRecorded,
                    "the change cannot be recorded, so it was not made (\(refusal.code))")
            case .unsaved(let reason):
                throw Problem(.notKept, "the trust file cannot be written: \(reason)")
            }
        }
    }
}
