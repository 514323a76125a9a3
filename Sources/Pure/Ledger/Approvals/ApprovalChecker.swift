import InterlockJSON
package import InterlockModel

/// Follows the approvals of a log record by record (docs/auditing.md, section 11): a call that people had to approve
/// ends as executed only after one use of an approval, by votes of enough distinct people on what was shown last. It
/// opens no payload, so it proves no signature; `interlock approvals verify` does.
///
/// INVARIANT: no verifier accepts an executed call that people had to approve without the use of an approval. Kept by
/// `ApprovalCheckerTests`, `test_tampering.py`.
package struct ApprovalChecker: Sendable {
    /// A request, by its id within its run: no record about it is in another chain.
    struct RequestName {
        let run: ExactText
        let id: ExactText
    }

    struct Request {
        let call: ExactText
        /// The tool of the call that asked, or nil if its intent is unknown.
        let tool: ExactText?
        /// The commitment to what was shown last.
        var shown: Digest
        /// The index of the record that shows it.
        var index: UInt64
        var need: Int64
        /// The number of calls that may still use it.
        var uses: Int64
        /// True if the form follows another one of the same request.
        var isReissued = false
        /// True if one person's order lowered the number of people.
        var isLowered = false
        var lowering: (revision: Int64, was: Int64)?
        /// The votes on what was shown last, by leaf hash.
        var votes: [Digest: Vote] = [:]
        /// The absent records that preceded the form.
        var gaps: Int
    }

    struct Vote {
        let index: UInt64
        /// Is nil for a client's consent.
        let person: ExactText?
        let via: String?
    }

    /// An open call that people must approve.
    struct HeldCall {
        let index: UInt64
        let run: ExactText
        let call: ExactText
        let tool: ExactText?
        let policy: ExactText?
        let need: Int64?
        let subject: ExactText?
        let gaps: Int
        var isUsed = false
    }

    /// Descriptions of the records that could not be checked, because earlier records or payloads are not there; at
    /// most a hundred.
    package private(set) var unchecked: [String] = []
    /// The number of uses that were checked.
    package internal(set) var uses = 0

    var calls: [Digest: HeldCall] = [:]
    var people = RecordedPeople()
    /// The requests of each run that have not ended.
    private var requests: [ExactText: [ExactText: Request]] = [:]
    /// The requests of each run that have ended, until the run ends.
    private var ended: [ExactText: Set<ExactText>] = [:]
    /// The number of absent records so far.
    private(set) var gaps = 0
    private var isFirst = true
    /// True if no earlier record can exist: the log begins here and continues no other.
    package private(set) var isWhole = true

    let origin: ExactText?
    private let isOfCluster: Bool

    private static let mostUnchecked = 100

    /// - Parameters:
    ///   - origin: the name of the log; a vote in another log names that one.
    ///   - isOfCluster: true if the logs of all nodes and their control chain are checked too, which have what this log
    ///     lacks. Otherwise `ctl` in a record excuses nothing.
    package init(origin: String? = nil, isOfCluster: Bool = false) {
        self.origin = origin.map { ExactText($0) }
        self.isOfCluster = isOfCluster
    }

    /// True for a record that rests on an entry of the control chain.
    func restsOnChain(_ record: StoredRecord) -> Bool { isOfCluster && record["ctl"] != nil }

    /// Skips a record of a pruned log of which only the hash remains.
    package mutating func skip() {
        isFirst = false
        isWhole = false
        gaps += 1
    }

    /// - Throws: the fault of this record. The following records can still be added.
    package mutating func add(
        _ record: StoredRecord, hash: Digest, at index: UInt64
    ) throws(ApprovalFault) {
        if isFirst {
            isFirst = false
            isWhole = index == 0 && record["from"] == nil
        }
        switch RecordType(rawValue: record.type) {
        case .callIntent where record.text("dec") == "approve": open(record, hash, index)
        case .callOutcome where record["late"] == nil: try close(record, at: index)
        case .callUnknown: try close(record, at: index)
        case .callDenied: record.digest("intent").map { calls[$0] = nil }
        case .approverEnrolled, .approverRevoked, .peopleRole: people.add(record, at: index)
        case .approvalRequested, .approvalReissued: try show(record, at: index)
        case .approvalGranted: try grant(record, hash, at: index)
        case .approvalBreakGlass: try lower(record, at: index)
        case .approvalDenied: try deny(record)
        case .approvalExpired, .approvalWithdrawn, .approvalVoid: try end(try name(of: record))
        case .approvalProbe:
            let name = try name(of: record)
            ended[name.run, default: []].insert(name.id)
            requests[name.run]?[name.id] = nil
        case .approvalUsed: try use(record, at: index)
        case .runEnd: forget(record)
        default: break
        }
    }

    mutating func cannotCheck(_ index: UInt64, _ what: String) {
        guard unchecked.count < Self.mostUnchecked else { return }
        unchecked.append("record \(index): \(what) cannot be checked")
    }

    /// True if every enrolment of a person is in this log: it is whole, and `interlock init` recorded the first one.
    var knowsEveryone: Bool { isWhole && people.isFounded }

    /// Returns true if a missing record must be a fault: none of the log is absent since `gaps` records were.
    func isComplete(since gaps: Int? = nil) -> Bool {
        gaps.map { $0 == self.gaps } ?? isWhole
    }
}

