package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// The calls whose outcome is unknown and that no person has checked. The log's writer knows them (`OpenCalls`), also
/// after a restart; the log is read for what a line of a list shows.
///
/// INVARIANT: a finding is recorded only about a call whose outcome is unknown, and a final one once. Kept by
/// `UnknownOutcomeTests`, `LogCheckerTests`, `test_outcomes.py`.
package final class UnknownOutcomeService: Sendable {
    private let gateway: Gateway
    private let log: any RecordLog
    private let people: AuthorizedKeysHolder
    private let looks: LogAccessLimiter
    private let refusals: RefusalRecorder<Pseudonym>
    /// Held while a finding is recorded, so that two of one call are not both the first.
    private let checking = AsyncGate()

    fileprivate struct State {
        /// The unchecked calls when they were last read, what the log says about them, and both as a list, newest first.
        var calls: [Digest: UncheckedCall] = [:]
        var search = UnknownRecordSearch()
        var list: [UnknownOutcome] = []
        var isReading = false
        /// The newest findings of this process: the index may not have them yet.
        var found: [(intent: Digest, finding: CheckedOutcome)] = []
    }
    private let state = Mutex(State())

    /// All unknown outcomes, newest first, with their details.
    var all: [UnknownOutcome] {
        let calls = gateway.ledger.uncheckedCalls
        return state.withLock { state in
            state.follow(calls)
            return state.list
        }
    }

    /// The maximum length of a comment, in code points.
    package static let longestComment = 500
    /// The records of one page of a search.
    static let pageSize = 200
    private static let mostRemembered = 1_000

    package init(
        gateway: Gateway, log: any RecordLog, people: AuthorizedKeysHolder, looks: LogAccessLimiter
    ) {
        self.gateway = gateway
        self.log = log
        self.people = people
        self.looks = looks
        refusals = RefusalRecorder("outcome.refused", clock: gateway.clock) {
            gateway.raise(alarm: $0, subject: $1)
        }
    }

    /// Reads what the log says about calls that came since. Called once a second; the reading is not waited for.
    package func sweep() {
        let calls = gateway.ledger.uncheckedCalls
        let pages = state.withLock { state -> [UnknownRecordSearch.Page] in
            state.follow(calls)
            guard !state.isReading else { return [] }
            let pages = state.search.sweep()
            state.isReading = !pages.isEmpty
            return pages
        }
        guard !pages.isEmpty else { return }
        Task {
            for page in pages {
                let found = try? await read(page)
                state.withLock { $0.search.apply(found, of: page) }
            }
            state.withLock { state in
                state.isReading = false
                state.makeList()
            }
        }
    }

    private func read(
        _ page: UnknownRecordSearch.Page
    ) async throws(EvidenceRefusal) -> RecordFinding {
        var filter = RecordFilter()
        filter.run = page.run.text
        filter.type = RecordType.callUnknown.rawValue
        return try await log.search(filter, before: page.before, limit: Self.pageSize)
    }
}

extension UnknownOutcomeService: OutcomeChecks {
    package func unchecked(for visibility: Visibility) -> [UnknownOutcome] {
        all.filter { visibility.sees($0.agent) }.map { outcome in
            var outcome = outcome
            outcome.owner = gateway.policy.owner(of: outcome.agent)
            outcome.isMine = visibility.mayCheckOutcomes(of: outcome.agent)
            if !visibility.reads(outcome.agent) { outcome.details = nil }
            return outcome
        }
    }

    package func name(of person: Pseudonym) -> Person? {
        people.trust?.people.first { $0.pseudonym == person }?.person
    }

