import InterlockAlerts
package import InterlockJSON
package import InterlockLedger
import InterlockMCP
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Makes the records of calls (docs/specs/ledger.md, section 5). Only this type knows which fields each record has, and
/// only it seals payloads, so that every payload has the name by which readers find it.
package struct RecordWriter: Sendable {
    private let keys: any PayloadKeys
    private let clock: any Clock
    private let entropy: any Entropy

    /// - Parameter entropy: random bytes for the ids of records whose payloads need one.
    package init(keys: any PayloadKeys, clock: any Clock, entropy: any Entropy) {
        self.keys = keys
        self.clock = clock
        self.entropy = entropy
    }

    package var keyStatus: PayloadKeyStatus { keys.status }

    /// Returns an alert raised now, with a new id.
    func alarm(_ code: String, subject: String) -> RaisedAlert {
        let now = clock.wall
        return RaisedAlert(
            id: AlertID(milliseconds: now.milliseconds, random: entropy.bytes(10)), code: code,
            subject: subject, at: now)
    }

    /// Makes a record with payloads, each sealed under its own key. If a key is missing the payload is only committed
    /// to, and the ledger refuses such a record if it permits something.
    ///
    /// - Parameters:
    ///   - payloads: fields with their plaintexts; a field at most once.
    ///   - salt: the salt to which the plaintext is already bound, if any.
    package func record(
        _ type: RecordType, run: RunContext?, fields: JSONObject,
        sealing payloads: [(field: String, plaintext: [UInt8])], salt: [UInt8]? = nil
    ) -> RecordDraft {
        var fields = fields
        if payloads.contains(where: {
            PayloadName.needsSeal($0.field, run: run?.run, fields: fields)
        }) {
            let seal = SealID(milliseconds: clock.wall.milliseconds, random: entropy.bytes(10))
            fields[PayloadName.sealField] = .string(seal.text)
        }
        return RecordDraft(
            type, run: run, fields: fields,
            payloads: payloads.map { field, plaintext in
                keys.seal(
                    plaintext, in: field,
                    as: PayloadName(field, run: run?.run, fields: fields), salt: salt)
            })
    }

    /// Records the agent's statement of what led to a call.
    func input(_ context: CallContext, of call: CallID, _ run: RunContext) -> RecordDraft {
        var fields: JSONObject = [
            "call": .string(call.text), "src": .string(context.source.rawValue),
        ]
        if context.bytes == nil { fields["size"] = .integer(Int64(context.sizeBytes)) }
        return record(
            .runInput, run: run, fields: fields,
            sealing: context.bytes.map { [("text", $0)] } ?? [])
    }

    /// - Parameter entry: the newest entry of the control chain on which the decision rests; nil on one node.
    func intent(
        _ decided: DecidedCall, _ context: ContextDisposition, at entry: ChainReference?
    ) -> RecordDraft {
        var fields = callFields(decided.resolved)
        if let entry { fields.append(("ctl", entry.json)) }
        fields.append(("ctx", .string(context.rawValue)))
        fields.append(("dl", .string(decided.strength.rawValue)))
        if decided.asksHostUser { fields.append((Self.hostPrompt, true)) }
        add(decided.decision, to: &fields)
        if let found = decided.judged.search.found, !found.isEmpty { fields += found.fields }
        return record(
            .callIntent, run: decided.resolved.run, fields: JSONObject(distinct: fields),
            sealing: [
                ("args", decided.resolved.canonicalArguments),
                ("in", input(decided.resolved, decided.judged)),
            ])
    }

    /// Records the units that a call takes of a limit on sums, before its intent.
    func reserved(
        _ decided: DecidedCall, _ use: LimitUse, _ amount: Int64, left: Int64
    ) -> RecordDraft {
        RecordDraft(
            .budgetReserved, run: decided.resolved.run,
            fields: [
                "call": .string(decided.call.id.text),
                "name": .string(use.name.leafText),
                "tool": .string(decided.address.leafName), "amt": .integer(amount),
                "left": .integer(left), "row": 0,
            ])
    }

    /// Records a call that `decide` refused, for which no intent exists.
    func denied(
        _ resolved: ResolvedCall, _ judged: JudgedCall, _ context: ContextDisposition,
        at entry: ChainReference?
    ) -> RecordDraft {
        var fields = callFields(resolved)
        if let entry { fields.append(("ctl", entry.json)) }
        fields.append(("cnt", 1))
        fields.append(("ctx", .string(context.rawValue)))
        fields.append(("code", .string(Refusal.denied(by: judged).code)))
        add(judged.decision, to: &fields)
        fields += judged.search.found?.fields ?? []
        fields.append((Self.levelField, Self.level(in: judged.facts)))
        var payloads = SearchReport(denied: judged).payloads
        payloads.append((field: "args", plaintext: resolved.canonicalArguments))
        payloads.append((field: "in", plaintext: input(resolved, judged)))
        return record(
            .callDenied, run: resolved.run, fields: JSONObject(distinct: fields),
            sealing: payloads)
    }

    /// Records a call that was refused before a decision.
    ///
    /// - Parameter context: nil if the request was refused before its body was read.
    func denied(
        _ call: RefusedCall, code: String, rule: String, _ context: ContextDisposition?,
        at entry: ChainReference?
    ) -> RecordDraft {
        var fields: JSONObject = [
            "call": .string(call.id.text), "cnt": 1, "code": .string(code), "dec": "deny",
            "pol": .string(call.policy.base64), "rule": .string(rule),
        ]
        if let context { fields["ctx"] = .string(context.rawValue) }
        if let address = call.address { fields["tool"] = .string(address.leafName) }
        fields.add(call.found)
        fields.name(entry)
        var payloads = SearchReport(refused: call.found).payloads
        if let arguments = call.arguments {
            payloads.append((field: "args", plaintext: arguments))
        }
        return record(.callDenied, run: call.run, fields: fields, sealing: payloads)
    }

    /// Closes an intent whose call was never sent.
    ///
    /// - Parameter again: the decision at release, if one was made.
    func denied(
        _ recorded: RecordedCall, refusal: Refusal, again: JudgedCall?, at entry: ChainReference?
    ) -> RecordDraft {
        let resolved = recorded.resolved
        var fields = JSONObject(distinct: callFields(resolved))
        fields["cnt"] = 1
        fields["code"] = .string(refusal.code)
        fields["dec"] = "deny"
        fields["rule"] = .string(refusal.rule.leafText)
        fields["intent"] = .string(recorded.intent.leafHash.base64)
        fields[Self.levelField] = Self.level(in: again?.facts ?? recorded.decided.facts)
        let report =
            again.map { SearchReport(denied: $0) } ?? SearchReport(unsent: recorded.decided.judged)
        var payloads = report.payloads
        fields.name(entry)
        if let again {
            fields["pol"] = .string(again.policy.digestText)
            fields.add(again.search.found)
            payloads.append((field: "again", plaintext: input(resolved, again)))
        }
        return record(.callDenied, run: resolved.run, fields: fields, sealing: payloads)
    }

    /// Records a client's answers to one round of its server's input requests.
    ///
    /// - Parameter judged: the last decision of the round; nil if no decision is the reason of a refusal.
    /// - Returns: nil if the answers have no canonical form.
    func answers(
        _ recorded: RecordedCall, round: Int, to requests: [InputRequest],
        _ answers: [ExactText: InputResponse], _ refusals: [String],
        _ found: ResultSearchSummary?, _ judged: JudgedCall?
    ) -> RecordDraft? {
        var given = JSONObject()
        for request in requests { given[request.key] = answers[request.key]?.json }
        guard let bytes = try? given.canonical() else { return nil }
        var fields: JSONObject = [
            "call": .string(recorded.call.id.text),
            "intent": .string(recorded.intent.leafHash.base64), "round": .integer(Int64(round)),
            "asked": .array(requests.map { .string($0.kind?.rawValue ?? "unknown") }),
        ]
        if !refusals.isEmpty { fields["refused"] = .array(refusals.map(JSONValue.string)) }
        fields.add(found)
        var payloads = [(field: "answers", plaintext: bytes)]
        if let judged {
            fields["pol"] = .string(judged.policy.digestText)
            payloads.append((field: "again", plaintext: input(recorded.resolved, judged)))
        }
        return record(
            .callInput, run: recorded.resolved.run, fields: fields, sealing: payloads)
    }

    /// Makes the only record that closes an intent whose call was sent, or certainly not executed.
    ///
    /// - Parameters:
    ///   - level: the level of the run after the call.
    ///   - taint: the reasons of the level; nil if the run has read no untrusted content.
    ///   - hasValues: true if the run has read values of outsiders that raised no level.
    ///   - notices: what was found in its progress and log messages.
    func closing(
        _ inspected: InspectedCall, _ level: TaintLevel, _ taint: RunTaint?, hasValues: Bool,
        notices: NoticeFindings?
    ) -> RecordDraft {
        let recorded = inspected.executed.recorded
        let run = recorded.resolved.run
        var fields: JSONObject = [
            "call": .string(recorded.call.id.text),
            "intent": .string(recorded.intent.leafHash.base64),
            Self.levelField: .integer(level.rawValue),
        ]
        // A call that was not executed was not asked about either.
        if inspected.executed.cleared.asksHostUser, inspected.state != .notExecuted {
            fields[Self.hostPrompt] = true
        }
        if let found = notices?.found { fields["nfind"] = .object(found.json) }
        if let dropped = notices?.dropped, dropped > 0 { fields["ndrop"] = .integer(dropped) }
        let report = SearchReport(of: inspected, taint, notices: notices)
        guard inspected.state != .unknown else {
            fields["why"] = .string(inspected.unknownCause)
            fields["last"] = .string(
                inspected.executed.cleared.hasGrant ? "approval.used" : "intent")
            return record(.callUnknown, run: run, fields: fields, sealing: report.payloads)
        }
        if hasValues { fields[Self.valuesField] = true }
        fields["st"] = .string(inspected.state.rawValue)
        fields["code"] = .string(inspected.code)
        fields["dur"] = .integer(inspected.executed.duration.microseconds)
        fields.add(inspected.found)
        var payloads = inspected.result.map { [(field: "res", plaintext: $0)] } ?? []
        if let changed = inspected.changed { payloads.append(("out", changed)) }
        payloads += report.payloads
        return record(.callOutcome, run: run, fields: fields, sealing: payloads)
    }

    /// Returns the closing record without a result that could not be stored; only its commitment remains.
    func withholding(_ closing: RecordDraft) -> RecordDraft {
        var draft = closing.unstored
        if draft.type == .callOutcome {
            draft.fields["st"] = .string(InspectedCall.State.withheld.rawValue)
            draft.fields["code"] = "audit.payload"
            // The agent gets no result, so the changed result is dropped too.
            draft.payloads.removeAll { $0.field == "out" }
        }
        return draft
    }

    /// The field of a call about which the host asks its own user.
    private static let hostPrompt = "hprompt"
    /// The field of the level of a run; a start restores it from there (`LoggedTaint`).
    private static let levelField = "tl"
    /// The field of a run that has read values of outsiders; restored from there as well.
    private static let valuesField = "vals"

    private static func level(in facts: DecisionFacts) -> JSONValue {
        .integer(facts.level.rawValue)
    }

    /// The fields of a draft; their names are distinct because each is added in one place.
    private typealias Fields = [(key: String, value: JSONValue)]

    private func callFields(_ resolved: ResolvedCall) -> Fields {
        var fields: Fields = []
        fields.reserveCapacity(14)
        fields.append(("call", .string(resolved.call.id.text)))
        fields.append(("tool", .string(resolved.address.leafName)))
        fields.append(("pol", .string(resolved.policy.digestText)))
        if let pin = resolved.pin { fields.append(("toolv", .string(pin.digestText))) }
        if let host = resolved.call.host {
            for (name, value) in host.fields.members { fields.append((name, value)) }
        }
        return fields
    }

    private func add(_ decision: Decision, to fields: inout Fields) {
        fields += DecisionSummary(decision).fields
        if let place = decision.place { fields.append(("at", .string(place.description.leafText))) }
        if let toolClass = decision.toolClass {
            fields.append(("risk", .string(toolClass.rawValue)))
        }
    }

    /// Serializes all inputs of a decision, with the decision.
    package func input(_ resolved: ResolvedCall, _ judged: JudgedCall) -> [UInt8] {
        let principal = resolved.call.principal
        return DecisionInput(
            agent: principal.agent, address: resolved.address, completes: resolved.completes,
            purpose: principal.purpose, decision: judged.decision, facts: judged.facts,
            policy: judged.policy.digest, basis: judged.policy.basis, now: judged.now
        ).serialized()
    }
}

extension InspectedCall {
    fileprivate var unknownCause: String {
        switch executed.answer {
        case .timedOut: "timeout"
        case .cancelled: executed.haltedBy == nil ? "disconnect" : "killed"
        case .exceeded: "limit"
        case .result, .rpcError, .unmet, .failed, .breakerOpen: "crash"
        }
    }
}

extension ToolAddress {
    /// The name in a record, within its limit of 128 bytes.
    package var leafName: String { wireName.leafText }
}
