import InterlockAdministration
import InterlockChangeGate
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockIncidents
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockPromotions
import InterlockStore
import InterlockTrust
import InterlockTrustCommands
import InterlockTrustStages
import Synchronization

/// The criteria of trust in force: those of the revision that people signed off, not those on disk.
final class CriteriaInForce: Sendable {
    private let current: Mutex<TrustCriteria?>

    init(_ revision: PolicyRevision) { current = Mutex(Self.criteria(of: revision)) }

    /// Is nil without a file, or with one that has errors: every agent is at stage 0 then.
    var criteria: TrustCriteria? { current.withLock { $0 } }

    /// Takes the criteria of a revision that is in force now.
    func follow(_ revision: PolicyRevision) {
        let next = Self.criteria(of: revision)
        current.withLock { $0 = next }
    }

    private static func criteria(of revision: PolicyRevision) -> TrustCriteria? {
        revision.texts.files[CriteriaFile.name].flatMap {
            CriteriaFile.reading($0, at: CriteriaFile.name).criteria
        }
    }
}

extension ControlSetup {
    /// Reads the stages of agents. Must be called before the gateway is made, and after the people were read, who signed the
    /// promotions.
    func stages(
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder, _ criteria: CriteriaInForce,
        ledger: any Ledger, reader: LedgerReader, incidents: any IncidentStore,
        passkeys: PeoplePasskeys?
    ) async throws(Failure) -> TrustStageRegistry {
        let registry: TrustStageRegistry
        do throws(ControlLogFailure) {
            registry = try await TrustStageRegistry(
                from: entries, under: policy, trust: { people.trust },
                criteria: { criteria.criteria }, clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                passkeys: passkeys?.judge(OpenSSLHashing()), note: { ledger.note($0) })
        } catch { throw failure(error) }
        let found = try await Self.found(in: reader, since: registry.storedUntil)
        registry.restore(found.demotions)
        do throws(StoreFailure) {
            try await found.incidents.restore(in: incidents)
            registry.restore(open: try await incidents.openIncidents())
        } catch { throw Failure(.io, "cannot read the open incidents: \(error.reason)") }
        return registry
    }

    /// The demotions and incidents that the log has.
    private struct Found: Sendable {
        var demotions: [LoggedDemotion] = []
        var incidents = LoggedIncidents()

        /// - Returns: false for a record that this version cannot read.
        mutating func add(_ record: StoredRecord) -> Bool {
            guard record.type == RecordType.trustDemoted.rawValue else {
                return incidents.add(record)
            }
            guard let one = LoggedDemotion(record) else { return false }
            demotions.append(one)
            return true
        }
    }

    /// The number of the newest records that a start compares with the stores at the least: a process that ends between a
    /// record and its entry or row leaves it there.
    private static let newest: UInt64 = 32_768
    /// The time by which a start looks back further: people's clocks date promotions, and a clock may have been corrected.
    private static let margin = Duration.seconds(3600)

    /// - Parameter stored: the time of the last demotion or promotion that the control log has; nil without one.
    private static func found(
        in reader: LedgerReader, since stored: Timestamp?
    ) async throws(Failure) -> Found {
        do throws(StoreFailure) {
            return try await JobThread.reading("demotions") { () throws(LedgerFailure) in
                var found = Found()
                var unreadable: UInt64?
                let start = try reader.start(
                    ofNewest: Self.newest, since: stored.map { $0 - Self.margin })
                let types = [RecordType.trustDemoted] + LoggedIncidents.types
                try reader.scan(of: types, from: start) { index, record in
                    guard found.add(record) else {
                        unreadable = index
                        return false
                    }
                    return true
                }
                if let unreadable {
                    throw LedgerFailure(
                        .damaged,
                        "record \(unreadable) about a demotion or an incident cannot be read")
                }
                return found
            }
        } catch {
            throw Failure(
                .io, "cannot read the demotions and incidents on record: \(error.reason)")
        }
    }
}

extension NodeParts {
    func promotions(
        _ stages: TrustStageService, _ evidence: NodeEvidence, _ evals: ChangeGateService,
        _ readiness: any ReadinessReader
    ) -> PromotionService {
        let service = PromotionService(
            stages: stages, files: PromotionFolder(path: deployment.promotions),
            sources: PromotionService.Sources(
                evidence: LogPromotionEvidence(node: evidence, stages: self.stages),
                readiness: readiness, reviews: self.reviews,
                passing: { agent in
                    evals.passing(agent).map { (fingerprint: $0.fingerprint, result: $0.result) }
                }, passkeys: passkeys),
            hashing: hashing, verifier: OpenSSLVerifier())
        Task {
            do throws(Problem) { try await service.load() } catch {
                InterlockCommandLine.log(
                    "promotions are not listed: \(error.detail)", .warning, part: "trust")
            }
        }
        return service
    }

    /// The effects of signals: first on the stage of the agent, then on its run; then they are incidents.
    func ladder(_ runs: RunRegistry, _ halted: HaltRegistry) -> some SignalLadder {
        IncidentLadder(
            StageLadder(
                RunLadder(
                    breakers: counted.breakers, runs: runs, ledger: ledger,
                    release: { halted.release(of: $0) },
                    stop: { [topics] in topics.tell(.stop($0, reason: $1)) }), stages), sent)
    }

    func trustStages(
        _ gateway: Gateway, _ evals: ChangeGateService, _ drills: DrillService,
        _ policies: PolicyService
    ) -> TrustStageService {
        TrustStageService(
            gateway: gateway, registry: stages,
            sources: TrustStageService.Sources(
                regression: { evals.regression(of: $0) }, isFailing: { evals.isFailing($0) },
                drill: { drills.status },
                redecide: { await policies.redecideOpen(of: nil) }))
    }
}
