import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockEvidenceCommands
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Command {
    static let evidenceVerify = verifyEvidence(keys: Option.logKeys) { invocation in
        try AuditLog(invocation).keys().map { "\($0)" }
    }

    static let evidenceSignTests = signTests { try Build.digest() }

    static let evidenceBuild = buildEvidence { invocation in
        let deployment = try Deployment.open(invocation)
        let log = try AuditLog(invocation)
        let people = PersonDirectory(log)
        return EvidenceInput(
            deployment: deployment, reader: log.reader, keys: try log.keys(),
            witnesses: log.witnesses, organisation: people.policy?.org ?? "unknown",
            policy: people.policy, build: try Build.digest(),
            payload: { try log.payload($0, of: $1).answer },
            address: { people.person($0)?.address },
            inventory: { try toolInventory(deployment) },
            export: { count in
                try AuditExport.record(
                    kind: .evidence, count: count, query: invocation.query, from: log)
            })
    }
}

extension Node {
    /// Lists the evidence key at the start. A node without it serves; its program's log says that no pack can be built.
    static func listEvidenceKey(of deployment: Deployment, in ledger: any Ledger) async {
        guard let problem = await EvidenceKeyListing.list(deployment, in: ledger) else { return }
        log(problem, .warning, part: "evidence")
    }
}