// MARK: Calls

extension ApprovalChecker {
    private mutating func open(_ record: StoredRecord, _ hash: Digest, _ index: UInt64) {
        calls[hash] = HeldCall(
            index: index, run: record.exact("run") ?? "", call: record.exact("call") ?? "",
            tool: record.exact("tool"), policy: record.exact("pol"),
            need: record["need"]?.integer, subject: record.exact("subj"), gaps: gaps)
    }

    private mutating func close(
        _ record: StoredRecord, at index: UInt64
    ) throws(ApprovalFault) {
        guard let intent = record.digest("intent"), let call = calls.removeValue(forKey: intent),
            !call.isUsed
        else { return }
        guard !isComplete(since: call.gaps) else { throw .notApproved }
        cannotCheck(index, "the approval of its call")
    }

    private mutating func forget(_ record: StoredRecord) {
        guard let run = record.exact("run"), record["rs"] != nil else { return }
        ended[run] = nil
        requests[run] = nil
    }
}

// MARK: Requests

extension ApprovalChecker {
    func name(of record: StoredRecord) throws(ApprovalFault) -> RequestName {
        guard let run = record.exact("run"), record["rs"] != nil, let id = record.exact("appr")
        else { throw .malformed }
        return RequestName(run: run, id: id)
    }

    func request(_ name: RequestName) -> Request? { requests[name.run]?[name.id] }

    func isOver(_ name: RequestName) -> Bool { ended[name.run]?.contains(name.id) ?? false }

    /// Ends a request; nothing but views and reviews may follow.
    mutating func end(_ name: RequestName) throws(ApprovalFault) {
        guard !isOver(name) else { throw .afterTheEnd }
        guard request(name) != nil || !isComplete() else { throw .unknownRequest }
        ended[name.run, default: []].insert(name.id)
        requests[name.run]?[name.id] = nil
    }

    /// Counts a use of a request; the last one ends it.
    mutating func count(useOf name: RequestName) throws(ApprovalFault) {
        guard let request = request(name), request.uses > 1 else { return try end(name) }
        requests[name.run]?[name.id]?.uses -= 1
    }

    private mutating func deny(_ record: StoredRecord) throws(ApprovalFault) {
        let name = try name(of: record)
        let request = request(name)
        try end(name)
        guard let request, isComplete(since: request.gaps) else { return }
        guard record.digest("bindc") == request.shown else { throw .otherForm }
    }

