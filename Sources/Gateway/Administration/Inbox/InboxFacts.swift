import InterlockAlerts
import InterlockApprovals
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// The work that waits for people in all services at one moment, before it is selected for one of them.
struct InboxFacts: Sendable, Equatable {
    struct Release: Sendable, Equatable {
        let id: OrderID
        let targets: [HaltTarget]
        let reason: String
        let signers: [Person]
        let need: Int
        let started: Timestamp
        let ends: Timestamp
    }

    struct Revision: Sendable, Equatable {
        let digest: Digest
        let seen: Timestamp
        let signing: SignOffProgress
    }

    struct Elevation: Sendable, Equatable {
        let request: ElevationRequest
        /// The approvals that the policy in force asks for, or nil if it does not permit the elevation.
        let terms: ElevationTerms?
    }

    var releases: [Release] = []
    var revision: Revision?
    var elevations: [Elevation] = []
    /// The uses of break-glass that no other person has reviewed.
    var uses: [BreakGlassHistory.Use] = []
    /// The alerts without a disposition, newest first.
    var alarms: [RaisedAlert] = []
    /// The drills that are not signed off.
    var drills: [Drill] = []

    struct Drill: Sendable, Equatable {
        let report: DrillReport
        let signers: [Person]

        /// Later the drill does not count any more, signed or not.
        var due: Timestamp { report.ended + DrillStatus.signOffTime }
    }

    /// - Parameter owners: the owners of the policy in force.
    func tasks(for viewer: InboxViewer, owners: [Person], at now: Timestamp) -> [InboxTask] {
        let isOwner = owners.contains(viewer.person)
        let uses = viewer.visibility.roles.isDisjoint(with: [.security, .breakGlass]) ? [] : uses
        return (viewer.visibility.seesAll ? releases.map { resume($0, viewer) } : [])
            + (viewer.visibility.seesAll || isOwner ? sign(viewer, isOwner, at: now) : [])
            + elevations.compactMap { elevation($0, viewer) }
            + uses.map { use in
                InboxTask(
                    subject: .breakGlass(use.request), since: use.at, due: use.due,
                    isMine: use.by != viewer.pseudonym && !use.voters.contains(viewer.pseudonym))
            } + alerts(viewer)
    }

    private func resume(_ release: Release, _ viewer: InboxViewer) -> InboxTask {
        InboxTask(
            subject: .resume(release.id, release.targets), reason: release.reason,
            signed: release.signers.count, need: release.need, since: release.started,
            due: release.ends,
            isMine: viewer.visibility.powers.contains(.resume)
                && !release.signers.contains(viewer.person))
    }

    /// Returns the sign-offs of a revision and of drills, which the role `security` and owners of the policy make.
    private func sign(
        _ viewer: InboxViewer, _ isOwner: Bool, at now: Timestamp
    ) -> [InboxTask] {
        let revisions = [revision].compactMap { $0 }.map { revision in
            InboxTask(
                subject: .revision(revision.digest), signed: revision.signing.signers.count,
                since: revision.seen, isMine: revision.signing.wants(viewer.person))
        }
        let maySign = isOwner || viewer.visibility.powers.contains(.security)
        return revisions
            + drills.filter { now < $0.due }.map { drill in
                InboxTask(
                    subject: .drill(drill.report.id, passed: drill.report.passed),
                    signed: drill.signers.count, need: 1, since: drill.report.ended,
                    due: drill.due, isMine: maySign)
            }
    }

    private func elevation(_ elevation: Elevation, _ viewer: InboxViewer) -> InboxTask? {
        let request = elevation.request
        let approved = request.approvals.map(\.person)
        guard viewer.visibility.sees(request, askedBy: elevation.terms) else { return nil }
        let isAsked = elevation.terms.map {
            $0.exclusion(of: viewer.person, with: viewer.visibility.powers) == nil
        }
        return InboxTask(
            subject: .elevation(request.id), agent: request.order.agent,
            reason: request.order.reason, signed: approved.count, need: elevation.terms?.need,
            since: request.created, due: request.order.until,
            // An author's own approval counts where others approve too.
            isMine: isAsked == true && !approved.contains(viewer.person)
                && (request.proposal.author != viewer.person || elevation.terms?.need != 1))
    }

    /// Returns one task for all alerts with the same code and agent, by the newest.
    private func alerts(_ viewer: InboxViewer) -> [InboxTask] {
        struct Kind: Hashable {
            let code: String
            let agent: AgentName?
        }
        let visibility = viewer.visibility
        let seen = alarms.filter { visibility.seesAlerts(about: $0.agent) }
        return Dictionary(grouping: seen) { Kind(code: $0.code, agent: $0.agent) }
            .compactMap { kind, alarms -> InboxTask? in
                guard let newest = alarms.max(by: { $0.at < $1.at }) else { return nil }
                let oldest = alarms.map(\.at).min() ?? newest.at
                return InboxTask(
                    subject: .alert(newest.id, code: kind.code, count: alarms.count),
                    agent: kind.agent, since: oldest,
                    isMine: visibility.mayDispose(ofAlertsAbout: kind.agent))
            }
    }
}

extension SignOffProgress {
    /// Returns true if the revision waits for this person: its author who has not claimed it, or one of those who may
    /// sign. While it has no author, those are asked and not everyone, although anyone may claim it.
    fileprivate func wants(_ person: Person) -> Bool {
        author == nil ? eligible.contains(person) : awaits(person)
    }
}
