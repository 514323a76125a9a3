import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel

/// Checks that the records of one request are consistent (docs/auditing.md, section 11): the review, its signatures and
/// their keys, and its uses, as many as was shown, for exactly that call.
struct ApprovalCheck {
    let id: ApprovalID
    let found: ApprovalRecords
    private(set) var faults: [String] = []
    /// The parts that could not be checked.
    var open: [String] = []
    private(set) var shown: Presentation?
    /// The approvers of the current review, by the hash of the vote's record; the value is nil for a client's consent.
    private(set) var votes: [Digest: String?] = [:]
    private var lowering: Lowering?
    private(set) var signed = 0
    /// The number of break-glass uses; `orders` is the number of their orders that were checked.
    var broken = 0
    var orders = 0
    private(set) var consents = 0
    /// The number of denials and revocations that needed no signature.
    private(set) var objections = 0
    private(set) var state = "pending"
    private(set) var uses = 0

    private static let ends: Set = ["used", "denied", "expired", "withdrawn", "void"]
    private static let deciding = Set(
        (["requested", "reissued", "breakglass", "granted"] + ends).map { "approval.\($0)" })

    var need: Int64 { shown?.need ?? 1 }
    /// The number of people who agreed to the current review. A person may have two votes on record, because one that
    /// the store did not keep is not counted.
    var people: Int64 { Int64(Set(votes.values.map { $0.map { ExactText($0) } }).count) }

    struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    init(_ id: ApprovalID, _ found: ApprovalRecords) { (self.id, self.found) = (id, found) }

    mutating func run() {
        for record in found.records {
            do { try take(record) } catch let fault as Fault {
                faults.append("record \(record.index): \(fault.text)")
            } catch {
                faults.append("record \(record.index): \(error)")
            }
        }
    }

    private mutating func take(_ proved: ProvedRecord) throws {
        let record = proved.record
        // The review of a break-glass use or a view of the request may follow the end.
        if Self.deciding.contains(record.type), Self.ends.contains(state) {
            throw Fault("it follows the end of the request")
        }
        switch record.type {
        case "approval.requested", "approval.reissued": try show(proved)
        case "approval.breakglass": lowering = try lower(proved)
        case "approval.granted":
            votes[proved.hash] = try agreed(proved)
            if people >= need { state = "approved" }
        case "approval.denied":
            try isAboutWhatIsShown(proved)
            if record["proof"] == nil { objections += 1 } else { try statement(proved, .deny) }
            state = "denied"
        case "approval.void":
            if record["proof"] != nil {
                try statement(proved, .deny)
            } else if record["by"] != nil {
                objections += 1
            }
            state = "void"
        case "approval.expired": state = "expired"
        case "approval.withdrawn": state = "withdrawn"
        case "approval.used": try use(proved)
        default: break
        }
    }

    private mutating func show(_ proved: ProvedRecord) throws {
        guard let commitment = proved.record.commitment("bind") else {
            throw Fault("it does not say what was shown")
        }
        guard let need = proved.record["need"]?.integer, need > 0 else {
            throw Fault("it does not say how many people must agree")
        }
        guard let often = proved.record.uses else {
            throw Fault("it does not say how often it may be used")
        }
        let before = shown
        let order = lowering
        votes = [:]
        lowering = nil
        state = "pending"
        shown = Presentation(
            commitment: commitment.content, need: need, uses: often, review: nil)
        let next = Presentation(
            commitment: commitment.content, need: need, uses: often,
            review: try review(of: proved, need, often))
        shown = next
        try follow(next, before, order, proved)
    }

    /// - Returns: nil if the review cannot be opened here.
    private mutating func review(
        of proved: ProvedRecord, _ need: Int64, _ uses: Int64
    ) throws -> ReviewDocument? {
        guard let bytes = try payload("bind", of: proved) else { return nil }
        guard let value = try? JSONValue(parsing: bytes, limits: .upstream),
            let review = try? ReviewDocument(json: value), review.bytes == bytes,
            review.request == id
        else { throw Fault("what was shown is no review of this request") }
        guard Int64(review.decision.quorum) == need else {
            throw Fault("it asks for another number of people than was shown")
        }
        guard Int64(review.uses) == uses else {
            throw Fault("it may be used more or less often than was shown")
        }
        return review
    }

    /// - Returns: the approver, or nil for a client's consent.
    private mutating func agreed(_ proved: ProvedRecord) throws -> String? {
        try isAboutWhatIsShown(proved)
        guard proved.record["need"]?.integer == need else {
            throw Fault("the vote is one of another number than the request asks for")
        }
        guard let by = proved.record.text("by") else {
            try consent(proved)
            return nil
        }
        try statement(proved, .approve)
        return by
    }

