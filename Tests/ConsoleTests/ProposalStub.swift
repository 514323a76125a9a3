import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTrust

@testable import InterlockAdministration
@testable import InterlockPromotions

/// One proposal of a promotion of the clerk in memory. What people send is kept nowhere.
struct ProposalStub: PromotionActions {
    var text = "plain"
    /// The people whom the document names; nil before the first signature.
    var deciders: [Person]?
    var signed: [Person] = []
    var isOpen = true
    /// False until the proposals were read.
    var isRead = true

    static let evidence = Digest(words: (7, 7, 7, 7))
    private static let start = ConsoleOffice.start
    private static let digest = Digest(words: (1, 2, 3, 4))

    private var snapshot: TrustSnapshot {
        TrustSnapshot(
            org: "acme", agent: DirectoryWorld.clerk, from: .assisted, to: .bounded,
            date: Self.start,
            checkpoint: Checkpoint(origin: text, size: 402_117, root: Self.digest),
            criteria: Self.digest, policy: Self.digest, fingerprint: Self.digest,
            evalResult: Self.digest,
            lines: [
                TrustSnapshot.Line(
                    criterion: .cleanRuns, value: "412", threshold: "at least 300", isMet: true,
                    leaves: []),
                TrustSnapshot.Line(
                    criterion: .drill, value: "0", threshold: "current", isMet: false, leaves: []),
            ])
    }

    var promotion: Promotion? {
        deciders.flatMap { deciders in
            Promotion(
                org: "acme", agent: DirectoryWorld.clerk, from: .assisted, to: .bounded,
                owner: ConsoleOffice().people[1], deciders: deciders, date: Self.start,
                expires: Self.start + .seconds(86_400),
                rationale: "Four weeks of routing without any rejection: " + text,
                criteria: Self.digest, evidence: Self.evidence, fingerprint: Self.digest,
                policy: Self.digest)
        }
    }

    private var shown: ProposalView {
        ProposalView(
            evidence: Self.evidence, snapshot: snapshot, records: [60, 0], promotion: promotion,
            signed: signed, owner: ConsoleOffice().people[1], longest: .seconds(86_400),
            end: Self.start + .seconds(7 * 86_400), isOpen: isOpen)
    }

    func waiting() -> [ProposalView]? { isRead ? (isOpen ? [shown] : []) : nil }

    func view(_ evidence: Digest) async throws(Problem) -> ProposalView {
        guard evidence == Self.evidence else { throw Problem(.noSuchOrder, "there is none") }
        return shown
    }

    func draft(
        _ evidence: Digest, _ terms: PromotionTerms?, by person: Person
    ) async throws(Problem) -> OrderDraft {
        guard let terms, !terms.others.contains(person) else {
            throw Problem(.malformed, "member `rationale` is missing")
        }
        return OrderDraft(
            .promotion, Array(terms.rationale.utf8), credentials: [],
            hashing: ConsoleOffice().hashing)
    }

    func sign(
        _ evidence: Digest, _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        throw Problem(.otherState, "the evidence no longer holds: drill: 0; current: missed, was 1")
    }
}
