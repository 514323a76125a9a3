import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockStore

/// The first sign-off of a deployment, by one founding person alone, recorded as `founding`. After it every `serve`,
/// including the first, refuses an unsigned revision.
///
/// INVARIANT: `init FILE` ends signed off; an author alone signs the first revision, and later ones only while no
/// other person is enrolled. Kept by `FoundingSignOffTests`, `test_founding.py`.
struct FoundingSignOff {
    let person: Person
    let key: PersonKey

    /// Writes `interlock.signoff`, then does what a start of `serve` does: the policy is verified, stored and
    /// recorded as in force. Durable on return.
    ///
    /// - Throws: 65 if the policy cannot be served, or this person may not sign it.
    func make(in deployment: Deployment) async throws(Failure) {
        let trust = try PersonSigner.trustFile(of: deployment)
        guard let trusted = trust.person(person) else {
            throw Failure(.data, "`\(person)` is not enrolled")
        }
        let file = SignOffFile(besidePolicy: deployment.policy)
        let (_, unsigned) = try RevisionSource(path: deployment.policy).served()
        try file.sign(
            by: PersonSigner(person: trusted, key: key), seen: unsigned.snapshot.digest,
            at: SystemClock().now.wall)
        let status = try await firstStart(of: deployment, org: trust.org)
        guard case .signed = status else {
            throw Failure(
                .data, "the signature of `\(person)` does not count for this policy",
                help: "it takes an owner of the policy, or the role security")
        }
    }

    /// Does the same as `Node.start`, without listeners and servers.
    private func firstStart(
        of deployment: Deployment, org: String
    ) async throws(Failure) -> RevisionStatus {
        let keys = try NodeKeys.opened(deployment)
        let setup = try LedgerSetup(deployment, keys)
        let ledger = try setup.open(guardLost: false)
        defer { ledger.close() }
        let payloads = try PayloadKeySetup(deployment)
        defer { payloads.close() }
        let store: any NodeStore
        do throws(StoreFailure) { store = try deployment.openStore() } catch {
            throw Failure(.cannotCreate, "cannot write `\(deployment.store)`: \(error.reason)")
        }
        defer { store.close() }
        _ = try await ControlSetup(store, deployment, keys)
        let people = try await PeopleSetup(
            HaltSetup(deployment, keys, org: org).folder, store: store, ledger: ledger,
            records: payloads.records, reader: setup.reader, party: nil)
        let start = try await PolicyStart(
            try RevisionSource(path: deployment.policy).served().0, people: people.holder,
            passkeys: nil,
            ledger: ledger, records: payloads.records, store: store,
            archive: deployment.policyArchive)
        return start.started.verdict.status
    }
}

extension FoundingSignOff {
    /// The result of the search for a key that can sign a policy that already exists.
    enum Choice {
        case signs(FoundingSignOff)
        /// No key signs, for this reason.
        case leavesUnsigned(String)
    }

    /// Chooses the founding person whose key the command line names (`--key`, `--as`). If it names none and the
    /// policy's lock is signed, chooses the first person whose key ssh-agent holds. A policy without a signed lock
    /// must be pinned first, because the sign-off covers the lock.
    ///
    /// - Throws: 77 if the named key cannot be used or belongs to no founding person.
    static func choose(
        _ invocation: Invocation, among people: [FoundingPerson], lock: PolicyLock?,
        owners: [Person]
    ) throws(Failure) -> Choice {
        let isNamed = invocation.has("key") || invocation.has("as")
        guard isNamed || lock?.signatures.isEmpty == false else {
            return .leavesUnsigned("its servers are not pinned by a signed \(PolicyLock.fileName)")
        }
        let may = people.filter { person in
            (owners.contains(person.person) || person.roles.contains(.security))
                && invocation["as"].map { $0 == person.person.address } ?? true
        }
        let keys: [PersonKey]
        do throws(KeyFailure) {
            keys = try PersonSigner.keys(named: invocation["key"] ?? "agent")
        } catch {
            guard isNamed else { return .leavesUnsigned(error.reason) }
            throw Failure(.notPermitted, error.reason, help: error.help)
        }
        for person in may {
            if let key = keys.first(where: { $0.publicKey == person.key }) {
                return .signs(FoundingSignOff(person: person.person, key: key))
            }
        }
        let reason = "no key at hand belongs to a founding person who may sign it"
        guard isNamed else { return .leavesUnsigned(reason) }
        throw Failure(
            .notPermitted, reason,
            help:
                "it takes the key of a --person who is an owner of the policy, or has the role security"
        )
    }
}
