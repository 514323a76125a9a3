import InterlockAlerts
import InterlockApprovals
import InterlockEvidence
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
        /// True if it is in force and none was ever signed off.
        var isFirst = false
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
    /// The credentials and changes of roles that a second person must confirm.
    var people: [WaitingConfirmation] = []
    /// The calls whose outcome is unknown and that no person has checked, newest first.
    var outcomes: [UnknownOutcome] = []

    struct Drill: Sendable, Equatable {
        let report: DrillReport
        let signers: [Person]

        /// Later the drill does not count any more, signed or not.
        var due: Timestamp { report.ended + DrillStatus.signOffTime }
    }

    /// - Parameters:
    ///   - owners: the owners of the policy in force.
    ///   - enrolled: returns the people with a credential that is not revoked; called for what this person has sent.
    func tasks(
        for viewer: InboxViewer, owners: [Person], at now: Timestamp,
        enrolled: () -> [TrustedPerson] = { [] }
    ) -> [InboxTask] {
        let isOwner = owners.contains(viewer.person)
        let uses = viewer.visibility.roles.isDisjoint(with: [.security, .breakGlass]) ? [] : uses
        return (viewer.visibility.seesAll ? releases.map { resume($0, viewer, enrolled) } : [])
            + (viewer.visibility.seesAll || isOwner ? sign(viewer, isOwner, at: now) : [])
            + elevations.compactMap { elevation($0, viewer, enrolled) }
            + uses.map { review($0, viewer, enrolled) }
            + confirmations(viewer, enrolled, at: now) + alerts(viewer) + checks(viewer)
    }

    /// Returns the unknown outcomes that this person may check: those of own agents, all with the role `security`.
    private func checks(_ viewer: InboxViewer) -> [InboxTask] {
        outcomes.filter { viewer.visibility.mayCheckOutcomes(of: $0.agent) }.map { outcome in
            InboxTask(
                subject: .outcome(outcome), agent: outcome.agent, since: outcome.since,
                due: outcome.due, isMine: true)
        }
    }

    private func resume(
        _ release: Release, _ viewer: InboxViewer, _ enrolled: () -> [TrustedPerson]
    ) -> InboxTask {
        let isSent = release.signers.first == viewer.person
        return InboxTask(
            subject: .resume(release.id, release.targets), reason: release.reason,
            signed: release.signers.count, need: release.need, since: release.started,
            due: release.ends,
            isMine: viewer.visibility.powers.contains(.resume)
                && !release.signers.contains(viewer.person), isSent: isSent,
            deciders: isSent
                ? enrolled().people(.resume) { !release.signers.contains($0.person) } : [])
    }

    /// Returns the sign-offs of a revision and of drills, which the role `security` and owners of the policy make.
    private func sign(
        _ viewer: InboxViewer, _ isOwner: Bool, at now: Timestamp
    ) -> [InboxTask] {
        let revisions = [revision].compactMap { $0 }.map { revision in
            let signing = revision.signing
            let isSent = signing.author == viewer.person && signing.isAuthors
            return InboxTask(
                subject: .revision(revision.digest, isFirst: revision.isFirst),
                signed: signing.signers.count, since: revision.seen,
                isMine: signing.wants(viewer.person), isSent: isSent,
                deciders: isSent ? signing.eligible.filter { !signing.signers.contains($0) } : [])
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

    private func review(
        _ use: BreakGlassHistory.Use, _ viewer: InboxViewer, _ enrolled: () -> [TrustedPerson]
    ) -> InboxTask {
        func tookPart(_ person: Pseudonym) -> Bool {
            use.by == person || use.voters.contains(person)
        }
        let isSent = use.by == viewer.pseudonym
        return InboxTask(
            subject: .breakGlass(use.request), since: use.at, due: use.due,
            isMine: !tookPart(viewer.pseudonym), isSent: isSent,
            deciders: isSent
                ? enrolled().people(.security, .breakGlass) { !tookPart($0.pseudonym) } : [])
    }

    private func elevation(
        _ elevation: Elevation, _ viewer: InboxViewer, _ enrolled: () -> [TrustedPerson]
    ) -> InboxTask? {
        let (request, terms) = (elevation.request, elevation.terms)
        let author = request.proposal.author
        let approved = request.approvals.map(\.person)
        guard viewer.visibility.sees(request, askedBy: terms) else { return nil }
        /// Returns true if an approval by this person counts. An author's own counts where others approve too.
        func mayApprove(_ person: Person, with roles: Set<Role>) -> Bool {
            guard let terms else { return false }
            return terms.exclusion(of: person, with: roles) == nil
                && (author != person || terms.need != 1)
        }
        let isSent = author == viewer.person
        // The author sees who has approved only after an approval of their own.
        let known = approved.contains(viewer.person) ? approved : []
        return InboxTask(
            subject: .elevation(request.id), agent: request.order.agent,
            reason: request.order.reason, signed: approved.count, need: terms?.need,
            since: request.created, due: request.order.until,
            isMine: mayApprove(viewer.person, with: viewer.visibility.powers)
                && !approved.contains(viewer.person), isSent: isSent,
            deciders: isSent
                ? enrolled().filter { other in
                    other.person != author && !known.contains(other.person)
                        && mayApprove(other.person, with: other.roles)
                }.map(\.person).sorted() : [])
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