    private func isAboutWhatIsShown(_ proved: ProvedRecord) throws {
        guard let shown, proved.record.digest("bindc") == shown.commitment else {
            throw Fault("the vote is not about what was shown last")
        }
    }

    /// Checks a client's consent, which may replace a person only at tier low and for a single approval.
    private mutating func consent(_ proved: ProvedRecord) throws {
        guard proved.record.text("via") == "client" else {
            throw Fault("the vote names no person")
        }
        guard votes.isEmpty, need == 1, shown?.review?.decision.takesConsent ?? true else {
            throw Fault("a client's word where people had to decide")
        }
        consents += 1
    }

    /// Checks the signed statement, if it can be opened.
    private mutating func statement(_ proved: ProvedRecord, _ verdict: Vote.Verdict) throws {
        guard let bytes = try payload("proof", of: proved) else { return }
        guard let evidence = try? VoteEvidence(parsing: bytes),
            let vote = try? Vote(parsing: evidence.proof.statement)
        else { throw Fault("the vote is no signed statement") }
        guard vote.request == id, vote.verdict == verdict,
            vote.approver.text == proved.record.text("by"), vote.bind == shown?.commitment,
            Int64(vote.uses) == shown?.uses,
            evidence.proof.via == proved.record.text("via")
        else { throw Fault("the signed statement is about something else") }
        if let review = shown?.review {
            guard vote.call == review.call.digest(OpenSSLHashing()), vote.policy == review.policy,
                vote.revision == review.revision, vote.group == review.decision.group,
                vote.quorum == review.decision.quorum
            else { throw Fault("the signed statement is not what was shown") }
        }
        if try isVerified(evidence, vote, proved) { signed += 1 }
    }

    /// - Returns: false if the log lacks the data to verify the signature.
    private mutating func isVerified(
        _ evidence: VoteEvidence, _ vote: Vote, _ proved: ProvedRecord
    ) throws -> Bool {
        guard let signer = VoteSigner(evidence) else {
            throw Fault("the signature of the vote is wrong")
        }
        switch found.people.answer(
            signer.key, signer.credential, of: vote.approver.text, before: proved.index)
        {
        case .enrolled(let party):
            guard signer.isFor(party, holder: vote.approver) else {
                throw Fault("the signature of the vote is wrong, or the passkey another domain's")
            }
        case .unknown:
            open.append("record \(proved.index): an earlier log has the enrolment")
            return signer.credential == nil
        case .revoked: throw Fault("the credential of the vote was revoked before")
        case .other: throw Fault("the credential of the vote was not enrolled for its person")
        }
        return true
    }

    private mutating func use(_ proved: ProvedRecord) throws {
        let record = proved.record
        guard let shown, record.digest("bindc") == shown.commitment else {
            throw Fault("the use is not of what was shown last")
        }
        let grants = (record["grants"]?.array ?? [])
        let own = grants.filter { $0["o"] == nil }
        let people = Set(own.compactMap { $0["h"]?.string.flatMap(Digest.init(base64:)) })
        let others = Set(
            grants.compactMap { grant in
                grant["o"]?.string.flatMap { log in grant["h"]?.string.map { [log, $0] } }
            })
        guard people.count == own.count, people.isSubset(of: Set(votes.keys)),
            own.count + others.count == grants.count, Int64(grants.count) >= need
        else { throw Fault("the use names other votes than there are, or too few") }
        let voters = people.compactMap { votes[$0] }.map { $0.map { ExactText($0) } }
        guard Set(voters).count == voters.count else { throw Fault("one person counted twice") }
        if !others.isEmpty {
            open.append("record \(proved.index): \(others.count) votes in other logs")
        }
        uses += 1
        if Int64(uses) >= shown.uses { state = "used" }
        guard let intent = record.digest("intent").flatMap({ found.intents[$0] }),
            intent.record.text("call") == record.text("use")
        else {
            throw Fault("the log has no intent of the call that used it")
        }
        guard let review = shown.review, let bytes = try payload("args", of: intent) else { return }
        guard let arguments = try? review.call.arguments.canonical(), arguments == bytes,
            intent.record.text("run") == review.call.run.text
        else { throw Fault("the call that used it is another one than was approved") }
    }

    /// - Returns: nil if the payload cannot be opened here; the reason is added to `open`.
    mutating func payload(_ field: String, of proved: ProvedRecord) throws -> [UInt8]? {
        switch try found.log.payload(field, of: proved.record).answer {
        case .opened(let bytes): return bytes
        case .erased: open.append("record \(proved.index): `\(field)` was erased")
        case .missing(let what): open.append("record \(proved.index): `\(field)`: \(what)")
        case .bad(let fault): throw Fault("`\(field)`: \(fault)")
        }
        return nil
    }
}
