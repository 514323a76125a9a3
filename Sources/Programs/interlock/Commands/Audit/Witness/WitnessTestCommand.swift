import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockPorts
import InterlockTransport
import InterlockWitness
import InterlockWitnessing

extension Command {
    static let auditWitnessTest = Command(
        "audit witness test NAME",
        "show a witness the published checkpoint and say what it answers",
        example: "interlock audit witness test auditor.example",
        options: [.directory],
        exits: [.no, .data, .notFound, .unavailable]
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let name = invocation.positional[0]
        let (policy, _) = try deployment.trust.load()
        guard let witness = policy.witnesses.first(where: { $0.name == TrustName(name) }) else {
            throw Failure(.notFound, "there is no witness `\(name)`")
        }
        guard let url = witness.url else {
            throw Failure(.data, "the trust file names no address of `\(name)`")
        }
        let note = try publishedNote(deployment)
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let reply = await WitnessHTTP(loops: loops).post(
            AddCheckpoint.body(oldSize: 0, proof: [], note: note.bytes), to: url,
            within: .seconds(5))
        return try report(reply, name, size: note.size)
    }

    static let auditWitnessKey = Command(
        "audit witness vkey", "print the key by which this node cosigns for other logs",
        example: "interlock audit witness vkey",
        options: [.directory],
        exits: [.data, .notFound, .notPermitted, .io],
        notes: "Who wants this node as a witness runs `audit witness add` with it."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let identity = try WitnessIdentity(
            in: deployment.keys,
            name: ImmediateWitnessList.node(of: deployment.configuration.ledger.origin))
        Output.line(identity.key.description)
        return .ok
    }
}

/// The published checkpoint as it lies there: a witness passes over the cosignatures of others.
private func publishedNote(
    _ deployment: Deployment
) throws(Failure) -> (bytes: [UInt8], size: UInt64) {
    let path = deployment.ledger + "/log/checkpoint"
    do {
        let bytes = try File.read(path, limit: SignedNote.maximumBytes)
        let checkpoint = try Checkpoint(unverified: bytes)
        return (bytes, checkpoint.size)
    } catch let failure as FileFailure {
        throw Failure(.notFound, failure.message)
    } catch {
        throw Failure(.data, "`\(path)` is no checkpoint")
    }
}

private func report(_ reply: WitnessResponse, _ name: String, size: UInt64) throws(Failure) -> Exit
{
    switch reply {
    case .failed(let reason): throw Failure(.unavailable, "`\(name)` does not answer: \(reason)")
    case .answer(200, _, _):
        Output.line("\(name) remembered nothing of this log and cosigned \(size) records")
        return .ok
    case .answer(409, _, let body):
        let text = String(decoding: body.prefix(20), as: UTF8.self).filter(\.isNumber)
        guard let remembered = UInt64(text) else {
            throw Failure(.data, "`\(name)` answers 409 without a size")
        }
        Output.line("\(name) remembers \(remembered) records; \(size) are published here")
        return .ok
    case .answer(404, _, _):
        Output.line("\(name) does not know this log: its trust file needs the line `log VKEY`")
        return .no
    case .answer(403, _, _):
        Output.line("\(name) knows this log by another key")
        return .no
    case .answer(let status, _, _):
        Output.line("\(name) answers with status \(status)")
        return .no
    }
}
