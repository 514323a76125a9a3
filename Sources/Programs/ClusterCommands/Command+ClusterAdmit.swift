import InterlockCluster
import InterlockClusterStore
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    package static let clusterAdmit = Command(
        "cluster admit FILE", "sign the request of a new node, on a member",
        example: "interlock cluster admit gw3.json --as ada@acme.example",
        options: [.directory, ClusterDatabase.option, .person, .key, .json],
        exits: [
            .no, .data, .notFound, .unavailable, .cannotCreate, .io, .tryAgain, .notPermitted,
        ],
        notes: """
            Two people with the role `security` sign, or the only person. Each signature is added to the FILE, and the \
            last one appends the entry; so does a call for a FILE by a permit, which no person signs. Compare the keys with \
            what the new node printed. The gateway of this node must be stopped: the entry is signed with the key of \
            its log, in an incarnation of its own.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let admission = try MemberAdmission(invocation, deployment)
        // A node that has joined has no log before its first start.
        guard File.exists(deployment.ledger) else { return try await admission.run() }
        do {
            return try await WriteAheadLog.whileClosed(deployment.ledger, awaiting: admission.run)
        } catch let error as LedgerFailure { throw Failure(error) }
    }
}

/// The admission of a node by the member on whose machine people sign.
private struct MemberAdmission {
    private let invocation: Invocation
    private let deployment: Deployment
    private let database: ClusterDatabase
    private let membership: ControlFolder.Membership
    private let path: String

    init(_ invocation: Invocation, _ deployment: Deployment) throws(Failure) {
        self.invocation = invocation
        self.deployment = deployment
        membership = try ControlFolder(deployment).membership()
        database = try ClusterDatabase(invocation)
        path = invocation.positional[0]
    }

    func run() async throws(Failure) -> Exit {
        var file = try MemberFile.read(path)
        let (keys, until) = try admitted(by: file)
        let identity = try NodeIdentity(deployment)
        return try await database.withStore(of: identity.name) {
            store async throws(Failure) -> Exit in
            let chain = try await VerifiedChain.read(
                store, genesis: membership.genesis, at: database)
            guard chain.state.members[identity.name]?.keys == identity.keys else {
                throw Failure(.no, "`\(identity.name)` is no member with the keys that are here")
            }
            let now = SystemClock().wall
            try requireFree(keys, until, chain.state, at: now)
            switch file.statement {
            case .claim: try invocation.refuse(["as", "key"], with: "a claim of a permit")
            case .order:
                let signers = chain.signers
                if try !signers.isEnough(file) {
                    let isEnough = try signers.sign(&file, invocation, deployment)
                    try file.write(to: path)
                    guard isEnough else {
                        return signers.printWaiting(path, "admit", invocation)
                    }
                }
            }
            guard let statements = file.statements else {
                throw Failure(.data, "`\(path)` admits no node")
            }
            let draft = try identity.draft(
                .widening(.member, statements), subject: keys.name.text, org: chain.state.org,
                at: now)
            _ = try chain.admitting(draft, at: database)
            return try await append(draft, keys, until, store)
        }
    }

    /// The node that the file admits, and the time until which it counts.
    private func admitted(
        by file: MemberFile
    ) throws(Failure) -> (MemberKeys, until: Timestamp) {
        switch file.statement {
        case .order(let order):
            if case .admit(let keys, let until) = order.change { return (keys, until) }
        case .claim(let claim, let permit):
            if let order = try? MemberOrder(permit), case .permit(_, _, let until) = order.change {
                return (claim.keys, until)
            }
        }
        throw Failure(.data, "`\(path)` admits no node")
    }

    /// The refusals that have words of their own; `VerifiedChain.admitting` judges all.
    private func requireFree(
        _ keys: MemberKeys, _ until: Timestamp, _ state: ChainState, at now: Timestamp
    ) throws(Failure) {
        if let member = state.members[keys.name] {
            throw Failure(
                .no,
                member.keys == keys
                    ? "`\(keys.name)` is a member already"
                    : "the name `\(keys.name)` is that of another member")
        }
        guard state.areNew(keys) else {
            throw Failure(.no, "a key of `\(keys.name)` is that of a person or another node")
        }
        guard now <= until else {
            throw Failure(
                .no, "the request ended at \(until.rfc3339(fractionDigits: 0))",
                help: "on the new node: interlock cluster join makes another one")
        }
    }

    private func append(
        _ draft: EntryDraft, _ keys: MemberKeys, _ until: Timestamp, _ store: ClusterStore
    ) async throws(Failure) -> Exit {
        let number: Int64
        do throws(ClusterCallFailure) {
            let process = ExactText("admit/\(newOrderID(at: SystemClock().wall).text)")
            let incarnation = try await store.start(process: process, beat: 0, least: .first)
            number = try await store.appendMember(
                draft, .admit(keys, until: until), in: incarnation)
        } catch { throw database.failure(error) }
        let chain = try await VerifiedChain.read(
            store, genesis: membership.genesis, at: database)
        guard chain.state.members[keys.name]?.keys == keys else {
            throw Failure(
                .no, database.message("entry \(number) has not admitted `\(keys.name)`"),
                help: "another entry was faster: read why with interlock cluster join")
        }
        return invocation.print(
            ["state": "member", "node": .string(keys.name.text), "entry": .integer(number)],
            "\(keys.name) is a member by entry \(number)")
    }
}
