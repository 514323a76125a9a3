import InterlockHooks
import InterlockJSON
import InterlockModel

extension Invariants {
    /// An event of a host, an event or a verdict on the wire: what is read can be written and read again, and every
    /// answer is exit 0 with at most one object, or exit 2 with one line.
    package static func hooks(_ bytes: [UInt8]) {
        let verdicts = hookVerdicts(bytes)
        for host in HookHost.allCases {
            for name in [nil, "preToolUse", "postToolUse"] {
                let codec = host.codec
                do throws(HookInputError) {
                    let event = try codec.event(from: bytes, named: name, environment: [:])
                    check(event)
                    checkUnanswered(event, codec)
                    for verdict in verdicts { check(codec.answer(verdict, to: event), verdict) }
                } catch {
                    let answer = codec.refusal(HookLine(error), eventNamed: name)
                    precondition(!answer.line.isEmpty || !answer.output.isEmpty, "it refuses")
                    check(answer, nil)
                }
            }
        }
        let event: HookEvent
        do throws(HookWireError) { event = try HookEvent(wire: bytes) } catch {
            return checkUnreadable(UnreadableEvent(bytes, error))
        }
        check(event)
        guard let host = event.host else { return checkWorker(event) }
        for verdict in verdicts { check(host.codec.answer(verdict, to: event), verdict) }
    }

    /// The output of an adapter that is stopped fits its room, is one object, and lets no call through.
    private static func checkUnanswered(_ event: HookEvent, _ codec: any HookCodec) {
        let roomBytes = 4096
        guard let output = codec.unansweredOutput(to: event, limitBytes: roomBytes) else { return }
        precondition(output.count <= roomBytes && !event.kind.needsTool, "no call is let through")
        let value = try? JSONValue(parsing: output, limits: HookLimits.wire)
        precondition(value?.object != nil, "standard output is one object")
    }

    private static func checkUnreadable(_ event: UnreadableEvent) {
        guard let origin = event.origin else { return }
        precondition(
            (1...HookLimits.name).contains(origin.session.utf8.count), "a session is bounded")
    }

    /// A worker has no user who could be asked, and takes a text in the place of its result alone.
    private static func checkWorker(_ event: HookEvent) {
        precondition(!event.canAskUser, "a worker asks no user")
        let shown = event.withheldResult("x")
        precondition(shown == (event.result?.string == nil ? nil : "x"), "a text is withheld")
    }

    private static func hookVerdicts(_ bytes: [UInt8]) -> [HookVerdict] {
        var verdicts: [HookVerdict] = [
            HookVerdict(.allow, reason: "r"), HookVerdict(.deny, reason: "r"),
            HookVerdict(.allow, reason: "r", isSandboxed: true), HookVerdict(.ask, reason: "r"),
            HookVerdict(.defer, reason: "r", approval: "apr_1"),
            HookVerdict(.rewrite([:]), reason: "r"), HookVerdict(.redact("x"), reason: "r"),
        ]
        if let read = try? HookVerdict(wire: bytes) {
            let again = try? HookVerdict(wire: read.wire)
            precondition(again == read, "a verdict is read as it was written")
            verdicts.append(read)
        }
        return verdicts
    }

    private static func check(_ event: HookEvent) {
        let wire = event.wire
        precondition(wire.count <= HookLimits.wireBytes, "an event fits the wire")
        guard let again = try? HookEvent(wire: wire) else {
            preconditionFailure("an event is read as it was written")
        }
        precondition(again == event && again.wire == wire, "an event has one spelling")
        precondition(event.tool != nil || !event.kind.needsTool, "a call names its tool")
        checkRedaction(of: event.reported)
    }

    /// A copy differs in the text of strings alone, and a part of each is gone.
    private static func checkRedaction(of result: JSONValue) {
        let texts = ResultTexts(result)
        var parts = ResultRedaction()
        for index in texts.strings {
            let bytes = texts.texts[index].utf8.count
            parts.add(ResultRedaction.Removal(bytes / 3..<bytes, "rule"), of: index)
        }
        guard let copy = parts.applied(to: result, texts: texts) else {
            preconditionFailure("strings can be replaced")
        }
        precondition(copy.hasShape(of: result), "a copy has the same shape")
        let shown = ResultTexts(copy)
        precondition(
            texts.strings.allSatisfy { shown.texts[$0].hasSuffix("[redacted:rule]") },
            "a part of each string is gone")
    }

    private static func check(_ answer: HookAnswer, _ verdict: HookVerdict?) {
        precondition(answer.line.isEmpty == (answer.exit == .allow), "a refusal has a line")
        precondition(answer.line.utf8.count <= HookLimits.line, "a line is bounded")
        precondition(
            !answer.line.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a line is one plain line")
        if verdict?.decision == .allow { precondition(answer.exit == .allow, "an allow is one") }
        guard !answer.output.isEmpty else { return }
        let output = try? JSONValue(parsing: answer.output, limits: HookLimits.wire)
        precondition(output?.object != nil, "standard output is one object")
    }
}
