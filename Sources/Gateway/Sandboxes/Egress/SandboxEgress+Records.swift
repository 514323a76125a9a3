import InterlockEgress
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The records of connections. Hosts and addresses are in payloads alone.
extension SandboxEgress {
    /// The digest of a plain request that was searched is in the payload: a short request may be guessed from it.
    func record(
        of searched: SearchedConnection, to addresses: [IPAddress], hasEncryptedHello: Bool
    ) -> RecordDraft {
        let permitted = searched.permitted
        let asked = permitted.asked
        var fields = fields(of: asked, permitted.source)
        fields["call"] = .string(permitted.call.text)
        fields["dec"] = "allow"
        fields["pol"] = .string(permitted.policy.digestText)
        let rule = asked.model?.rule ?? permitted.rule.text
        fields["rule"] = .string(rule.leafText)
        if case .prompt(let prompt) = searched.content {
            fields["h"] = .string(prompt.digest.base64)
            fields["size"] = .integer(prompt.size)
            fields["model"] = prompt.model.map { .string($0.text) }
        }
        if hasEncryptedHello { fields["ech"] = true }
        var target: JSONObject = [
            "host": .string("\(asked.target.host)"), "ip": addresses.json,
        ]
        // The proxy has compared the two; an encrypted ClientHello names another one outside.
        if permitted.rule.transport == .tls { target["sni"] = .string("\(asked.target.host)") }
        if case .request(let sent) = searched.content {
            fields["size"] = .integer(Int64(sent.head.count + sent.body.count))
            let digest = gateway.pins.hashing.sha256(sent.head.span, sent.body.span)
            target["request"] = .string(digest.base64)
        }
        return gateway.records.record(
            .netConnect, run: permitted.source.run, fields: fields,
            sealing: [("dst", JSONValue.object(target).serialized())])
    }

    /// - Parameter count: the refused connections that the record counts, itself included.
    func noteRefusal(
        _ reason: EgressReason, _ call: CallID, _ asked: EgressDestination?, counting count: Int,
        of source: EgressSource
    ) {
        var fields = asked.map { self.fields(of: $0, source) } ?? source.fields
        fields["call"] = .string(call.text)
        fields["dec"] = "deny"
        fields["code"] = .string(reason.code)
        fields["pol"] = .string(snapshot(for: source).digestText)
        if count > 1 { fields["cnt"] = .integer(Int64(count)) }
        let target = asked.map { asked in
            JSONValue.object(["host": .string("\(asked.target.host)")]).serialized()
        }
        gateway.ledger.note(
            gateway.records.record(
                .netConnect, run: source.run, fields: fields,
                sealing: target.map { [("dst", $0)] } ?? []))
    }

    func noteLookup(
        _ call: CallID, _ host: EgressHost, _ answers: [IPAddress], rule: String,
        _ milliseconds: Int64, of source: EgressSource
    ) {
        let answer: JSONObject = ["host": .string("\(host)"), "ip": answers.json]
        var fields = source.fields
        fields["call"] = .string(call.text)
        fields["rule"] = .string(rule.leafText)
        fields["cnt"] = .integer(Int64(answers.count))
        fields["dur"] = microseconds(milliseconds)
        gateway.ledger.note(
            gateway.records.record(
                .netLookup, run: source.run, fields: fields,
                sealing: [("ans", JSONValue.object(answer).serialized())]))
    }

    func noteEnd(_ end: EgressEnd, of call: CallID, _ source: EgressSource) {
        var fields = source.fields
        fields["call"] = .string(call.text)
        fields["end"] = .string(end.kind.rawValue)
        fields["sent"] = .integer(end.sent)
        fields["recv"] = .integer(end.received)
        fields["dur"] = microseconds(end.milliseconds)
        if end.kind == .unreachable { fields["errno"] = .integer(end.errno) }
        if let answer = end.answer {
            let usage = answer.statement.usage
            fields["status"] = .integer(Int64(answer.status))
            fields["h"] = .string(answer.digest.base64)
            fields["model"] = answer.statement.model.map { .string($0.text) }
            fields["tin"] = usage.input.map(JSONValue.integer)
            fields["tout"] = usage.output.map(JSONValue.integer)
            fields["tcr"] = usage.cacheRead.map(JSONValue.integer)
            fields["tcw"] = usage.cacheWritten.map(JSONValue.integer)
        }
        gateway.ledger.note(RecordDraft(.netClose, run: source.run, fields: fields))
    }

    private func fields(of asked: EgressDestination, _ source: EgressSource) -> JSONObject {
        var fields = source.fields
        fields["port"] = .integer(Int64(asked.target.port))
        fields["acc"] = .string(asked.access.rawValue)
        return fields
    }

    private func microseconds(_ milliseconds: Int64) -> JSONValue {
        .integer(min(milliseconds, 1 << 43) * 1000)
    }
}
