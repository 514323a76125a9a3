import InterlockCluster
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    package static let clusterPermit = Command(
        "cluster permit [FILE]", "sign ahead that so many nodes may join",
        example:
            "interlock cluster permit --count 3 --until 2026-12-20T12:00:00Z --reason 'Machines of the sale' --as ada@acme.example",
        options: [
            .directory, ClusterDatabase.option,
            Option("--count N", "how many nodes, 1 to \(MemberOrder.mostPermitted)"),
            Option("--until TIME", "when it has ended, RFC 3339, within 31 days"),
            Option("--out FILE", "the permit [default: permit.json]"),
            .person, .key, .reason, .json,
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
        notes: """
            Two people with the role `security` sign, or the only person: the first makes the FILE, the second signs it. \
            Its holder may admit nodes, so it is a secret: `interlock cluster join --permit FILE`. It ends at once if \
            one of its signers loses the key or the role.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let membership = try ControlFolder(deployment).membership()
        let database = try ClusterDatabase(invocation)
        let chain = try await database.withStore(of: membership.node) {
            store async throws(Failure) in
            try await VerifiedChain.read(store, genesis: membership.genesis, at: database)
        }
        let signers = chain.signers
        let given = invocation.positional.first
        if given != nil {
            try invocation.refuse(["count", "until", "reason", "out"], with: "FILE")
        }
        let target = given ?? invocation["out"] ?? "permit.json"
        if given == nil { try OutputFile.requireFree(target) }
        var file =
            try given.map { path throws(Failure) in try MemberFile.read(path) }
            ?? proposedPermit(invocation, signers)
        guard case .order(let order) = file.statement,
            case .permit(_, let count, let until) = order.change
        else { throw Failure(.data, "`\(target)` is no permit") }
        guard signers.now < until else {
            throw Failure(.no, "the permit ended at \(until.rfc3339(fractionDigits: 0))")
        }
        if given != nil, try signers.isEnough(file) {
            throw Failure(.no, "enough people have signed `\(target)`")
        }
        let isEnough = try signers.sign(&file, invocation, deployment)
        try file.write(to: target)
        guard isEnough else { return signers.printWaiting(target, "permit", invocation) }
        return invocation.print(
            ["state": "signed", "file": .string(target), "count": .count(count)],
            "\(TerminalEscaping.shown(target)) admits \(count) nodes until \(until.rfc3339(fractionDigits: 0)): "
                + "interlock cluster join --permit FILE")
    }
}

/// The permit that the first person signs, with a new key.
private func proposedPermit(
    _ invocation: Invocation, _ signers: MemberSigners
) throws(Failure) -> MemberFile {
    guard let count = try invocation.number("count", in: 1...MemberOrder.mostPermitted) else {
        throw Failure(.usage, "`--count` is missing")
    }
    let until = try Invocation.parsed(
        try invocation.require("until"), "no time in whole seconds",
        help: "write 2026-12-20T12:00:00Z", .usage
    ) { Timestamp(rfc3339: $0).flatMap { $0 == $0.wholeSecond ? $0 : nil } }
    guard signers.now < until, until <= signers.now + MemberOrder.longest else {
        throw Failure(.usage, "`--until` must be within the next 31 days")
    }
    let seed = SystemEntropy().bytes(Ed25519PrivateKey.seedCount)
    guard let key = Ed25519PrivateKey(seed: seed) else {
        throw Failure(.internalError, "no key can be made")
    }
    let reason = try invocation.require("reason")
    let authors = try signers.authors()
    return try MemberFile.made { () throws(FormError) in
        let order = try MemberOrder(
            id: newOrderID(at: signers.now), org: signers.people.trust.org,
            change: .permit(key.publicKey, count: count, until: until), reason: reason,
            authors: authors)
        return try MemberFile(.order(order), secret: seed)
    }
}