    package func check(
        _ index: UInt64, _ finding: OutcomeFinding, comment: String, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(OutcomeRefusal) -> CheckedOutcome {
        do throws(OutcomeRefusal) {
            guard visibility.mayCheckSomeOutcomes else { throw .missing }
            let access = try begin(
                EvidenceReader(visibility: visibility, pseudonym: person))
            defer { access.end() }
            await checking.enter()
            defer { checking.leave() }
            return try await checked(index, finding, comment, person, visibility)
        } catch {
            switch error {
            case .known, .notTheirs, .checkedAlready: refusals.note(person, String(index))
            case .missing, .comment, .notRecorded, .notRead: break
            }
            throw error
        }
    }

    private func checked(
        _ index: UInt64, _ finding: OutcomeFinding, _ comment: String, _ person: Pseudonym,
        _ visibility: Visibility
    ) async throws(OutcomeRefusal) -> CheckedOutcome {
        let evidence = try await evidence(at: index)
        // An earlier finding may be in the part of the log that was not searched.
        guard evidence.fault == nil, evidence.unsearched == nil else {
            throw .notRead(
                .unreadable("the index of the log is behind: try again in a few seconds"))
        }
        let record = evidence.record.record
        guard let agent = evidence.record.agent, visibility.reads(agent) else { throw .missing }
        guard visibility.mayCheckOutcomes(of: agent) else { throw .notTheirs }
        guard record.type == RecordType.callUnknown.rawValue, let run = evidence.record.run,
            let intent = record.digest("intent"),
            let call = record.text("call").flatMap({ CallID($0) })
        else { throw .known }
        let result = CheckedOutcome(record: index, call: call, finding: finding, by: person)
        let earlier = self.findings(of: intent, in: evidence, result)
        if earlier.last == result { return result }
        if let last = earlier.last?.finding, last.isFinal { throw .checkedAlready(last) }
        let text = comment.contains { !$0.isWhitespace } ? comment : ""
        guard !(finding.needsComment && text.isEmpty),
            text.unicodeScalars.count <= Self.longestComment
        else { throw .comment }
        var fields: JSONObject = [
            "call": .string(call.text), "ofrun": .string(run.text), "agent": .string(agent.text),
            "intent": .string(intent.base64), "as": .string(finding.rawValue),
            "by": .string(person.text),
        ]
        fields["tool"] = record["tool"]
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(
                    .outcomeChecked, run: nil, fields: fields,
                    sealing: text.isEmpty ? [] : [("reason", Array(text.utf8))]))
        } catch {
            // The true outcome came since the record was read, or a final finding that was not found.
            throw error.code == "audit.bad_record" ? .known : .notRecorded(error.code)
        }
        state.withLock { state in
            state.found.append((intent, result))
            state.found = state.found.suffix(Self.mostRemembered)
        }
        return result
    }

    private func evidence(at index: UInt64) async throws(OutcomeRefusal) -> RecordEvidence {
        do throws(EvidenceRefusal) { return try await log.record(at: index) { _ in false } } catch {
            throw error == .noSuchRecord ? .missing : .notRead(error)
        }
    }

    private func begin(
        _ reader: EvidenceReader
    ) throws(OutcomeRefusal) -> LogAccessLimiter.Access {
        do throws(EvidenceRefusal) { return try looks.begin(.page, by: reader) } catch {
            throw .notRead(error)
        }
    }

    /// The findings about a call, the newest last.
    private func findings(
        of intent: Digest, in evidence: RecordEvidence, _ result: CheckedOutcome
    ) -> [CheckedOutcome] {
        let recorded = evidence.others.compactMap { other -> CheckedOutcome? in
            guard other.record.type == RecordType.outcomeChecked.rawValue,
                other.record.digest("intent") == intent,
                let finding = other.record.text("as").flatMap(OutcomeFinding.init(rawValue:)),
                let by = other.record.text("by")
            else { return nil }
            return CheckedOutcome(
                record: result.record, call: result.call, finding: finding,
                by: Pseudonym(text: by))
        }
        return recorded + state.withLock { $0.found.filter { $0.intent == intent }.map(\.finding) }
    }
}

extension UnknownOutcomeService.State {
    /// Applies the unchecked calls of the log; cheap if they are unchanged.
    fileprivate mutating func follow(_ calls: [Digest: UncheckedCall]) {
        guard self.calls != calls else { return }
        self.calls = calls
        search.follow(calls)
        makeList()
    }

    fileprivate mutating func makeList() {
        list = calls.values.sorted(by: >).compactMap { call in
            guard let run = call.intent.run, let id = CallID(call.intent.call) else { return nil }
            return UnknownOutcome(
                call: id, run: run.run, agent: run.agent,
                tool: call.intent.tool.flatMap { ToolAddress(wireName: $0) }, since: call.since,
                details: search.details[call.intent.hash])
        }
    }
}
