import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockReview
import InterlockReviews
import InterlockTesting
import Synchronization

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole

/// The open review of `ReviewPagesTests.Stub` with its steps. What people send is remembered as text.
final class ReviewStepsStub: ReviewActions {
    let said = Mutex<[String]>([])
    private let text: String
    private let objection: String?
    private let isOpen: Bool
    private let refusal: Problem?
    private let isErased: Bool
    /// True if another reviewer has signed already.
    private let isSigned: Bool
    private let mark: MarkedRecord.Outcome?

    static let leaf = Digest(words: (1, 1, 1, 1))
    private static let policy = Digest(words: (5, 5, 5, 5))

    init(
        text: String = "plain", objection: String? = nil, isOpen: Bool = true,
        refusal: Problem? = nil, isErased: Bool = false, isSigned: Bool = false,
        mark: MarkedRecord.Outcome? = nil
    ) {
        self.text = text
        self.objection = objection
        self.isOpen = isOpen
        self.refusal = refusal
        self.isErased = isErased
        self.isSigned = isSigned
        self.mark = mark
    }

    private func say(_ words: String) throws(Problem) {
        if let refusal { throw refusal }
        said.withLock { $0.append(words) }
    }

    func work(
        on scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> ReviewWork? {
        let shown = await ReviewPagesTests.Stub().review(
            of: ReviewPagesTests.Stub.clerk, for: person.visibility)
        guard isOpen, let marked = shown?.marked else { return nil }
        var statement = ReviewStatement()
        statement.compare(policy: Self.policy, retire: nil, items: ["clerk " + text])
        statement.answer([ControlAnswer(.alerts, isInOrder: false)])
        return ReviewWork(
            id: ReviewPagesTests.Stub.id, scope: scope, period: marked.sample.period,
            marked: marked,
            drift: [DriftItem(.newVersion, subject: text, leaf: Self.leaf)],
            open: ReviewPagesTests.Stub(text: text).findings(
                of: ConsoleOffice().people[0], for: person.visibility
            ).map(\.open), statement: statement,
            policy: Self.policy, latest: ReviewPagesTests.Stub.due, reviewersNeeded: 2,
            objection: objection, missing: ["the part `controls` is missing: " + text],
            document: isSigned
                ? shown?.signOff.map { (signOff: $0, signed: [ConsoleOffice().people[1]]) } : nil)
    }

    func proposal(
        of scope: ReviewScope, for person: ReviewPerson
    ) throws(Problem) -> ReviewProposal {
        ReviewProposal(objection: objection, from: ReviewPagesTests.Stub.due.day)
    }

    func start(
        _ scope: ReviewScope, _ period: ReviewPeriod, by person: ReviewPerson
    ) async throws(Problem) {
        try say("start \(scope.text) \(period.start.day.text)")
    }

    func record(
        _ leaf: Digest, of scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> OpenedRecordView {
        try say("open \(leaf.hex)")
        let object: JSONObject = [
            "agent": "clerk", "node": "gw1", "t": "call.intent", "tool": .string(text),
            "ts": 1_795_169_731_500_000, "v": 1,
        ]
        guard let bytes = try? JSONValue.object(object).canonical(),
            let record = try? StoredRecord(parsing: bytes)
        else { throw Problem(.noSuchRecord, "there is none") }
        let payload = DisplayedPayload(
            field: "args", answer: .opened(JSONValue.object(["secret": .string(text)]).serialized())
        )
        return OpenedRecordView(
            agent: ReviewPagesTests.Stub.clerk, stratum: .unattended,
            read: ReadRecord(
                record: ReadRecord.Part(
                    index: 41, record: record, bytes: bytes, payloads: [payload]), others: [],
                isErased: isErased),
            showsPayloads: person.visibility.readsAll,
            mark: mark.flatMap {
                MarkedRecord(
                    leaf: leaf, $0, by: Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA=="),
                    opened: ReviewPagesTests.Stub.due, marked: ReviewPagesTests.Stub.due)
            }, next: nil)
    }

    func mark(
        _ leaf: Digest, of scope: ReviewScope, as word: String, severity: Int?, note: String,
        by person: ReviewPerson
    ) async throws(Problem) {
        try say("mark \(word) \(severity ?? 0) \(note)")
    }

    func compare(
        _ scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> ReviewUse {
        try say("compare")
        return ReviewUse(
            use: ScopeUse(
                period: ReviewPeriod(
                    from: ReviewPagesTests.Stub.due - .seconds(86_400),
                    to: ReviewPagesTests.Stub.due
                ).unwrapped, policy: Self.policy,
                tools: [
                    ToolUse(
                        agent: ReviewPagesTests.Stub.clerk,
                        tool: ToolAddress(wireName: "desk__note").unwrapped)
                ]), proposal: RetireProposal(items: []),
            patch: (text: "--- a\n" + text, digest: Self.policy), notes: [text], count: 12)
    }

    func state(
        _ change: ReviewChange, on scope: ReviewScope, by person: ReviewPerson
    ) async throws(Problem) { try say("\(change)") }

    func waiting() -> [WaitingReview] {
        [
            WaitingReview(
                id: ReviewPagesTests.Stub.id, scope: .agent(ReviewPagesTests.Stub.clerk),
                reviewers: Array(ConsoleOffice().people.prefix(2)),
                signed: [ConsoleOffice().people[1]], since: ReviewPagesTests.Stub.due,
                end: ReviewPagesTests.Stub.due + .seconds(7 * 86_400))
        ]
    }

    func draft(_ id: ReviewID, by person: ReviewPerson) async throws(Problem) -> OrderDraft {
        try say("draft")
        return OrderDraft(
            .review, Array(text.utf8), credentials: [], hashing: ConsoleOffice().hashing)
    }

    func sign(
        _ id: ReviewID, _ body: JSONValue, for person: ReviewPerson
    ) async throws(Problem) -> JSONValue {
        throw Problem(.otherState, "the review cannot be signed")
    }
}
