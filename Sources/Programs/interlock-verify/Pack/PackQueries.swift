/// The records from which the samples of each control are drawn (docs/evidence.md): those that show what was permitted or
/// done, and those that show what was refused or went wrong.
struct PackQuery {
    let kind: Octets
    let type: String
    /// A field and its value that such a record has, or nil if the type alone decides.
    let field: (name: [UInt8], value: [UInt8])?
    let isRefusal: Bool

    private init(_ text: Substring, isRefusal: Bool) {
        let words = text.split(separator: " ")
        kind = Octets(words[0].utf8)
        type = String(words[1])
        if words.count > 3 {
            field = (name: Array(words[2].utf8), value: Array("\"\(words[3])\"".utf8))
        } else {
            field = nil
        }
        self.isRefusal = isRefusal
    }

    func holds(_ record: Record) -> Bool {
        guard record.type == type else { return false }
        guard let field else { return true }
        return record.fields.has(field.name, field.value)
    }

    /// The queries by control.
    static let all: [Octets: [PackQuery]] = {
        var queries: [Octets: [PackQuery]] = [:]
        for line in table.split(separator: "\n") {
            let sides = line.split(separator: "|", omittingEmptySubsequences: false)
            let words = sides[0].split(separator: ":")
            let permitted = words[1].split(separator: ",")
            let refused = sides.count > 1 ? sides[1].split(separator: ",") : []
            queries[Octets(words[0].utf8)] =
                permitted.map { PackQuery($0, isRefusal: false) }
                + refused.map { PackQuery($0, isRefusal: true) }
        }
        return queries
    }()

    /// The control, then the kinds of what was permitted and of what was refused: each a kind, a type, and a field with its
    /// value.
    private static let table = """
        C01: allowed call.intent dec allow | denied call.denied
        C02: started run.start | refused access.refused
        C03: issued token.issued
        C04: granted elevation.granted | rejected elevation.denied
        C05: approved approval.granted | rejected approval.denied
        C06: viewed approval.viewed | probe approval.probe
        C07: reserved budget.reserved | limited limit.hit, opened breaker.opened
        C08: drill kill.drill | effective kill.effective, violation kill.violation
        C09: outcome call.outcome | unknown call.unknown
        C10: listed key.listed, rotated key.rotate
        C11: erased payload.erased, pruned log.pruned
        C12: accepted pin.accepted | drifted pin.drift, quarantined server.quarantined
        C13: started run.start | degraded run.degraded
        C14: connected net.connect
        C15: outcome call.outcome | unredacted redaction.failed
        C16: tainted run.tainted | denied call.denied
        C17: passed eval.result verdict pass | failed eval.result verdict fail, refused eval.refused
        C18: promoted trust.promoted | demoted trust.demoted
        C19: signed review.signed
        C20: loaded policy.loaded
        C21: raised alarm.raised, disposed alarm.disposed
        C22: passed merge.checked verdict pass | refused merge.checked verdict refused
        C23: installed hook.installed | unmanaged host.unmanaged
        C24: opened incident.opened, closed incident.closed
        """
}

/// The choice of the samples of a control: the records whose HMAC under the seed is smallest (docs/evidence.md).
struct PackChoice {
    private let limit: Int
    private var permitted: [(code: Digest, leaf: Digest)] = []
    private var refused: [(code: Digest, leaf: Digest)] = []

    init(limit: Int) { self.limit = limit }

    mutating func add(_ leaf: Digest, code: Digest, isRefusal: Bool) {
        if isRefusal {
            PackChoice.insert((code, leaf), into: &refused, limit)
        } else {
            PackChoice.insert((code, leaf), into: &permitted, limit)
        }
    }

    private static func insert(
        _ one: (code: Digest, leaf: Digest), into list: inout [(code: Digest, leaf: Digest)],
        _ limit: Int
    ) {
        if list.count >= limit {
            guard let last = list.last, one.code < last.code else { return }
            list.removeLast()
        }
        let place = list.firstIndex { one.code < $0.code } ?? list.endIndex
        list.insert(one, at: place)
    }

    /// The smallest of all; if they are of one side alone and the other has records, its smallest replaces the last.
    var leaves: [Digest] {
        let merged = (permitted + refused).sorted { $0.code < $1.code }
        var chosen = Array(merged.prefix(limit).map { $0.leaf })
        guard limit > 1 else { return chosen }
        for side in [permitted, refused] {
            guard let first = side.first, !side.contains(where: { chosen.contains($0.leaf) })
            else { continue }
            chosen[chosen.count - 1] = first.leaf
        }
        return chosen
    }
}
