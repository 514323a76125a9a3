import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore
import Synchronization

/// The people who may decide, at the start of a node: read from trust file and store and repaired from the log,
/// before anything is verified by them.
struct PeopleSetup {
    let holder: AuthorizedKeysHolder
    /// Is nil while the trust file cannot be read: the existing file must not be overwritten.
    let service: PeopleService?
    /// The places of the log's records about people; nil while the trust file cannot be read.
    private let known: KnownPlaces?
    private let topics = DeferredNotifications<PeopleDirectory>()
    private let jobs = JobThread("trust-file", limit: 4)

    /// - Parameter party: the console's relying party; nil if no passkey can sign.
    /// - Throws: 74 if the store or the log cannot be read, 65 if a row is invalid.
    init(
        _ folder: HaltFolder, store: any PeopleStore & ControlLog, ledger: WriteAheadLog,
        records: RecordWriter, reader: LedgerReader, party: RelyingParty?
    ) async throws(Failure) {
        guard let trust = folder.trust else {
            holder = AuthorizedKeysHolder(nil)
            service = nil
            known = nil
            return
        }
        let stored = try await Self.book(trust, store)
        let (book, unfit) = stored.verifyingDelegations(
            OpenSSLVerifier(),
            passkeys: party.map { stored.passkeyVerifier(PasskeyVerifier($0), OpenSSLHashing()) })
        let holder = AuthorizedKeysHolder(book)
        let topics = topics
        let alarms = AlertRaiser(ledger: ledger, records: records, log: { log($0) })
        let service = PeopleService(
            PeoplePorts(
                store: store, trust: AuthorizedKeysFileStore(folder: folder, jobs: jobs),
                ledger: ledger, records: records, clock: SystemClock(), entropy: SystemEntropy(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                assertions: party.map { PasskeyVerifier($0) },
                follow: { book in
                    holder.replace(with: book)
                    topics.tell(book)
                }, alarm: { alarms.raise($0, subject: $1) }),
            book: book)
        self.holder = holder
        self.service = service
        for id in unfit { alarms.raise("people.unknown", subject: id.text) }
        // People were enrolled before the trust file had passkeys, or the process died between file and store.
        if book.trust != trust {
            do throws(StoreFailure) {
                try await AuthorizedKeysFileStore(folder: folder, jobs: jobs).keep(book.trust)
            } catch { throw Failure(.io, "cannot write the trust file: \(error.reason)") }
        }
        known = try await Self.restore(service, reader)
        do throws(StoreFailure) { try await service.recordDecided(in: store) } catch {
            throw Failure(.io, "cannot record who decides: \(error.reason)")
        }
    }

    /// Makes both services evaluate their open requests again after each change of the enrolled people, and holds the
    /// agents of people who left.
    func tell(
        _ approvals: ApprovalService, _ elevations: ElevationService, _ policy: PolicyHolder,
        _ policies: PolicyService
    ) {
        if let book = holder.book { policy.hold(agentsOf: book.departed) }
        let passed = Mutex(holder.book?.delegations ?? [:])
        topics.deliver { book in
            policy.hold(agentsOf: book.departed)
            let groups = passed.withLock { passed in
                defer { passed = book.delegations }
                let ended = passed.values.filter { book.delegations[$0.id] == nil }
                let begun = book.delegations.values.filter { passed[$0.id] == nil }
                return (ended + begun).map(\.group)
            }
            Task {
                // A seat comes back before its holder's requests are ended.
                if !groups.isEmpty { await policies.redecideOpen(of: groups) }
                await approvals.followPeople()
                await elevations.followPeople()
            }
        }
    }

    /// Ends the delegations that are over. Called once a second.
    func sweep(_ policy: PolicyHolder) async {
        await service?.dropDelegations { policy.delegatingGroup($0) }
    }

    /// Checks that the control log has made the delegations that the store has.
    func check(_ entries: ControlSetup) async throws(Failure) {
        try await entries.check(delegations: holder.book?.delegations.keys.map(\.self) ?? [])
    }

    /// - Parameter party: the console's relying party.
    /// - Returns: nil without a console, or without a trust file.
    func passkeys(of party: RelyingParty?) -> PeoplePasskeys? {
        guard let service, let party else { return nil }
        return PeoplePasskeys(
            register: service, verifier: PasskeyVerifier(party), since: SystemClock().wall)
    }

    func close() { jobs.close() }

    /// Makes the writer of what lets the next start read these records alone.
    func placesWriter(_ ledger: WriteAheadLog, _ reader: LedgerReader) -> RecordPlacesWriter? {
        known.map { known in
            RecordPlacesWriter(
                known, ledger: ledger,
                follow: { known throws(StoreFailure) in
                    try await JobThread.reading(Self.threadName) { () throws(LedgerFailure) in
                        var known = known
                        try reader.follow(&known)
                        return known
                    }
                },
                warn: {
                    log(
                        "the places of records about people are not written: \($0)", .warning,
                        part: "ledger")
                })
        }
    }

    /// The records that say who may decide.
    private static let types: [RecordType] = [
        .approverEnrolled, .approverRevoked, .peopleRole, .serviceEnded, .approvalDelegated,
        .approvalDelegationEnded,
    ]
    private static let threadName = "people-log"

    private static func book(
        _ trust: AuthorizedKeys, _ store: any PeopleStore
    ) async throws(Failure) -> PeopleDirectory {
        let rows: [PeopleRow]
        do throws(StoreFailure) { rows = try await store.peopleRows() } catch {
            throw Failure(.io, "cannot read who is enrolled: \(error.reason)")
        }
        do throws(FormError) { return try PeopleDirectory(trust: trust, rows: rows) } catch {
            throw Failure(.data, "who is enrolled is not as it was written: \(error)")
        }
    }

    private static func restore(
        _ service: PeopleService, _ reader: LedgerReader
    ) async throws(Failure) -> KnownPlaces {
        do throws(StoreFailure) {
            let types = types
            let (known, records) = try await JobThread.reading(threadName) {
                () throws(LedgerFailure) in try reader.knownPlaces(of: types)
            }
            do throws(PeopleRefusal) {
                try await service.restore(records.map { .object($0.object) })
            } catch { throw StoreFailure(reason: "\(error)") }
            return known
        } catch { throw Failure(.io, "cannot mend who is enrolled by the log: \(error.reason)") }
    }
}

/// Writes the trust file after changes of people, on a separate thread.
private struct AuthorizedKeysFileStore: AuthorizedKeysStore {
    let folder: HaltFolder
    let jobs: JobThread

    func keep(_ trust: AuthorizedKeys) async throws(StoreFailure) {
        let folder = folder
        try await jobs.answer(busy: "the trust file is written already") {
            () throws(StoreFailure) in
            do throws(KeyFailure) { try folder.write(trust) } catch {
                throw StoreFailure(reason: error.reason)
            }
        }
    }
}