    private mutating func show(
        _ record: StoredRecord, at index: UInt64
    ) throws(ApprovalFault) {
        let name = try name(of: record)
        guard let shown = record.commitment("bind")?.content, let call = record.exact("call"),
            let need = record["need"]?.integer, need > 0, let uses = record.uses
        else { throw .malformed }
        guard !isOver(name) else { throw .afterTheEnd }
        let isAgain = record.type == RecordType.approvalReissued.rawValue
        let before = request(name)
        guard isAgain || before == nil else { throw .requestedTwice }
        guard !isAgain || before != nil || !isComplete() else { throw .unknownRequest }
        guard before.map({ $0.call == call }) ?? true else { throw .otherCall }
        let lowering = before?.lowering
        let isLowered =
            need == 1 && lowering != nil && lowering?.was == before?.need
            && lowering?.revision == record["rev"]?.integer
        let asked = record.digest("intent").flatMap { calls[$0] }
        guard asked.map({ $0.call == call && $0.run == name.run }) ?? true else {
            throw .otherCall
        }
        requests[name.run, default: [:]][name.id] = Request(
            call: call, tool: before?.tool ?? asked?.tool, shown: shown, index: index, need: need,
            uses: uses, isReissued: isAgain, isLowered: isLowered, gaps: gaps)
        guard let before, need < before.need, !isLowered else { return }
        cannotCheck(index, "why fewer people are asked than before")
    }

    private mutating func grant(
        _ record: StoredRecord, _ hash: Digest, at index: UInt64
    ) throws(ApprovalFault) {
        // A vote outside chains counts for no use of this log, whose votes are those of its own request.
        if restsOnChain(record), record["rs"] == nil {
            return cannotCheck(index, "a vote on a request of another node")
        }
        let name = try name(of: record)
        guard !isOver(name) else { throw .afterTheEnd }
        guard let request = request(name) else {
            guard !isComplete() else { throw .unknownRequest }
            return cannotCheck(index, "a vote on a request that is not there")
        }
        guard record.digest("bindc") == request.shown else {
            guard !isComplete(since: request.gaps) else { throw .otherForm }
            return cannotCheck(index, "a vote on a form that is not there")
        }
        guard record["need"]?.integer == request.need else { throw .otherNeed }
        guard record.exact("call") == request.call else { throw .otherCall }
        let isConsent = record["by"] == nil && record.text("via") == "client"
        if isConsent {
            guard request.need == 1, !request.isLowered else { throw .consentForPeople }
        } else {
            guard record["by"]?.string != nil, record["proof"] != nil else { throw .noSignature }
        }
        requests[name.run]?[name.id]?.votes[hash] = Vote(
            index: index, person: isConsent ? nil : record.exact("by"), via: record.text("via"))
    }

    /// Takes one person's order that one approval is sufficient.
    private mutating func lower(
        _ record: StoredRecord, at index: UInt64
    ) throws(ApprovalFault) {
        let name = try name(of: record)
        guard !isOver(name) else { throw .afterTheEnd }
        guard let request = request(name) else {
            guard !isComplete() else { throw .unknownRequest }
            return cannotCheck(index, "break-glass for a request that is not there")
        }
        guard let person = record.exact("by"), let revision = record["rev"]?.integer,
            let was = record["was"]?.integer, was > 1, was == request.need
        else { throw .breakGlass }
        requests[name.run]?[name.id]?.lowering = (revision, was)
        guard !people.mayBreakGlass(person, between: request.index, and: index) else { return }
        guard !knowsEveryone else { throw .breakGlassWithoutRole }
        cannotCheck(index, "the role of the person who breaks glass")
    }
}

extension StoredRecord {
    /// The number of calls that may use the approval of a request, or nil if that is no number from 1 to 10.
    package var uses: Int64? {
        guard let uses = self["uses"] else { return 1 }
        return uses.integer.flatMap { (1...10).contains($0) ? $0 : nil }
    }

    func exact(_ name: String) -> ExactText? { self[name]?.string.map { ExactText($0) } }
}
