/// The requirements on records that each can meet alone and only one log as a whole: one genesis, one node, one agent in a
/// run, known policies, fields of one kind (docs/auditing.md, section 6).
struct LogConsistency {
    private var node: Octets?
    private var agents: [RecordID: Octets] = [:]
    private var policies: Set<Digest> = []
    private var isWhole = true
    private var isFirst = true

    mutating func addPruned() {
        isFirst = false
        isWhole = false
    }

    mutating func add(_ record: Record, at index: UInt64) throws(Fault) {
        let fields = record.fields
        if isFirst {
            isFirst = false
            isWhole = index == 0 && fields.range("from") == nil
        }
        guard index == 0 || record.type != "log.genesis" else { throw Fault("a log begins once") }
        try checkKinds(fields)
        let written = fields.text("node")
        defer { node = node ?? written }
        guard node == nil || node == written else {
            throw Fault("it is of another node than the records before")
        }
        if let run = record.run, record.sequence != nil {
            if let agent = fields.text("agent") {
                guard agents[run, default: agent] == agent else {
                    throw Fault("it is of another agent than the records of its run")
                }
                agents[run] = agent
            }
            if record.type == "run.end" { agents[run] = nil }
        }
        guard let policy = fields.digest("pol") else { return }
        if record.type == "policy.loaded" { policies.insert(policy) }
        guard record.type == "call.intent", isWhole, !policies.isEmpty else { return }
        guard policies.contains(policy) else {
            throw Fault("it names a policy that was not in force")
        }
    }

    private func checkKinds(_ fields: JSONObject) throws(Fault) {
        for member in fields.members {
            let name = Octets(fields.bytes[member.key])
            guard let kind = Self.kinds[name] else { continue }
            guard kind.holds(fields, member.value) else {
                throw Fault("`\(name)` has a value of another kind")
            }
        }
    }

    /// The kind of each field that has one kind in every record.
    private static let kinds: [Octets: FieldKind] = {
        let names: [(FieldKind, String)] = [
            (
                .name,
                """
                acc agent as back bid boot_id bucket channel cny code ctx day dec dl end ev fmt group guard hcall \
                head hev host hv iso jti kind last level list mode model name origin par path point proto risk role \
                rp rule scope sec series server ses sess sig signal since src srv st sub subject svc target ticket \
                tool type variant verdict via vkey
                """
            ),
            (.id, "alarm alert appr call elev id inc ofrun req run rvw sbx seal trun"),
            (
                .digest,
                """
                argv base bindc cand cred digest fp h intent key lock now pol rand scan sum toolv ver
                """
            ),
            (.person, "answer author own who"),
            (.people, "seats signers"),
            (.names, "asked codes deg det flags layers obl only orders refused roles rules runs"),
            (.flag, "ech founding hprompt late passed told vals"),
            (
                .count,
                """
                abi agents amt approvals blobs cnt cos cpu date due dur earlier errno exit exp files flg floor free \
                gate i kep left marks mem min missed n ndrop need open part parts points port recv rev round row rss sent size \
                status tcr tcw tin tl tools tout unknown until up upto uses waived wall was wide
                """
            ),
            (.object, "ctl find home next nfind"),
            (.objects, "att counts grants items units"),
            (
                .payload,
                """
                again ans answers args bind change changes detail diff dst findings flaw in insp load note order out proof \
                q reason release res said setup text
                """
            ),
        ]
        var kinds: [Octets: FieldKind] = [:]
        for (kind, list) in names {
            for name in list.split(separator: " ") { kinds[Octets(name.utf8)] = kind }
        }
        return kinds
    }()
}

/// The kind of a field's value, in the words of docs/records.md.
private enum FieldKind {
    case name, id, digest, person, people, names, flag, count, object, objects, payload

    func holds(_ fields: JSONObject, _ range: Range<Int>) -> Bool {
        let value = fields.bytes[range]
        return switch self {
        case .name: JSONObject.text(value).map { !$0.bytes.isEmpty } ?? false
        case .id: JSONObject.text(value).flatMap { RecordID($0.bytes) } != nil
        case .digest: JSONObject.text(value).flatMap { Digest(base64: $0.bytes[...]) } != nil
        case .person: JSONObject.text(value).flatMap { Base64.decode($0.bytes[...]) }?.count == 16
        case .people: each(fields, range) { FieldKind.person.holds(fields, $0) }
        case .names: each(fields, range) { FieldKind.name.holds(fields, $0) }
        case .flag: value.isText("true") || value.isText("false")
        case .count: Decimal.parse(value) != nil
        case .object: value.first == UInt8(ascii: "{")
        case .objects: each(fields, range) { FieldKind.object.holds(fields, $0) }
        case .payload: Commitment(fields, range) != nil
        }
    }

    private func each(
        _ fields: JSONObject, _ range: Range<Int>, _ holds: (Range<Int>) -> Bool
    ) -> Bool {
        guard fields.bytes[range].first == UInt8(ascii: "["),
            let elements = try? JSONScanner.elements(of: fields.bytes, in: range, fields.form)
        else { return false }
        return elements.allSatisfy(holds)
    }
}
