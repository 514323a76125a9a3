import InterlockAlerts
import InterlockApprovals
package import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
package import InterlockPorts
import Synchronization

/// Collects what waits for people in each service. Alerts and drills are read from their stores in `sweep`, so that a
/// page never waits for a disk.
package final class InboxTaskService: Sendable {
    private let gateway: Gateway
    private let halts: HaltService
    private let approvals: ApprovalService
    private let elevations: ElevationService
    private let policies: PolicyService
    private let drills: DrillService
    private let alarms: any AlertStore
    /// Is nil while the authorized keys cannot be read.
    private let people: PeopleService?
    private let outcomes: UnknownOutcomeService

    /// The contents of the stores at the last sweep.
    private struct Stored {
        var alarms: [RaisedAlert] = []
        var drills: [InboxFacts.Drill] = []
        /// The size of the log when they were read: whatever changes them is recorded.
        var size: UInt64?
    }

    private struct State {
        var stored = Stored()
        /// The facts as a sweep or a page saw them last.
        var seen = InboxFacts()
    }

    private let state = Mutex(State())

    /// The most alerts that are listed, the newest; the page of alerts has all.
    private static let mostAlarms = 200

    package init(
        gateway: Gateway, halts: HaltService, approvals: ApprovalService,
        elevations: ElevationService, policies: PolicyService, drills: DrillService,
        alarms: any AlertStore, people: PeopleService?, outcomes: UnknownOutcomeService
    ) {
        self.gateway = gateway
        self.halts = halts
        self.approvals = approvals
        self.elevations = elevations
        self.policies = policies
        self.drills = drills
        self.alarms = alarms
        self.people = people
        self.outcomes = outcomes
    }

    /// Reads the stores if something was recorded since the last sweep, and tells open pages if a task has come, changed
    /// or gone. Called twice a second: what waits is in open pages within one. If a store cannot be read, what it had before stays listed.
    package func sweep() async {
        let size = gateway.ledger.status.size
        // A store that fails raises its own alert, and is read again at the next sweep.
        if state.withLock({ $0.stored.size }) != size, let stored = try? await read(at: size) {
            state.withLock { $0.stored = stored }
        }
        note(facts)
    }

    private func read(at size: UInt64) async throws(StoreFailure) -> Stored {
        let now = gateway.clock.wall
        return Stored(
            alarms: try await alarms.alarms(
                since: now - AlertFilter.longestAge, AlertFilter(isDisposed: false), of: nil,
                from: 0,
                most: Self.mostAlarms
            ).alarms,
            drills: try drills.listed().filter { !$0.isSignedOff }
                .map { InboxFacts.Drill(report: $0.report, signers: $0.signers) }
                .filter { now < $0.due },
            size: size)
    }

    /// Makes open pages look again if these are not the facts that were seen last. A page that reads them notes them
    /// too: what came and went between two sweeps is still on the page that has shown it.
    private func note(_ facts: InboxFacts) {
        let isNews = state.withLock { state in
            defer { state.seen = facts }
            return state.seen != facts
        }
        if isNews { approvals.tellPages() }
    }

    /// The present facts, with what the stores had at the last sweep.
    private var facts: InboxFacts {
        var facts = InboxFacts()
        (facts.alarms, facts.drills) = state.withLock { ($0.stored.alarms, $0.stored.drills) }
        let active = gateway.halts.halts.active
        facts.releases = halts.waitingReleases.map { release in
            InboxFacts.Release(
                id: release.order.id,
                targets: release.order.halts.compactMap { active[$0]?.target },
                reason: release.order.reason, signers: release.signers, need: release.need,
                started: release.started, ends: release.ends)
        }
        facts.revision = revision
        facts.people =
            people?.book.unconfirmed(at: gateway.clock.wall).map(
                InboxFacts.WaitingConfirmation.init)
            ?? []
        facts.elevations = elevations.open.filter { $0.state == .requested }.map { request in
            InboxFacts.Elevation(request: request, terms: try? elevations.terms(of: request.order))
        }
        facts.uses = approvals.breakGlass?.unreviewed ?? []
        facts.outcomes = outcomes.all
        return facts
    }

    /// The revision that waits for signatures. A node without a first sign-off has no other one that only a sign-off
    /// keeps from being in force.
    private var revision: InboxFacts.Revision? {
        if let waiting = policies.waitsForSignOff {
            return InboxFacts.Revision(
                digest: waiting.digest, seen: waiting.seen, signing: waiting.signing)
        }
        return policies.waitsForFirstSignOff.map {
            InboxFacts.Revision(
                digest: $0.digest, seen: $0.seen, signing: $0.signing, isFirst: true)
        }
    }

    /// The people with a credential that is not revoked.
    private var enrolled: [TrustedPerson] {
        guard let book = people?.book else { return [] }
        return book.trust.people.filter { book.person($0.pseudonym) != nil }
    }
}

extension InboxTaskService: InboxTasks {
    package func tasks(for viewer: InboxViewer) -> [InboxTask] {
        let facts = facts
        note(facts)
        return facts.tasks(
            for: viewer, owners: gateway.policy.snapshot.owners, at: gateway.clock.wall,
            enrolled: { enrolled })
    }
}
